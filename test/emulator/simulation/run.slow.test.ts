import { VirtualClock } from '../../../emulator/core/clock';
import { Emulator } from '../../../emulator/emulator';
import { scenario } from '../../../emulator/services/proton/scenarios';
import { type Report, run } from '../../../emulator/simulation/run';
import { SCENARIO_NAMES, type ScenarioName } from '../../../emulator/simulation/scenarios';
import { expectCleanFunctions } from '../../helpers/functions';
import { assemble, cancellationStack } from '../emulator-fixture';
import { expectNoSecrets, Recorder } from '../recorder';

const assembly = cancellationStack();

/** The expected result of a scenario. */
interface Expected {
  readonly stack: 'CREATE_COMPLETE' | 'ROLLBACK_COMPLETE';
  /** The output of the stack; undefined if the stack fails. */
  readonly status?: string;
  readonly outcome: string;
  readonly reason: RegExp;
  /** The deployment that is cancelled. */
  readonly cancels: 'first' | 'newer' | 'none';
  /** The earliest and the latest end, in seconds. */
  readonly seconds: readonly [number, number];
}

const ID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const DEPLOYMENT = `deployment ${ID} of service instance web/web-prod`;
const reason = (text: string) => new RegExp(`^${text.replaceAll('DEPLOYMENT', DEPLOYMENT).replaceAll('ID', ID)}$`);
const AWS_ENDED_PROTON =
  'AWS ended Proton on 2026-10-07, so it takes a Proton-compatible service, which the endpoint property names';

