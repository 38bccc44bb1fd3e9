import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import type { StackDescription } from '../../emulator/aws/cloudformation/stack-description';
import type { LambdaFaults } from '../../emulator/aws/lambda/function';
import { VirtualClock } from '../../emulator/core/clock';
import type { Fault, Faults } from '../../emulator/core/http-server';
import type { EmulatorOptions } from '../../emulator/emulator-options';
import {
  BEHAVIORS,
  behaviors,
  FLEET_NAMES,
  FLEET_SCENARIOS,
  type FleetScenario,
  fleetSeed,
  THOUSAND,
} from '../../emulator/services/proton/fleet-scenarios';
import { type InitialState, MINUTES, SECONDS } from '../../emulator/services/proton/plan';
import { Assembly } from '../../emulator/simulation/assembly';
import { faultsOf } from '../../emulator/simulation/faults';
import { unpack } from '../../lambda/deployment/fleet/packed';
import { BATCH_SIZE, type Batch } from '../../lib/contract/fleet';
import {
  type CancellableFleet,
  CancellationOutcome,
  DeploymentFleet,
  FleetCancellation,
  type FleetCancellationProps,
  ProtonDeployment,
  ProtonFleet,
} from '../../lib/index';
import { expectNoSecrets, Recorder } from './recorder';

/** The largest output of a state. */
const MAX_STATE = 256 * 1024;
/** The largest history of an execution. */
const MAX_HISTORY = 25_000;

const OF_SERVICE = ProtonFleet.fromServiceName('web');
const ROOT = mkdtempSync(join(tmpdir(), 'cdk.out-'));
let runs = 0;

// Some of these tests run dozens of functions, and each is a thread.
jest.setTimeout(60_000);
afterAll(() => {
  rmSync(ROOT, { recursive: true });
});

interface Run extends Pick<FleetScenario, 'seed'>, Pick<EmulatorOptions, 'consistency'> {
  readonly fleet?: CancellableFleet;
  readonly props?: Partial<FleetCancellationProps>;
  /** @param now the clock of the run */
  readonly faults?: (now: () => number) => Faults;
  readonly lambdaFaults?: LambdaFaults;
}

interface Ran {
  readonly recorder: Recorder;
  readonly stack: StackDescription;
  readonly seconds: number;
  /** The attributes of the fleet in the response to CloudFormation. */
  readonly data: Readonly<Record<string, string>>;
  /** The reason why the resource failed. */
  readonly reason: string;
}

/** Creates a stack that cancels a fleet, on a new emulator. */
async function create({ seed, fleet = OF_SERVICE, props, faults, lambdaFaults, consistency }: Run): Promise<Ran> {
  const outdir = join(ROOT, String(runs++));
  const app = new App({ outdir });
  new FleetCancellation(new Stack(app, 'Stack'), 'Fleet', { fleet, ...props });
  app.synth();
  const clock = new VirtualClock();
  const release = clock.hold();
  const begin = clock.now();
  const assembly = new Assembly(outdir);
  const recorder = await Recorder.start({
    clock,
    assembly,
    seed,
    consistency,
    faults: faults?.(() => clock.now()),
    lambdaFaults,
  });
  try {
    const [synthesised] = assembly.stacks;
    if (!synthesised) throw new Error('there is no stack');
    const created = recorder.emulator.cloudFormation.createStack(synthesised);
    release();
    const stack = await created;
    const hold = clock.hold();
    const seconds = (clock.now() - begin) / 1000;
    hold();
    await Promise.all(recorder.emulator.stepFunctions.executions.map(({ ended }) => ended));
    const answer = JSON.parse(recorder.answers[0]?.body ?? '{}') as { Data?: Record<string, string>; Reason?: string };
    expectNoSecrets(recorder);
    return { recorder, stack, seconds, data: answer.Data ?? {}, reason: answer.Reason ?? '' };
  } finally {
    await recorder.emulator.close();
  }
}

/** The deployments at the start of the run: the second one of each instance. */
function firstOnes({ recorder }: Ran): Set<string> {
  return new Set(recorder.emulator.proton.resources.map(({ deployments }) => deployments[1]?.id ?? ''));
}

/** The number of calls of Proton, by operation. */
function callsOf({ recorder }: Ran): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { call } of recorder.calls) {
    if (call.service === 'proton') counts[call.operation] = (counts[call.operation] ?? 0) + 1;
  }
  return counts;
}

