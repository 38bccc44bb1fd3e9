import { VirtualClock } from '../../../../emulator/core/clock';
import { type Fault, HttpServer, type HttpService, type ServiceCall } from '../../../../emulator/core/http-server';
import { jsonProtocol } from '../../../../emulator/core/protocols';
import { BEHAVIORS, behaviors, FLEET_NAMES, fleetSeed } from '../../../../emulator/services/proton/fleet-scenarios';
import type { InitialState } from '../../../../emulator/services/proton/plan';
import { protonService } from '../../../../emulator/services/proton/service';
import { SimulatedProton } from '../../../../emulator/services/proton/simulated-service';
import type { FleetLister } from '../../../../lambda/deployment/fleet/fleet-lister';
import { awsContextOf } from '../../../../lambda/deployment/services/aws-context';
import { service as proton } from '../../../../lambda/deployment/services/proton';
import type { CancellationSettings } from '../../../../lib/contract/cancellation';
import type { ProtonFleetKind } from '../../../../lib/deployments/proton/fleet-kinds';

const AWS = awsContextOf({ invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment' });

process.env.AWS_REGION = 'us-east-1';
process.env.AWS_ACCESS_KEY_ID = 'any';
process.env.AWS_SECRET_ACCESS_KEY = 'any';

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Served {
  readonly service?: HttpService;
  readonly seed?: InitialState;
  readonly fault?: Fault;
}

async function serve({ service, seed = {}, fault }: Served) {
  const calls: ServiceCall[] = [];
  const clock = new VirtualClock();
  // Time stands still.
  clock.hold();
  const services = [service ?? protonService(new SimulatedProton(seed, clock))];
  const server = await HttpServer.listen({ services, faults: () => fault, onCall: (call) => calls.push(call) });
  servers.push(server);
  const listerOf = (kind: ProtonFleetKind, value: string): FleetLister => {
    const identifiers = { [kind === 'proton-service-instances' ? 'serviceName' : 'environmentName']: value };
    const settings: CancellationSettings = {
      timeoutSeconds: 1800,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
      endpoint: server.url,
    };
    const lister = proton.connect(settings, AWS).listerFor?.({ kind, identifiers });
    if (!lister) throw new Error('the service lists no fleets');
    return lister;
  };
  return { calls, listerOf };
}

/** Responds to every call with the same. */
const respondingWith = (output: object): HttpService => ({
  service: 'proton',
  protocol: jsonProtocol('AwsProton20200720', '1.0'),
  call: () => output,
});

/** Two services and two environments. */
const SEED: InitialState = {
  environments: [{ name: 'prod' }, { name: 'test' }],
  services: ['api', 'web'].map((service) => ({
    name: service,
    instances: ['prod', 'test'].map((environmentName) => ({
      name: `${service}-${environmentName}`,
      environmentName,
      deployments: [BEHAVIORS.cancelled],
    })),
  })),
};

const ID = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe('the service instances', () => {
  test('of a service are requested by its name', async () => {
    const { calls, listerOf } = await serve({ seed: SEED });
    const result = await listerOf('proton-service-instances', 'web').page();
    expect(result).toMatchObject({ kind: 'page', listed: [{ key: 'web/web-prod' }, { key: 'web/web-test' }] });
    expect(calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['ListServiceInstances', { serviceName: 'web', maxResults: 100 }],
    ]);
  });

  test('in an environment are requested with a filter', async () => {
    const { calls, listerOf } = await serve({ seed: SEED });
    const result = await listerOf('proton-environment-instances', 'prod').page();
    expect(result).toMatchObject({ kind: 'page', listed: [{ key: 'api/api-prod' }, { key: 'web/web-prod' }] });
    expect(calls[0]?.input).toEqual({ filters: [{ key: 'environmentName', value: 'prod' }], maxResults: 100 });
  });

  test('have their phase, and the id and the start time of their latest deployment, and nothing else', async () => {
    const { listerOf } = await serve({ seed: fleetSeed(behaviors({ cancelled: 1, idle: 1 })) });
    const result = await listerOf('proton-service-instances', FLEET_NAMES.serviceName).page();
    expect(result).toEqual({
      kind: 'page',
      next: undefined,
      listed: [
        { key: 'web/web-0001', phase: 'IN_PROGRESS', deploymentId: ID, startedAt: expect.any(Number) },
        { key: 'web/web-0002', phase: 'COMPLETED', deploymentId: ID, startedAt: expect.any(Number) },
      ],
    });
  });

  test('are returned page by page', async () => {
    const { listerOf, calls } = await serve({ seed: fleetSeed(behaviors({ cancelled: 250 })) });
    const lister = listerOf('proton-service-instances', 'web');
    const sizes: number[] = [];
    let from: string | undefined;
    do {
      const result = await lister.page(from);
      if (result.kind !== 'page') throw new Error(result.kind);
      sizes.push(result.listed.length);
      from = result.next;
    } while (from !== undefined);
    expect(sizes).toEqual([100, 100, 50]);
    expect(calls).toHaveLength(3);
  });
});

const OTHER = { name: 'x-prod', serviceName: 'x', environmentName: 'other', deploymentStatus: 'IN_PROGRESS' };

test.each(['proton-service-instances', 'proton-environment-instances'] as const)(
  'a service instance that was not requested is not in a fleet of %s',
  async (kind) => {
    const { listerOf } = await serve({ service: respondingWith({ serviceInstances: [OTHER] }) });
    expect(await listerOf(kind, 'web').page()).toMatchObject({ kind: 'page', listed: [] });
  },
);

test.each([
  ['without a list', {}, 'the response has no list of service instances'],
  [
    'without identifiers',
    { serviceInstances: [{ serviceName: 'web' }] },
    'the response has a service instance without its identifiers',
  ],
  ['with an invalid name', { serviceInstances: [{ serviceName: 'web', name: '../x' }] }, 'without its identifiers'],
])('a response %s is invalid', async (_what, output, message) => {
  const { listerOf } = await serve({ service: respondingWith(output) });
  expect(await listerOf('proton-service-instances', 'web').page()).toMatchObject({
    kind: 'error',
    errorType: 'unreachable',
    action: 'proton:ListServiceInstances',
    resourceArn: '*',
    message: expect.stringContaining(message),
  });
});

test('a page with itself as the next page is invalid', async () => {
  const { listerOf } = await serve({ service: respondingWith({ serviceInstances: [], nextToken: 'same' }) });
  const lister = listerOf('proton-service-instances', 'web');
  expect(await lister.page()).toMatchObject({ kind: 'page', next: 'same' });
  expect(await lister.page('same')).toMatchObject({ kind: 'error', errorType: 'unreachable' });
});

test('a service that does not exist is not found', async () => {
  const { listerOf } = await serve({});
  expect(await listerOf('proton-service-instances', 'web').page()).toEqual({
    kind: 'not-found',
    deploymentStatus: 'UNKNOWN',
  });
});

test.each([
  ['AccessDeniedException', 'denied'],
  ['ThrottlingException', 'throttled'],
  ['InternalServerException', 'server-error'],
  ['ValidationException', 'rejected'],
] as const)('%s is an error of type %s, after one request', async (type, kind) => {
  const { listerOf, calls } = await serve({ fault: { kind: 'error', type } });
  expect(await listerOf('proton-service-instances', 'web').page()).toMatchObject({ kind: 'error', errorType: kind });
  expect(calls).toHaveLength(1);
});