const EXPECTED: Readonly<Record<ScenarioName, Expected>> = {
  cancelled: {
    stack: 'CREATE_COMPLETE',
    status: 'CANCELLED',
    outcome: 'CANCELLED',
    reason: reason('DEPLOYMENT is CANCELLED'),
    cancels: 'first',
    seconds: [40, 43],
  },
  'cancel-fails': {
    stack: 'CREATE_COMPLETE',
    status: 'FAILED',
    outcome: 'CANCEL_FAILED',
    reason: reason('the cancellation of DEPLOYMENT failed: it ended as FAILED'),
    cancels: 'first',
    seconds: [90, 96],
  },
  'finishes-first': {
    stack: 'CREATE_COMPLETE',
    status: 'SUCCEEDED',
    outcome: 'COMPLETED_FIRST',
    reason: reason('DEPLOYMENT ended as SUCCEEDED before a cancellation took hold'),
    cancels: 'first',
    seconds: [20, 23],
  },
  'nothing-to-cancel': {
    stack: 'CREATE_COMPLETE',
    status: 'SUCCEEDED',
    outcome: 'NOTHING_TO_CANCEL',
    reason: reason('nothing to cancel: DEPLOYMENT had ended as SUCCEEDED'),
    cancels: 'none',
    seconds: [5, 5],
  },
  'already-cancelling': {
    stack: 'CREATE_COMPLETE',
    status: 'CANCELLED',
    outcome: 'CANCELLED',
    reason: reason('DEPLOYMENT is CANCELLED'),
    cancels: 'none',
    seconds: [70, 76],
  },
  throttled: {
    stack: 'CREATE_COMPLETE',
    status: 'CANCELLED',
    outcome: 'CANCELLED',
    reason: reason('DEPLOYMENT is CANCELLED'),
    cancels: 'first',
    seconds: [40, 90],
  },
  conflict: {
    stack: 'CREATE_COMPLETE',
    status: 'SUCCEEDED',
    outcome: 'COMPLETED_FIRST',
    reason: reason('DEPLOYMENT ended as SUCCEEDED before a cancellation took hold'),
    cancels: 'none',
    seconds: [0, 3],
  },
  refused: {
    stack: 'ROLLBACK_COMPLETE',
    outcome: 'REFUSED',
    reason: reason(
      "the service refused proton:CancelServiceInstanceDeployment: ValidationException: The deployment of service/web/service-instance/web-prod can't be cancelled; DEPLOYMENT was last seen as IN_PROGRESS",
    ),
    cancels: 'none',
    seconds: [2, 15],
  },
  'not-found': {
    stack: 'ROLLBACK_COMPLETE',
    outcome: 'NOT_FOUND',
    reason: reason(
      'service instance web/web-prod was not found; check its names, the region and the account, or set onNotFound to succeed',
    ),
    cancels: 'none',
    seconds: [10, 10],
  },
  'access-denied': {
    stack: 'ROLLBACK_COMPLETE',
    outcome: 'ACCESS_DENIED',
    reason: reason(
      `not allowed to call proton:CancelServiceInstanceDeployment on arn:aws:proton:us-east-1:123456789012:service/web/service-instance/web-prod; allow it to the role of the deployment function, in every policy that applies; ${AWS_ENDED_PROTON}; DEPLOYMENT was last seen as IN_PROGRESS`,
    ),
    cancels: 'none',
    seconds: [65, 85],
  },
  superseded: {
    stack: 'CREATE_COMPLETE',
    status: 'CANCELLED',
    outcome: 'SUPERSEDED',
    reason: reason('DEPLOYMENT ended as CANCELLED; a newer deployment, ID, has taken its place'),
    cancels: 'first',
    seconds: [30, 33],
  },
  overtaken: {
    stack: 'CREATE_COMPLETE',
    status: 'SUCCEEDED',
    outcome: 'SUPERSEDED',
    reason: reason(
      'DEPLOYMENT ended as SUCCEEDED; a newer deployment, ID, has taken its place, and the cancellation may have reached that one',
    ),
    cancels: 'newer',
    seconds: [0, 3],
  },
  vanishes: {
    stack: 'CREATE_COMPLETE',
    status: 'DELETE_COMPLETE',
    outcome: 'SUPERSEDED',
    reason: reason('DEPLOYMENT gave way to a deletion, which ended as DELETE_COMPLETE'),
    cancels: 'first',
    seconds: [90, 101],
  },
  unavailable: {
    stack: 'ROLLBACK_COMPLETE',
    outcome: 'UNAVAILABLE',
    reason: reason(
      `http://127\\.0\\.0\\.1:\\d+ gave no usable answer to proton:GetServiceInstance; ${AWS_ENDED_PROTON}; .*http 503.*; the deployment of service instance web/web-prod was never seen`,
    ),
    cancels: 'none',
    seconds: [60, 90],
  },
  timeout: {
    stack: 'ROLLBACK_COMPLETE',
    outcome: 'TIMED_OUT',
    reason: reason('the timeout of 1800 s has passed; DEPLOYMENT was last seen as CANCELLING'),
    cancels: 'first',
    seconds: [1805, 1806],
  },
  slow: {
    stack: 'CREATE_COMPLETE',
    status: 'CANCELLED',
    outcome: 'CANCELLED',
    reason: reason('DEPLOYMENT is CANCELLED'),
    cancels: 'first',
    seconds: [1200, 1206],
  },
};

/** Runs a scenario, and returns the report and the recorder of its emulator. */
async function runSeen(name: ScenarioName): Promise<{ report: Report; recorder: Recorder }> {
  let recorder: Recorder | undefined;
  const start = jest.spyOn(Emulator, 'start').mockImplementation(async (options) => {
    recorder = await Recorder.start(options);
    return recorder.emulator;
  });
  try {
    const report = await run({ clock: new VirtualClock(), assembly, scenario: scenario(name), consistency: 'strong' });
    if (!recorder) throw new Error('no cloud was started');
    return { report, recorder };
  } finally {
    start.mockRestore();
  }
}

test.each(SCENARIO_NAMES)(
  '%s has the expected result, cancels no newer deployment, fails no function, and logs no secret',
  async (name) => {
    const expected = EXPECTED[name];
    const { report, recorder } = await runSeen(name);

    expect(report).toMatchObject({ scenario: `proton-service-instance/${name}`, stackStatus: expected.stack });
    expect(Object.values(report.outputs)).toEqual(expected.status === undefined ? [] : [expected.status]);
    expect(recorder.results).toEqual([
      {
        status: expected.stack === 'CREATE_COMPLETE' ? 'SUCCEEDED' : 'FAILED',
        outcome: expected.outcome,
        reason: expect.stringMatching(expected.reason),
      },
    ]);
    expectStatusReason(report, recorder);
    expect(report.elapsedSeconds).toBeGreaterThanOrEqual(expected.seconds[0]);
    expect(report.elapsedSeconds).toBeLessThanOrEqual(expected.seconds[1]);
    expect(recorder.cancelled).toEqual(expected.cancels === 'none' ? [] : [deploymentsOf(recorder)[expected.cancels]]);
    expectNoSecrets(recorder);
    expectCleanFunctions(recorder.emulator);
    expectCounts(report, recorder);
  },
);