/** The size of the largest input or output of a state. */
function largestState({ recorder }: Ran): number {
  const texts = recorder.emulator.stepFunctions.executions.flatMap(({ history, input, output = '' }) => [
    input,
    output,
    ...history.flatMap(({ details }) => [details?.input, details?.output]),
  ]);
  return Math.max(...texts.map((text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0)));
}

const THROTTLED: Fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' };

/** Throttles calls of Proton that exceed a rate or a burst. */
function atMost(callsPerSecond: number, burst = 5): (now: () => number) => Faults {
  return (now) => {
    let tokens = burst;
    let at = now();
    return ({ service }) => {
      if (service !== 'proton') return undefined;
      tokens = Math.min(burst, tokens + ((now() - at) / 1000) * callsPerSecond);
      at = now();
      if (tokens < 1) return THROTTLED;
      tokens--;
      return undefined;
    };
  };
}

describe('a fleet', () => {
  test('of a service is cancelled, and its output counts the outcomes', async () => {
    const ran = await create(FLEET_SCENARIOS.fleet);
    expect(ran.stack).toMatchObject({
      status: 'CREATE_COMPLETE',
      outputs: [{ value: '12 deployments: 7 cancelled, 2 completed first, 1 superseded, 2 untouched' }],
    });
    expect(ran.data).toEqual({
      summary: '12 deployments: 7 cancelled, 2 completed first, 1 superseded, 2 untouched',
      total: '12',
      cancelled: '7',
      completedFirst: '2',
      failed: '0',
      superseded: '1',
      untouched: '2',
      failedDeployments: '',
      executionArn: expect.stringContaining(':execution:'),
    });
    // The newer deployment of the superseded one is not cancelled.
    expect(ran.recorder.cancelled).toHaveLength(10);
    for (const id of ran.recorder.cancelled) expect(firstOnes(ran)).toContain(id);
  });

  test('of an environment contains the deployments of all services in it, and no others', async () => {
    const instance = (name: string, environmentName: string) => ({
      name,
      environmentName,
      deployments: [BEHAVIORS.cancelled],
    });
    const seed: InitialState = {
      environments: [{ name: 'prod' }, { name: 'test' }],
      services: [
        { name: 'api', instances: [instance('api-prod', 'prod'), instance('api-test', 'test')] },
        { name: 'web', instances: [instance('web-prod', 'prod'), instance('web-test', 'test')] },
      ],
    };
    const ran = await create({ seed, fleet: ProtonFleet.fromEnvironmentName('prod') });
    expect(ran.data.summary).toBe('2 deployments: 2 cancelled');
    expect(ran.recorder.emulator.proton.acceptedCancels.map(({ resource }) => resource).sort()).toEqual([
      'service/api/service-instance/api-prod',
      'service/web/service-instance/web-prod',
    ]);
  });

  test('of a list may have several kinds and 100 deployments, and fails if one does not exist', async () => {
    const soon = { at: -2 * MINUTES, onCancel: { steps: [{ after: 5 * SECONDS, status: 'CANCELLED' as const }] } };
    const seed = fleetSeed(Array.from({ length: 98 }, () => soon));
    const listed = Array.from({ length: 99 }, (_, index) => `web-${String(index + 1).padStart(4, '0')}`);
    const fleet = DeploymentFleet.fromDeployments([
      ...listed.map((serviceInstanceName) =>
        ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName }),
      ),
      ProtonDeployment.environment({ environmentName: 'prod' }),
    ]);
    const ran = await create({ seed, fleet });
    expect(ran.stack.status).toBe('ROLLBACK_COMPLETE');
    expect(ran.data).toMatchObject({
      summary: '100 deployments: 98 cancelled, 2 untouched',
      failedDeployments: 'service instance web/web-0099: NOT_FOUND',
    });
    expect(ran.reason).toMatch(
      /^of 100 listed deployments, 1 failed; the first, service instance web\/web-0099, as NOT_FOUND: service instance/,
    );
    expect(callsOf(ran).ListServiceInstances).toBeUndefined();
  });

  test('without deployments in flight, or that does not exist, succeeds', async () => {
    const idle = await create({ ...FLEET_SCENARIOS['fleet-idle'], consistency: 'strong' });
    expect(idle.data.summary).toBe('3 deployments: 3 untouched');
    // The first list may be behind what was started a moment ago.
    expect(callsOf(idle)).toEqual({ ListServiceInstances: 2 });

    const fleet = ProtonFleet.fromServiceName('api');
    const missing = await create({ ...FLEET_SCENARIOS['fleet-idle'], fleet });
    expect(missing.reason).toMatch(/^service instances of api was not found; check its names/);
  });

  test('fails if one cancellation fails, after all others have ended', async () => {
    const ran = await create(FLEET_SCENARIOS['fleet-with-one-bad']);
    expect(ran.stack.status).toBe('ROLLBACK_COMPLETE');
    expect(ran.data).toMatchObject({ cancelled: '29', failed: '1', failedDeployments: 'web/web-0001: REFUSED' });
    expect(ran.reason).toMatch(
      /^of 30 service instances of web, 1 failed; the first, web\/web-0001, as REFUSED: the service refused proton:Cancel/,
    );
    expect(ran.seconds).toBeLessThan(60);
  });

  test('applies failOn to each of its deployments', async () => {
    const props = { failOn: [CancellationOutcome.COMPLETED_FIRST] };
    const ran = await create({ seed: fleetSeed(behaviors({ cancelled: 3, completesFirst: 2 })), props });
    expect(ran.reason).toMatch(
      /^of 5 service instances of web, 2 failed; the first, web\/web-0004, as COMPLETED_FIRST:/,
    );
    expect(ran.data.failedDeployments).toBe('web/web-0004: COMPLETED_FIRST, web/web-0005: COMPLETED_FIRST');
  });

  test('fails after the timeout with the deployments that have not ended', async () => {
    const stuck = { at: -2 * MINUTES, onCancel: { steps: [] } };
    const seed = fleetSeed(['cancelled', stuck, stuck, 'cancelled']);
    const ran = await create({ seed, props: { timeout: Duration.minutes(6) } });
    expect(ran.data).toMatchObject({ cancelled: '2', failed: '2' });
    expect(ran.reason).toMatch(/2 failed; the first, web\/web-0002, as TIMED_OUT: the timeout of 360 s has passed/);
    expect(ran.seconds).toBeLessThan(6 * 60 + 10);
  });
});

