import { VirtualClock } from '../../../../emulator/core/clock';
import { type Fault, HttpServer, type JsonService, type ServiceCall } from '../../../../emulator/core/http-server';
import { BEHAVIORS, behaviors, FLEET_NAMES, fleetSeed } from '../../../../emulator/services/proton/fleet-scenarios';
import type { InitialState } from '../../../../emulator/services/proton/plan';
import { protonService } from '../../../../emulator/services/proton/service';
import { SimulatedProton } from '../../../../emulator/services/proton/simulated-service';
import type { FleetLister } from '../../../../lambda/deployment/fleet/fleet-lister';
import { awsContextOf } from '../../../../lambda/deployment/services/aws';
import { protonFleetLister } from '../../../../lambda/deployment/services/proton/fleet-lister';
import type { CancellationSettings } from '../../../../lib/contract/cancellation';
import type { ProtonFleetKind } from '../../../../lib/deployments/proton/fleet-kinds';

const SURROUNDING = awsContextOf({ invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment' });

process.env.AWS_REGION = 'us-east-1';
process.env.AWS_ACCESS_KEY_ID = 'any';
process.env.AWS_SECRET_ACCESS_KEY = 'any';

const wires: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(wires.splice(0).map((server) => server.close()));
});

interface Served {
  readonly service?: JsonService;
  readonly seed?: InitialState;
  readonly fault?: Fault;
}

async function serve({ service, seed = {}, fault }: Served) {
  const calls: ServiceCall[] = [];
  const clock = new VirtualClock();
  // Nothing moves.
  clock.hold();
  const services = [service ?? protonService(new SimulatedProton(seed, clock))];
  const server = await HttpServer.listen({ services, faults: () => fault, onCall: (call) => calls.push(call) });
  wires.push(server);
  const rosterOf = (kind: ProtonFleetKind, value: string): FleetLister => {
    const identifiers = { [kind === 'proton-service-instances' ? 'serviceName' : 'environmentName']: value };
    const settings: CancellationSettings = {
      timeoutSeconds: 1800,
      failOn: [],
      onNotFound: 'fail',
      includeStatusMessage: false,
      endpoint: server.url,
    };
    return protonFleetLister({ kind, identifiers }, settings, SURROUNDING);
  };
  return { calls, rosterOf };
}

/** Answers every call with the same. */
const answering = (output: object): JsonService => ({
  service: 'proton',
  target: 'AwsProton20200720',
  version: '1.0',
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

describe('the service instances', () => {
  test('of a service are asked for by its name', async () => {
    const { calls, rosterOf } = await serve({ seed: SEED });
    const answer = await rosterOf('proton-service-instances', 'web').page();
    expect(answer).toMatchObject({ kind: 'page', listed: [{ key: 'web/web-prod' }, { key: 'web/web-test' }] });
    expect(calls.map(({ operation, input }) => [operation, input])).toEqual([
      ['ListServiceInstances', { serviceName: 'web', maxResults: 100 }],
    ]);
  });

  test('in an environment are asked for with a filter', async () => {
    const { calls, rosterOf } = await serve({ seed: SEED });
    const answer = await rosterOf('proton-environment-instances', 'prod').page();
    expect(answer).toMatchObject({ kind: 'page', listed: [{ key: 'api/api-prod' }, { key: 'web/web-prod' }] });
    expect(calls[0]?.input).toEqual({ filters: [{ key: 'environmentName', value: 'prod' }], maxResults: 100 });
  });

  test('come with their phase and the id of their last deployment, and nothing else', async () => {
    const { rosterOf } = await serve({ seed: fleetSeed(behaviors({ cancelled: 1, idle: 1 })) });
    const answer = await rosterOf('proton-service-instances', FLEET_NAMES.serviceName).page();
    expect(answer).toEqual({
      kind: 'page',
      next: undefined,
      listed: [
        { key: 'web/web-0001', phase: 'IN_PROGRESS', deploymentId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        { key: 'web/web-0002', phase: 'COMPLETED', deploymentId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      ],
    });
  });

  test('that are more than a page come page by page', async () => {
    const { rosterOf, calls } = await serve({ seed: fleetSeed(behaviors({ cancelled: 250 })) });
    const lister = rosterOf('proton-service-instances', 'web');
    const sizes: number[] = [];
    let from: string | undefined;
    do {
      const answer = await lister.page(from);
      if (answer.kind !== 'page') throw new Error(answer.kind);
      sizes.push(answer.listed.length);
      from = answer.next;
    } while (from !== undefined);
    expect(sizes).toEqual([100, 100, 50]);
    expect(calls).toHaveLength(3);
  });
});

const STRANGER = { name: 'x-prod', serviceName: 'x', environmentName: 'other', deploymentStatus: 'IN_PROGRESS' };

test.each(['proton-service-instances', 'proton-environment-instances'] as const)(
  'what a service answers that was not asked for is not of a fleet of %s',
  async (kind) => {
    const { rosterOf } = await serve({ service: answering({ serviceInstances: [STRANGER] }) });
    expect(await rosterOf(kind, 'web').page()).toMatchObject({ kind: 'page', listed: [] });
  },
);

test.each([
  ['without a list', {}, 'no list of service instances was answered'],
  [
    'without identifiers',
    { serviceInstances: [{ serviceName: 'web' }] },
    'a service instance was answered without its identifiers',
  ],
  ['with a name that is none', { serviceInstances: [{ serviceName: 'web', name: '../x' }] }, 'without its identifiers'],
])('an answer %s is no answer', async (_what, output, message) => {
  const { rosterOf } = await serve({ service: answering(output) });
  expect(await rosterOf('proton-service-instances', 'web').page()).toMatchObject({
    kind: 'error',
    errorType: 'unreachable',
    action: 'proton:ListServiceInstances',
    resourceArn: '*',
    message: expect.stringContaining(message),
  });
});

test('a page that says that it is the next one itself is no answer: it would never end', async () => {
  const { rosterOf } = await serve({ service: answering({ serviceInstances: [], nextToken: 'same' }) });
  const lister = rosterOf('proton-service-instances', 'web');
  expect(await lister.page()).toMatchObject({ kind: 'page', next: 'same' });
  expect(await lister.page('same')).toMatchObject({ kind: 'error', errorType: 'unreachable' });
});

test('a service that does not exist is missing', async () => {
  const { rosterOf } = await serve({});
  expect(await rosterOf('proton-service-instances', 'web').page()).toEqual({
    kind: 'not-found',
    deploymentStatus: 'UNKNOWN',
  });
});

test.each([
  ['AccessDeniedException', 'denied'],
  ['ThrottlingException', 'throttled'],
  ['InternalServerException', 'server-error'],
  ['ValidationException', 'rejected'],
] as const)('%s is an error of type %s, after one call', async (type, kind) => {
  const { rosterOf, calls } = await serve({ fault: { kind: 'error', type } });
  expect(await rosterOf('proton-service-instances', 'web').page()).toMatchObject({ kind: 'error', errorType: kind });
  expect(calls).toHaveLength(1);
});
