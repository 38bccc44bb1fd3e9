import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  CancelDeploymentAction,
  CancelDeploymentFragment,
  CancelDeploymentTarget,
  CancelDeploymentTask,
  CancellationOutcome,
  CancellationWorkflow,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  StackRollbackRule,
} from '../../../lib';
import { TERMINAL_OUTCOMES, TIMEOUT_SECONDS } from '../../../lib/contract/cancellation';
import { type CancellationOptions, renderSettings } from '../../../lib/workflow/cancellation-options';
import { approval, deployment, pipelineWith } from '../../helpers/pipeline-fixtures';

/** Renders options that the compiler would reject, as JavaScript passes them. */
const render = (options: object) =>
  renderSettings(options as CancellationOptions, TIMEOUT_SECONDS, new Stack(new App(), 'Stack'));

const DURATION = 'must be a literal duration of whole seconds from 1 second to';

test.each([
  ['timeout', 60, `${DURATION} 45 minutes, not 60: use Duration, such as Duration.minutes(5)`],
  ['timeout', '5m', `${DURATION} 45 minutes, not '5m': use Duration, such as Duration.minutes(5)`],
  ['timeout', Duration.millis(1500), `${DURATION} 45 minutes, not 1 second 500 millis`],
  ['timeout', Duration.seconds(Lazy.number({ produce: () => 1 })), `${DURATION} 45 minutes, not a token`],
  ['pollInterval', 0, `${DURATION} 5 minutes, not 0: use Duration, such as Duration.minutes(5)`],
  ['pollInterval', Duration.minutes(6), `${DURATION} 5 minutes, not 6 minutes`],
  ['onNotFound', 'ignore', "must be fail or succeed, not 'ignore'"],
  ['includeStatusMessage', 'yes', "must be true or false, not 'yes'"],
  ['endpoint', {}, 'must be an http or https URL, not {}'],
  ['failOn', 'CANCELLED', `must be a list of ${TERMINAL_OUTCOMES.join(', ')}, not 'CANCELLED'`],
])('%s: %p is rejected', (name, value, problem) => {
  expect(() => render({ [name]: value })).toThrow(`${name} ${problem} (at Stack)`);
});

test.each([
  [CancellationOutcome.NOT_FOUND, 'is a failure by default: use onNotFound to decide'],
  [CancellationOutcome.TIMED_OUT, 'is always a failure'],
  [CancellationOutcome.REFUSED, 'is always a failure'],
  [CancellationOutcome.ACCESS_DENIED, 'is always a failure'],
  [CancellationOutcome.UNAVAILABLE, 'is always a failure'],
  [CancellationOutcome.ERROR, 'is always a failure'],
  [CancellationOutcome.SKIPPED, 'is never a failure, because the deployment was not to be cancelled'],
  [CancellationOutcome.NOT_ATTEMPTED, 'is never a failure, because it would make the rollback of the stack fail'],
  [CancellationOutcome.ARMED, 'is never a failure, because it means that a guard is armed'],
])('failOn cannot contain %s, which %s', (outcome, reason) => {
  expect(() => render({ failOn: [CancellationOutcome.CANCELLED, outcome] })).toThrow(
    `failOn cannot contain ${outcome}, which ${reason} (at Stack)`,
  );
});

test('failOn contains any of the outcomes whose end is known, and nothing that is no outcome', () => {
  expect(render({ failOn: [...TERMINAL_OUTCOMES] }).failOn).toEqual(TERMINAL_OUTCOMES);
  expect(render({}).failOn).toEqual([]);
  for (const wrong of ['cancelled', undefined, {}, 1]) {
    expect(() => render({ failOn: [wrong] })).toThrow(`failOn must contain only ${TERMINAL_OUTCOMES.join(', ')}, not `);
  }
});

test('every outcome is either allowed in failOn or has a reason', () => {
  const rejected = Object.values(CancellationOutcome).filter((outcome) => {
    try {
      return render({ failOn: [outcome] }) === undefined;
    } catch {
      return true;
    }
  });
  expect([...TERMINAL_OUTCOMES, ...rejected].sort()).toEqual(Object.values(CancellationOutcome).sort());
});

test('pollInterval is at most the timeout', () => {
  const timeout = Duration.seconds(10);
  expect(render({ timeout, pollInterval: timeout }).pollIntervalSeconds).toBe(10);
  expect(() => render({ timeout, pollInterval: Duration.seconds(11) })).toThrow(
    'pollInterval must be at most the timeout, 10 seconds, not 11 seconds (at Stack)',
  );
});