test('a deployment that starts after the fleet was listed is not cancelled', async () => {
  // The second batch waits for the first. Half of it has newer deployments by then.
  const overtaken = {
    at: -2 * MINUTES,
    steps: [
      { after: 2 * MINUTES + 20 * SECONDS, status: 'SUCCEEDED' as const },
      { after: 0, start: { steps: [{ after: 25 * MINUTES, status: 'SUCCEEDED' as const }] } },
    ],
  };
  const seed = fleetSeed([...behaviors({ cancelled: 37 }), ...Array.from({ length: 13 }, () => overtaken)]);
  const ran = await create({ seed, props: { maxConcurrency: 25 } });
  expect(ran.data.summary).toBe('50 deployments: 37 cancelled, 13 superseded');
  expect(ran.recorder.cancelled).toHaveLength(37);
  for (const id of ran.recorder.cancelled) expect(firstOnes(ran)).toContain(id);
  expect(ran.seconds).toBeGreaterThan(80);
});

describe('throttling', () => {
  test('in bursts, of every call, delays a fleet, and nothing fails', async () => {
    const { seed, faults } = FLEET_SCENARIOS['fleet-throttled'];
    const ran = await create({ seed, faults: () => faultsOf(faults) });
    expect(ran.data.summary).toBe('60 deployments: 60 cancelled');
    expect(ran.seconds).toBeLessThan(100);
  });

  test('at a tenth of the rate of the fleet delays it, and nothing fails', async () => {
    // Each deployment is polled every other second.
    const ran = await create({ seed: fleetSeed(behaviors({ cancelled: 30 })), faults: atMost(1.5) });
    expect(ran.data.summary).toBe('30 deployments: 30 cancelled');
    expect(ran.recorder.cancelled).toHaveLength(30);
    expect(ran.seconds).toBeGreaterThan(60);
    expect(ran.seconds).toBeLessThan(15 * 60);
  });
});

