import { VirtualClock } from '../../../../emulator/core/clock';
import { type Fault, HttpServer, type ServiceCall } from '../../../../emulator/core/http-server';
import { emulateEcs } from '../../../../emulator/services/ecs/service';
import type { EcsSeed } from '../../../../emulator/services/ecs/simulated-service';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service } from '../../../../lambda/deployment/services/ecs';
import type { CancellationSettings } from '../../../../lib/contract/cancellation';

const AWS = awsContextOf({ invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment' });
const RUNNING = { at: -60_000 };
const OVER = { at: -600_000, steps: [{ after: 60_000, status: 'SUCCESSFUL' }] } as const;

process.env.AWS_REGION = 'us-east-1';
process.env.AWS_ACCESS_KEY_ID = 'any';
process.env.AWS_SECRET_ACCESS_KEY = 'any';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Served {
  readonly clusters: EcsSeed['clusters'];
  readonly faults?: (call: ServiceCall) => Fault | undefined;
  /** Replaces the response to ListServices. */
  readonly services?: object;
}

async function listerOf({ clusters, faults = () => undefined, services }: Served) {
  const clock = new VirtualClock();
  // Time stands still.
  clock.hold();
  const { api } = emulateEcs({ clusters }, clock);
  const calls: ServiceCall[] = [];
  const server = await HttpServer.listen({
    services: [{ ...api, call: (call) => (call.operation === 'ListServices' && services ? services : api.call(call)) }],
    faults,
    onCall: (call) => calls.push(call),
  });
  servers.push(server);
  const settings: CancellationSettings = {
    timeoutSeconds: 1800,
    failOn: [],
    onNotFound: 'fail',
    includeStatusMessage: false,
    endpoint: server.url,
  };
  const fleet = { kind: 'ecs-cluster-services', identifiers: { clusterName: 'prod' } };
  const lister = service.connect(settings, AWS).listerFor?.(fleet);
  if (!lister) throw new Error('the service lists no fleets');
  return { calls, lister };
}

const ID = expect.stringMatching(/^[0-9A-Za-z_-]{22}$/);

test('every service of the cluster is listed, with its newest deployment in flight', async () => {
  const { lister, calls } = await listerOf({
    clusters: [
      {
        name: 'prod',
        services: [
          { name: 'web', deployments: [OVER, { at: -120_000 }, RUNNING] },
          { name: 'api', deployments: [OVER] },
          { name: 'new' },
        ],
      },
      { name: 'test', services: [{ name: 'web', deployments: [RUNNING] }] },
    ],
  });
  expect(lister.displayName).toBe('ecs services in cluster prod');
  const page = await lister.page();
  expect(page).toEqual({
    kind: 'page',
    listed: [
      { key: 'web', phase: 'IN_PROGRESS', deploymentId: ID, startedAt: expect.any(Number) },
      { key: 'api', phase: 'COMPLETED' },
      { key: 'new', phase: 'COMPLETED' },
    ],
    next: undefined,
  });
  const startedAt = page.kind === 'page' ? page.listed[0]?.startedAt : undefined;
  expect(startedAt).toBe(new VirtualClock().now() - 60_000);
  expect(calls.map(({ operation, input }) => [operation, input.cluster, input.service])).toEqual([
    ['ListServices', 'prod', undefined],
    ['ListServiceDeployments', 'prod', 'web'],
    ['ListServiceDeployments', 'prod', 'api'],
    ['ListServiceDeployments', 'prod', 'new'],
  ]);
});

test('the services come on pages', async () => {
  const services = Array.from({ length: 23 }, (_, index) => ({ name: `s${index}`, deployments: [RUNNING] }));
  const { lister } = await listerOf({ clusters: [{ name: 'prod', services }] });
  const keys: string[] = [];
  let from: string | undefined;
  do {
    const page = await lister.page(from);
    if (page.kind !== 'page') throw new Error(`no page: ${JSON.stringify(page)}`);
    keys.push(...page.listed.map(({ key }) => key));
    from = page.next;
  } while (from !== undefined);
  expect(keys).toEqual(services.map(({ name }) => name));
});

test.each(['ServiceNotFoundException', 'UnsupportedFeatureException'])(
  'a service whose deployments end with %s has none in flight',
  async (type) => {
    const services = ['gone', 'web'].map((name) => ({ name, deployments: [RUNNING] }));
    const faults = ({ input }: ServiceCall): Fault | undefined =>
      input.service === 'gone' ? { kind: 'error', type } : undefined;
    const { lister } = await listerOf({ clusters: [{ name: 'prod', services }], faults });
    expect(await lister.page()).toMatchObject({
      listed: [
        { key: 'gone', phase: 'COMPLETED' },
        { key: 'web', phase: 'IN_PROGRESS' },
      ],
    });
  },
);

test.each([
  ['ThrottlingException', 'throttled'],
  ['AccessDeniedException', 'denied'],
])('the error %s of one service is the error of the page', async (type, errorType) => {
  const services = ['api', 'web'].map((name) => ({ name, deployments: [RUNNING] }));
  const faults = ({ input }: ServiceCall): Fault | undefined =>
    input.service === 'web' ? { kind: 'error', type } : undefined;
  const { lister } = await listerOf({ clusters: [{ name: 'prod', services }], faults });
  expect(await lister.page()).toMatchObject({
    kind: 'error',
    errorType,
    action: 'ecs:ListServiceDeployments',
    resourceArn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/web',
  });
});

test('a cluster that does not exist is not found', async () => {
  const { lister } = await listerOf({ clusters: [] });
  expect(await lister.page()).toMatchObject({ kind: 'not-found' });
});

test.each([
  ['without a list', {}, 'the response has no list of services'],
  ['with a service without a name', { serviceArns: ['arn:x/'] }, 'the response has a service without its name'],
  ['with the same page again', { serviceArns: [], nextToken: 'from-10' }, 'the next page is the same page'],
])('a response %s is an error', async (_, services, message) => {
  const { lister } = await listerOf({ clusters: [{ name: 'prod' }], services });
  expect(await lister.page('from-10')).toMatchObject({ kind: 'error', errorName: 'InvalidResponseError', message });
});