type Times = Pick<CancellationOptions, 'timeout' | 'pollInterval'>;
type Construct = readonly [name: string, declare: (stack: Stack, times: Times) => unknown];

/** CloudFormation or CodePipeline waits for them, or they cancel a fleet. */
const SHORT: readonly Construct[] = [
  ['a cancellation', (stack, times) => new DeploymentCancellation(stack, 'It', { deployment, ...times })],
  ['a guard', (stack, times) => new CancelOnRollback(stack, 'It', { deployment, ...times })],
  [
    'a fleet',
    (stack, times) => {
      const fleet = DeploymentFleet.fromDeployments([deployment]);
      return new FleetCancellation(stack, 'It', { fleet, ...times });
    },
  ],
  [
    'an action',
    (stack, times) => {
      const action = new CancelDeploymentAction({ actionName: 'It', deployment, ...times });
      return pipelineWith(stack, [{ stageName: 'Stop', actions: [action] }]);
    },
  ],
  [
    'a failed stage',
    (stack, times) => {
      const pipeline = pipelineWith(stack, [{ stageName: 'Stop', actions: [approval()] }]);
      return new CancelOnStageFailure(stack, 'It', { pipeline, stageName: 'Stop', deployment, ...times });
    },
  ],
];

const LONG: readonly Construct[] = [
  [
    'a task',
    (stack, times) => {
      const task = new CancelDeploymentTask(stack, 'It', { deployment, ...times });
      return new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(task) });
    },
  ],
  [
    'a fragment',
    (stack, times) => {
      const fragment = new CancelDeploymentFragment(stack, 'It', { deployment, ...times });
      return new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(fragment) });
    },
  ],
  [
    'a target',
    (stack, times) =>
      new Rule(stack, 'It', {
        schedule: Schedule.rate(Duration.days(1)),
        targets: [new CancelDeploymentTarget({ deployment, ...times })],
      }),
  ],
  ['a rule', (stack, times) => new StackRollbackRule(stack, 'It', { stackNames: ['theirs'], deployment, ...times })],
];

const synthesized = (stack: Stack) => JSON.stringify(Template.fromStack(stack).toJSON()).replaceAll('\\', '');

test.each([...SHORT, ...LONG])('%s takes a pollInterval', (_what, declare) => {
  const stack = new Stack(new App(), 'Stack');
  declare(stack, { pollInterval: Duration.seconds(20) });
  expect(synthesized(stack).match(/"pollIntervalSeconds":\d+/g)).toEqual(['"pollIntervalSeconds":20']);
});

test.each(SHORT)('the timeout of %s is at most 45 minutes', (_what, declare) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => declare(stack, { timeout: Duration.seconds(45 * 60 + 1) })).toThrow(
    `timeout ${DURATION} 45 minutes, not 45 minutes 1 second (at Stack/`,
  );
});

test.each(LONG)('the timeout of %s is at most 24 hours', (_what, declare) => {
  const stack = new Stack(new App(), 'Stack');
  declare(stack, { timeout: Duration.hours(24) });
  expect(synthesized(stack).match(/"timeoutSeconds":\d+/g)).toEqual(['"timeoutSeconds":86400']);
  expect(() => declare(new Stack(new App(), 'Stack'), { timeout: Duration.seconds(86_401) })).toThrow(
    `timeout ${DURATION} 24 hours, not 1 day 1 second (at Stack`,
  );
});

test.each([
  ['of the stack', (stack: Stack) => CancellationWorkflow.of(stack)],
  ['of another stack', (stack: Stack) => CancellationWorkflow.fromStateMachineName(stack, 'Theirs', 'cancel')],
])('the timeout of the input for the workflow %s is at most 24 hours', (_which, workflowIn) => {
  const workflow = workflowIn(new Stack(new App(), 'Stack'));
  expect(workflow.inputFor(deployment, { timeout: Duration.hours(24) })).toMatchObject({
    settings: { timeoutSeconds: 86_400 },
  });
  expect(() => workflow.inputFor(deployment, { timeout: Duration.hours(25) })).toThrow(
    `timeout ${DURATION} 24 hours, not 1 day 1 hour (at Stack/`,
  );
});