describe('a function failure', () => {
  const isBatch = (event: unknown) => (event as { fleetStep?: string }).fleetStep === 'CANCEL';

  test('once, in the middle of each batch, changes nothing', async () => {
    const seen = new Set<string>();
    const lambdaFaults: LambdaFaults = ({ event }) => {
      const { fleetStep, batch } = event as { fleetStep?: string; batch?: Batch };
      const key = JSON.stringify([fleetStep, batch && typeof unpack(batch.packed)[0]]);
      if (fleetStep === undefined || seen.has(key)) return undefined;
      seen.add(key);
      return { kind: 'crash', when: 'after' };
    };
    const ran = await create({ ...FLEET_SCENARIOS.fleet, lambdaFaults });
    expect(seen.size).toBeGreaterThan(3);
    expect(ran.data.summary).toBe('12 deployments: 7 cancelled, 2 completed first, 1 superseded, 2 untouched');
    expect(ran.recorder.cancelled).toHaveLength(10);
  });

  test('that is permanent fails only its batch, and the reason says so', async () => {
    const lambdaFaults: LambdaFaults = ({ event }) => {
      if (!isBatch(event)) return undefined;
      const text = JSON.stringify(unpack((event as { batch: Batch }).batch.packed));
      return text.includes('web-0001') ? { kind: 'crash', when: 'before' } : undefined;
    };
    const ran = await create({ seed: fleetSeed(behaviors({ cancelled: 40 })), lambdaFaults });
    expect(ran.data).toMatchObject({
      summary: '40 deployments: 20 cancelled, 20 failed',
      failedDeployments: '20 more',
    });
    expect(ran.reason).toMatch(/20 failed; the deployment function failed with Runtime.ExitError; look into its log/);
  });

  test.each(['FIND', 'SUMMARISE'])('that is permanent in the step %s still sends a response', async (step) => {
    const lambdaFaults: LambdaFaults = ({ event }) =>
      (event as { fleetStep?: string }).fleetStep === step ? { kind: 'crash', when: 'before' } : undefined;
    const ran = await create({ ...FLEET_SCENARIOS.fleet, lambdaFaults });
    expect(ran.stack.status).toBe('ROLLBACK_COMPLETE');
    expect(ran.reason).toMatch(/^the deployment function of the cancellation failed with Runtime.ExitError/);
  });
});

/** `npm run test:slow` runs 1000 deployments, which takes a minute. */
const SIZE = Number(process.env.FLEET_SIZE ?? 100);

test('a large fleet with the longest names is cancelled at once, and its calls grow linearly', async () => {
  const names = { ...FLEET_NAMES, serviceName: 'w'.repeat(100) };
  const short = fleetSeed(THOUSAND, names);
  const [service] = short.services ?? [];
  if (!service?.instances) throw new Error('there is no service');
  const every = service.instances.length / SIZE;
  const instances = service.instances
    .filter((_one, index) => index % every === 0)
    .map((one, index) => ({ ...one, name: String(index).padStart(100, 'i') }));
  const seed: InitialState = { ...short, services: [{ ...service, instances }] };
  const fleet = ProtonFleet.fromServiceName(names.serviceName);
  const ran = await create({ seed, fleet, consistency: 'strong' });

  const part = (ofThousand: number) => (ofThousand * SIZE) / 1000;
  const inFlight = part(980);
  const summary = `${SIZE} deployments: ${part(940)} cancelled, ${part(20)} completed first, ${part(10)} failed, ${part(10)} superseded, ${part(20)} untouched`;
  expect(ran.stack).toMatchObject({ status: 'CREATE_COMPLETE', outputs: [{ value: summary }] });
  expect(ran.data.failedDeployments).toMatch(/^w{100}\/i+\d+: CANCEL_FAILED/);

  // Each deployment in flight is cancelled once, and no newer one is.
  expect(ran.recorder.cancelled).toHaveLength(inFlight);
  expect(new Set(ran.recorder.cancelled).size).toBe(inFlight);
  const first = firstOnes(ran);
  for (const id of ran.recorder.cancelled) expect(first.has(id)).toBe(true);

  // The slowest deployment takes 90 s.
  expect(ran.seconds).toBeLessThan(90 * 1.2 + 15);
  const { ListServiceInstances, CancelServiceInstanceDeployment, GetServiceInstance } = callsOf(ran);
  // Some have nothing in flight, so a second list decides.
  expect(ListServiceInstances).toBe(2 * Math.ceil(SIZE / 100));
  expect(CancelServiceInstanceDeployment).toBe(inFlight);
  // A small fleet is polled more often.
  expect(GetServiceInstance).toBeLessThan((SIZE < 1000 ? 40 : 12) * inFlight);

  const [execution] = ran.recorder.emulator.stepFunctions.executions;
  expect(largestState(ran)).toBeLessThan(MAX_STATE);
  expect(execution?.history.length).toBeLessThan(MAX_HISTORY / 5);
  // A batch of a large fleet waits in the state machine: about nine times, with three states each. A small one more often.
  expect(execution?.transitions).toBeLessThan(20 + (SIZE < 1000 ? 60 : 30) * Math.ceil(inFlight / BATCH_SIZE));
}, 300_000);
