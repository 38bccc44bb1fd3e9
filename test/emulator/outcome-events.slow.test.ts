import { Duration, Stack } from 'aws-cdk-lib';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { MINUTES, SECONDS, type SeededDeployment } from '../../emulator/core/plan';
import type { CancellationOptions } from '../../lib/index';
import {
  CancellationOutcome,
  CancellationWorkflow,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  type FleetCancellationOptions,
  FleetWorkflow,
  OnNotFound,
} from '../../lib/index';
import { assemble, EmulatorFixture, stackOf, withoutPermission } from './emulator-fixture';
import { serviceWith } from './services/service-with';

jest.setTimeout(120_000);

const ECS = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
const SOURCE = 'cdk-deployment-cancellation';

/** A stack that cancels a deployment and starts another state machine with the event. */
function notifying(options: CancellationOptions = {}) {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const definitionBody = DefinitionBody.fromChainable(new Pass(stack, 'Receive'));
    const receiver = new StateMachine(stack, 'Receiver', { definitionBody });
    const workflow = CancellationWorkflow.of(stack);
    const rule = workflow.onOutcome('Notify', { target: new SfnStateMachine(receiver) });
    const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: ECS, ...options });
    cancellation.node.addDependency(rule, receiver);
  });
}

const cancellable: SeededDeployment<'ROLLBACK_SUCCESSFUL'> = {
  at: -2 * MINUTES,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' }] },
};

const startWith = (assembly: ReturnType<typeof assemble>, ...deployments: SeededDeployment<'ROLLBACK_SUCCESSFUL'>[]) =>
  EmulatorFixture.start({ assembly, seed: {}, services: [serviceWith('ecs-service-deployment', ...deployments)] });

/** The details of the events that were put. */
const putBy = ({ recorder }: EmulatorFixture) =>
  recorder.calls.flatMap(({ call, answer }) => {
    if (call.operation !== 'PutEvents' || answer !== 'ok') return [];
    const [entry] = call.input.Entries as readonly { Detail: Record<string, unknown> }[];
    return entry ? [entry.Detail] : [];
  });

/** The events that reached the receiver. */
const receivedBy = ({ emulator }: EmulatorFixture) =>
  emulator.stepFunctions.executions.flatMap(({ input }) => {
    const event = JSON.parse(input) as { source?: string; detail?: { outcome: string } };
    return event.source === SOURCE ? [event.detail] : [];
  });

/** Expects that the first execution has put one event with this detail, which has reached the receiver. */
async function expectOneEvent(fixture: EmulatorFixture, expected: Record<string, unknown>) {
  await fixture.pass(60);
  const [execution] = fixture.emulator.stepFunctions.executions;
  const [detail, ...others] = putBy(fixture);
  expect(others).toEqual([]);
  expect(detail).toEqual({
    stateMachineArn: execution?.stateMachineArn,
    executionArn: execution?.arn,
    ...expected,
  });
  expect(receivedBy(fixture)).toEqual([detail]);
  return execution;
}

test.each<[CancellationOutcome, string, CancellationOptions, readonly SeededDeployment<'ROLLBACK_SUCCESSFUL'>[]]>([
  [CancellationOutcome.CANCELLED, 'CREATE_COMPLETE', {}, [cancellable]],
  [CancellationOutcome.CANCELLED, 'ROLLBACK_COMPLETE', { failOn: [CancellationOutcome.CANCELLED] }, [cancellable]],
  [CancellationOutcome.TIMED_OUT, 'ROLLBACK_COMPLETE', { timeout: Duration.seconds(20) }, [cancellable]],
  [CancellationOutcome.NOT_FOUND, 'ROLLBACK_COMPLETE', {}, []],
])(
  '%s of a stack that ends as %s puts one event, which reaches the target',
  async (outcome, status, options, seeded) => {
    const assembly = notifying(options);
    const fixture = await startWith(assembly, ...seeded);
    expect(await fixture.create(stackOf(assembly))).toMatchObject({ status });
    const execution = await expectOneEvent(fixture, {
      kind: 'ecs-service-deployment',
      displayName: 'ecs service prod/web',
      outcome,
      failed: status !== 'CREATE_COMPLETE',
      reason: expect.stringContaining('ecs service prod/web'),
      deploymentStatus: expect.any(String),
      deploymentId: seeded.length > 0 ? expect.stringMatching(/.+/) : '',
    });
    expect(execution?.status).toBe(status === 'CREATE_COMPLETE' ? 'SUCCEEDED' : 'FAILED');
  },
);