/** The last deployment at the start, and the one that started later. */
function deploymentsOf({ emulator }: Recorder): { first?: string; newer?: string } {
  const started = emulator.proton.history.filter(
    ({ kind, resource }) => kind === 'started' && resource === 'service/web/service-instance/web-prod',
  );
  // The first deployment is the creation.
  const [, first, newer] = started.map(({ deploymentId }) => deploymentId);
  return { first, newer };
}

/** A failure has one reason, with the cause first and a link to the execution; a success has none. */
function expectStatusReason({ stackStatus, statusReason }: Report, { emulator, results }: Recorder): void {
  if (stackStatus === 'CREATE_COMPLETE') {
    expect(statusReason).toBeNull();
    return;
  }
  const [execution] = emulator.stepFunctions.executions;
  const url = `https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${execution?.arn}`;
  expect(statusReason).toContain(`Message returned: ${results[0]?.reason}; see ${url} (RequestId: `);
  expect(statusReason).not.toContain('\n');
}

/** The counts and the history of a report match those of the recorder. */
function expectCounts({ counts, history, resourceEvents, executions }: Report, recorder: Recorder): void {
  const services = [...new Set(recorder.calls.map(({ call }) => call.service))];
  expect(counts.calls).toHaveProperty('proton');
  expect(counts).toEqual({
    lambdaInvocations: recorder.invocations.length,
    stateTransitions: history.filter(({ kind }) => kind === 'state').length,
    calls: Object.fromEntries(services.map((service) => [service, recorder.callsOf(service).length])),
  });
  expect(resourceEvents).toHaveLength(recorder.events.length);
  expect(executions.flatMap(({ states }) => states.map(({ name }) => name))).toEqual(
    history.flatMap((event) => (event.kind === 'state' ? [event.name] : [])),
  );
  expect(executions.map(({ status, outcome, reason }) => ({ status, outcome, reason }))).toEqual(recorder.results);
  expect(history.filter(({ kind }) => kind === 'call')).toHaveLength(recorder.calls.length);
  const times = history.map(({ atSeconds }) => atSeconds);
  expect(times).toEqual([...times].sort((a, b) => a - b));
}

test('reports the deployments before the first operation', async () => {
  const { deploymentsBefore } = await run({
    clock: new VirtualClock(),
    assembly,
    scenario: scenario('access-denied'),
  });
  const path = 'service/web/service-instance/web-prod';
  expect(deploymentsBefore.filter(({ resource }) => resource === path)).toEqual([
    expect.objectContaining({ atSeconds: -120, status: 'IN_PROGRESS' }),
  ]);
});

test('reports each event when it happens', async () => {
  const clock = new VirtualClock();
  const begin = clock.now();
  const recorded: [number, string][] = [];
  const report = await run({
    clock,
    assembly,
    scenario: scenario('finishes-first'),
    onEvent: ({ atSeconds, kind }) => recorded.push([(clock.now() - begin) / 1000 - atSeconds, kind]),
  });
  expect(recorded).toHaveLength(report.history.length);
  expect(new Set(recorded.map(([late]) => late))).toEqual(new Set([0]));
  expect(new Set(recorded.map(([, kind]) => kind))).toEqual(new Set(['resource', 'state', 'deployment', 'call']));
});

test('rejects an assembly without exactly one stack', async () => {
  const none = assemble(() => undefined);
  const running = run({ clock: new VirtualClock(), assembly: none, scenario: scenario('cancelled') });
  await expect(running).rejects.toThrow('an assembly without operations must have one stack, not 0');
});
