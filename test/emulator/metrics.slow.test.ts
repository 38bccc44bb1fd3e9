import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { FunctionPast } from '../../emulator/aws/lambda/lambda';
import { DEFAULT_NAMES, scenario } from '../../emulator/services/proton/scenarios';
import type { Assembly } from '../../emulator/simulation/assembly';
import { faultsOf } from '../../emulator/simulation/faults';
import {
  CancellationDashboard,
  CancellationWorkflow,
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  ProtonDeployment,
} from '../../lib/index';
import { alarmedMetrics, type Datapoint, datapoints, type MetricName, shownMetrics } from '../helpers/metrics';
import { assemble, check, deployedAt, EmulatorFixture, stackOf, WEB_PROD } from './emulator-fixture';
import { expectNoSecrets } from './recorder';

/** A stack with a dashboard and alarms, and its emulator. */
function watched(build: (stack: Stack) => void): Assembly {
  return assemble((app: App) => {
    const stack = new Stack(app, 'Stack');
    build(stack);
    new CancellationDashboard(stack, 'Dashboard');
    CancellationWorkflow.of(stack).alarmOnUndeliveredResponse('Unanswered');
  });
}

/** The datapoints that CloudWatch extracts from the logs. */
function counted(assembly: Assembly, fixture: EmulatorFixture): Datapoint[] {
  return datapoints(templateOf(assembly), (functionId) => pastOf(functionId, fixture).logs.map(({ text }) => text));
}

/** A function by its logical ID, also if it was deleted. */
function pastOf(functionId: string | undefined, { recorder, emulator }: EmulatorFixture): FunctionPast {
  const made = recorder.events.find(
    ({ logicalId, status }) => logicalId === functionId && status === 'CREATE_COMPLETE',
  );
  const past = emulator.lambda.past.find(({ configuration }) => configuration.functionName === made?.physicalId);
  if (!past) throw new Error(`there never was a function ${functionId}`);
  return past;
}

/** The number of datapoints of a metric. */
function valuesOf({ namespace, metricName, dimensions }: MetricName, all: readonly Datapoint[]): number[] {
  return all
    .filter((one) => one.namespace === namespace && one.metricName === metricName)
    .filter((one) => JSON.stringify(one.dimensions) === JSON.stringify(dimensions))
    .map(({ value }) => value);
}

/** The durations on the dashboard, by outcome. */
function shownEnds(assembly: Assembly, fixture: EmulatorFixture): Record<string, number[]> {
  const shown = shownMetrics(templateOf(assembly)).filter(({ statistic }) => statistic === 'SampleCount');
  const all = counted(assembly, fixture);
  const ends = shown.map((metric) => [metric.dimensions.Outcome, valuesOf(metric, all)] as const);
  // The dashboard shows every datapoint.
  expect(ends.flatMap(([, values]) => values)).toHaveLength(all.length);
  return Object.fromEntries(ends.filter(([, values]) => values.length > 0));
}

function templateOf(assembly: Assembly): Template {
  return Template.fromJSON(stackOf(assembly).template as Record<string, unknown>);
}

/** The requests without a response, as the alarm counts them. */
function unanswered(assembly: Assembly, fixture: EmulatorFixture): number {
  const alarmed = Object.values(alarmedMetrics(templateOf(assembly))).filter(
    ({ namespace }) => namespace === 'AWS/Lambda',
  );
  expect(alarmed).toMatchObject([{ metricName: 'AsyncEventsDropped', statistic: 'Sum' }]);
  return pastOf(alarmed[0]?.dimensions.FunctionName, fixture).usage.dropped;
}

const cancelling = watched((stack) => new DeploymentCancellation(stack, 'Cancel', { deployment: WEB_PROD }));

test('a cancellation is counted once, by its outcome, with its duration', async () => {
  const fixture = await EmulatorFixture.start({ assembly: cancelling, seed: deployedAt(-2) });
  const begun = fixture.clock.now();
  expect(await fixture.create(stackOf(cancelling))).toMatchObject({ status: 'CREATE_COMPLETE' });
  const { CANCELLED, ...services } = shownEnds(cancelling, fixture);
  expect(services).toEqual({});
  expect(CANCELLED).toHaveLength(1);
  expect(CANCELLED?.[0]).toBeGreaterThanOrEqual(40_000);
  expect(CANCELLED?.[0]).toBeLessThanOrEqual(fixture.clock.now() - begun);
  expect(unanswered(cancelling, fixture)).toBe(0);
  expectNoSecrets(fixture.recorder);
});