test('an execution whose function fails puts an event too', async () => {
  const assembly = notifying();
  const fixture = await startWith(assembly, cancellable);
  fixture.lambdaFaults = ({ event }) =>
    (event as { startTime?: string }).startTime === undefined ? undefined : { kind: 'crash', when: 'before' };
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  await fixture.pass(60);
  expect(putBy(fixture)).toMatchObject([{ outcome: 'ERROR', failed: true, displayName: '', deploymentId: '' }]);
  expect(receivedBy(fixture)).toHaveLength(1);
});

test('an event that cannot be put changes neither the response nor the result', async () => {
  const assembly = notifying();
  const fixture = await startWith(assembly, cancellable);
  const stack = withoutPermission(stackOf(assembly), 'events:PutEvents');
  expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
  await fixture.pass(60);
  const [execution] = fixture.emulator.stepFunctions.executions;
  expect(putBy(fixture)).toEqual([]);
  expect(execution).toMatchObject({ status: 'SUCCEEDED' });
  expect(JSON.parse(execution?.output ?? '')).toMatchObject({ outcome: 'CANCELLED' });
});

/** A stack that cancels a fleet and starts another state machine with the event. */
function notifyingOfFleet(options: FleetCancellationOptions = {}) {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    const definitionBody = DefinitionBody.fromChainable(new Pass(stack, 'Receive'));
    const receiver = new StateMachine(stack, 'Receiver', { definitionBody });
    const rule = FleetWorkflow.of(stack).onOutcome('Notify', { target: new SfnStateMachine(receiver) });
    const ghost = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'ghost' });
    const fleet = DeploymentFleet.fromDeployments([ECS, ghost]);
    const cancellation = new FleetCancellation(stack, 'Cancellation', { fleet, ...options });
    cancellation.node.addDependency(rule, receiver);
  });
}

const COUNTS = { total: 2, cancelled: 0, completedFirst: 0, failed: 0, superseded: 0, untouched: 0 };
const IGNORED: FleetCancellationOptions = { onNotFound: OnNotFound.SUCCEED };

test.each<[string, string, FleetCancellationOptions, object]>([
  [
    'without a failure',
    'CREATE_COMPLETE',
    IGNORED,
    {
      outcome: '',
      failed: false,
      reason: '2 deployments: 1 cancelled, 1 untouched',
      counts: { ...COUNTS, cancelled: 1, untouched: 1 },
    },
  ],
  [
    'with a failure',
    'ROLLBACK_COMPLETE',
    { ...IGNORED, timeout: Duration.seconds(20) },
    {
      outcome: 'TIMED_OUT',
      failed: true,
      reason: expect.stringMatching(/^of 2 listed deployments, 1 failed; the first, .*TIMED_OUT/),
      counts: { ...COUNTS, failed: 1, untouched: 1 },
    },
  ],
])('a fleet %s puts one event, which reaches the target', async (_, status, options, expected) => {
  const assembly = notifyingOfFleet(options);
  const fixture = await startWith(assembly, cancellable);
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status });
  await expectOneEvent(fixture, { kind: 'list', displayName: 'listed deployments', ...expected });
});

test('a fleet whose function fails puts an event without counts', async () => {
  const assembly = notifyingOfFleet();
  const fixture = await startWith(assembly, cancellable);
  fixture.lambdaFaults = ({ event }) =>
    JSON.stringify(event).includes('"fleetStep":"FIND"') ? { kind: 'crash', when: 'before' } : undefined;
  expect(await fixture.create(stackOf(assembly))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(putBy(fixture)).toEqual([
    expect.objectContaining({ kind: '', displayName: '', outcome: 'ERROR', failed: true, counts: {} }),
  ]);
});

test('the event contains no status message, also when the result does', async () => {
  const assembly = notifying({ includeStatusMessage: true });
  const steps = [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' as const, message: 'hunter2' }];
  const fixture = await startWith(assembly, { ...cancellable, onCancel: { steps } });
  await fixture.create(stackOf(assembly));
  expect(fixture.emulator.stepFunctions.executions[0]?.output).toContain('hunter2');
  expect(putBy(fixture)).toHaveLength(1);
  expect(JSON.stringify(putBy(fixture))).not.toContain('hunter2');
});