test.each([
  ['refused', 'REFUSED'],
  ['not-found', 'NOT_FOUND'],
  ['timeout', 'TIMED_OUT'],
  ['access-denied', 'ACCESS_DENIED'],
  ['unavailable', 'UNAVAILABLE'],
] as const)('%s, which fails the stack, is counted as %s, and has an answer', async (name, outcome) => {
  const { seed, faults } = scenario(name);
  const fixture = await EmulatorFixture.start({ assembly: cancelling, seed });
  fixture.faults = faultsOf(faults ?? []);
  expect(await fixture.create(stackOf(cancelling))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  const ends = shownEnds(cancelling, fixture);
  expect(Object.entries(ends).map(([key, values]) => [key, values.length])).toEqual([[outcome, 1]]);
  expect(unanswered(cancelling, fixture)).toBe(0);
});

test('a response that is not accepted counts as undelivered, and not as a failed cancellation', async () => {
  const fixture = await EmulatorFixture.start({ assembly: cancelling, seed: deployedAt(-2) });
  fixture.answerFaults = () =>
    fixture.requests.includes('Delete Cancel') ? undefined : { kind: 'page', statusCode: 403, body: 'no' };
  expect(await fixture.create(stackOf(cancelling))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(unanswered(cancelling, fixture)).toBe(1);
  expect(Object.keys(shownEnds(cancelling, fixture))).toEqual(['CANCELLED']);
});

test('each deployment of a fleet is counted', async () => {
  const missing = ProtonDeployment.serviceInstance({ ...DEFAULT_NAMES, serviceInstanceName: 'gone' });
  const fleet = watched(
    (stack) => new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([WEB_PROD, missing]) }),
  );
  const fixture = await EmulatorFixture.start({ assembly: fleet, seed: deployedAt(-2) });
  await fixture.create(stackOf(fleet));
  const ends = shownEnds(fleet, fixture);
  expect(Object.entries(ends).map(([outcome, values]) => [outcome, values.length])).toEqual([
    ['CANCELLED', 1],
    ['NOT_FOUND', 1],
  ]);
});

describe('a guard', () => {
  const guarded = watched((stack) => {
    const guard = new CancelOnRollback(stack, 'Guard', { deployment: WEB_PROD, trigger: '1' });
    guard.alarmOnFailure('Failed');
    guard.protect(check(stack, { afterSeconds: 30, fails: true }));
  });

  /** The datapoints of the metric of the guard's alarm. */
  function failures(fixture: EmulatorFixture): number[] {
    const [metric, ...services] = Object.values(alarmedMetrics(templateOf(guarded))).filter(
      ({ namespace }) => namespace !== 'AWS/Lambda',
    );
    expect(services).toEqual([]);
    return metric ? valuesOf(metric, counted(guarded, fixture)) : [];
  }

  test('that is armed is not counted, and one that cancels is counted by its outcome', async () => {
    const fixture = await EmulatorFixture.start({ assembly: guarded, seed: deployedAt(-60, 0.2) });
    expect(await fixture.create(stackOf(guarded))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.deployments).toEqual(['SUCCEEDED', 'CANCELLED']);
    expect(Object.keys(shownEnds(guarded, fixture))).toEqual(['CANCELLED']);
    expect(failures(fixture)).toEqual([]);
  });

  test('that fails triggers its alarm', async () => {
    const fixture = await EmulatorFixture.start({ assembly: guarded, seed: deployedAt(-60, 0.2) });
    fixture.faults = ({ operation }) =>
      operation === 'DescribeStacks'
        ? { kind: 'error', type: 'AccessDenied', message: 'no', statusCode: 403 }
        : undefined;
    expect(await fixture.create(stackOf(guarded))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.deployments).toEqual(['SUCCEEDED', 'IN_PROGRESS']);
    expect(failures(fixture).length).toBeGreaterThan(0);
  });
});
