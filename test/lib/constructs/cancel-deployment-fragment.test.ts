import { Stack } from 'aws-cdk-lib';
import { DefinitionBody, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CancelDeploymentFragment, CancellationOutcome, OnNotFound } from '../../../lib';
import { fixture, machine } from '../../emulator/aws/step-functions/machines';
import { deployment, WORKFLOW, withArns } from '../../helpers/pipeline-fixtures';
import { type Definition, definitionOf, languageProblems, synthesize } from '../../helpers/template';

function definitionWith(
  build: (fragment: CancelDeploymentFragment, pass: (id: string) => Pass, stack: Stack) => void,
): Definition {
  const template = synthesize((stack) => {
    const fragment = new CancelDeploymentFragment(stack, 'Cancel', { deployment, onNotFound: OnNotFound.SUCCEED });
    build(fragment, (id) => new Pass(stack, id), stack);
    new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(fragment) });
  });
  return definitionOf(withArns(template), 'Mine');
}

/** The states that the state machine passes, and its end, for an end of the workflow. */
async function runOf(definition: Definition, workflow: object) {
  const { sfn, start } = fixture();
  const nested = machine(sfn, { StartAt: 'End', States: { End: workflow } }, 'workflow');
  const execution = start(JSON.parse(JSON.stringify(definition).replaceAll(WORKFLOW, nested)), { mine: 1 });
  await execution.ended;
  const entered = execution.history.filter(({ type }) => type.endsWith('StateEntered'));
  const path = entered.map(({ details }) => details?.name);
  return { path, status: execution.status, output: JSON.parse(execution.output ?? 'null') };
}

const endedAs = (outcome: string) => ({
  Type: 'Pass',
  Result: { outcome, failed: false, reason: 'because', attributes: { outcome, deploymentStatus: 'S' } },
  End: true,
});

const states: [CancellationOutcome | 'NOT_FOUND', string][] = [
  [CancellationOutcome.CANCELLED, 'Cancelled'],
  [CancellationOutcome.COMPLETED_FIRST, 'CompletedFirst'],
  [CancellationOutcome.CANCEL_FAILED, 'CancelFailed'],
  [CancellationOutcome.NOTHING_TO_CANCEL, 'NothingToCancel'],
  [CancellationOutcome.SUPERSEDED, 'Superseded'],
  [CancellationOutcome.NOT_FOUND, 'NotFound'],
  [CancellationOutcome.SKIPPED, 'Skipped'],
];

describe('on its own', () => {
  const definition = definitionWith(() => undefined);

  test('it is valid, and its states have its name as a prefix', () => {
    expect(languageProblems(definition)).toBe('');
    expect(Object.keys(definition.States).every((name) => name.startsWith('Cancel: '))).toBe(true);
  });

  test.each(states)('it ends the state machine after %s, with the result in its state', async (outcome, state) => {
    const { path, status, output } = await runOf(definition, endedAs(outcome));
    expect(path).toEqual(['Cancel: CancelDeployment', 'Cancel: Outcome?', `Cancel: ${state}`]);
    expect(status).toBe('SUCCEEDED');
    expect(output).toEqual({
      mine: 1,
      cancellation: {
        outcome,
        deploymentStatus: 'S',
        reason: 'because',
        attributes: { outcome, deploymentStatus: 'S' },
        executionArn: expect.stringMatching(/^arn:aws:states:.*:execution:workflow:/),
      },
    });
  });

  test('it fails the state machine if the cancellation fails', async () => {
    const { path, status } = await runOf(definition, { Type: 'Fail', Error: 'TIMED_OUT', Cause: 'too late' });
    expect(path).toEqual(['Cancel: CancelDeployment']);
    expect(status).toBe('FAILED');
  });
});

describe('in a state machine that continues the outcomes', () => {
  const definition = definitionWith((fragment, pass) => {
    fragment.after(CancellationOutcome.CANCELLED).next(pass('PutBack'));
    fragment.after(CancellationOutcome.NOT_FOUND).next(pass('Deploy'));
    fragment.next(pass('GoOn'));
    fragment.task.addCatch(pass('Despair'), { resultPath: '$.error' });
  });

  test.each(states)('%s continues with its next state', async (outcome, state) => {
    const follows = { Cancelled: 'PutBack', NotFound: 'Deploy' }[state] ?? 'GoOn';
    const { path } = await runOf(definition, endedAs(outcome));
    expect(path.slice(2)).toEqual([`Cancel: ${state}`, follows]);
  });

  test('a failure can be caught, with the outcome and the reason in its cause', async () => {
    const { path, output } = await runOf(definition, { Type: 'Fail', Error: 'TIMED_OUT', Cause: 'too late' });
    expect(path).toEqual(['Cancel: CancelDeployment', 'Despair']);
    const { mine, error } = output as { mine: number; error: { Error: string; Cause: string } };
    expect(mine).toBe(1);
    expect(error.Error).toBe('States.TaskFailed');
    expect(JSON.parse(error.Cause)).toMatchObject({ Error: 'TIMED_OUT', Cause: 'too late', Status: 'FAILED' });
  });
});

test('the result can have another path', () => {
  const template = synthesize((stack) => {
    const fragment = new CancelDeploymentFragment(stack, 'Cancel', { deployment, resultPath: '$.stopped' });
    new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(fragment) });
  });
  const { 'Cancel: Outcome?': choice, 'Cancel: CancelDeployment': task } = definitionOf(template, 'Mine').States;
  expect(task).toMatchObject({ ResultPath: '$.stopped' });
  expect(new Set(choice?.Choices?.map(({ Variable }) => Variable))).toEqual(new Set(['$.stopped.outcome']));
});

test('two fragments can be in one state machine', () => {
  const definition = definitionWith((fragment, _pass, stack) => {
    fragment.next(new CancelDeploymentFragment(stack, 'Then', { deployment }));
  });
  expect(Object.keys(definition.States)).toHaveLength(18);
  expect(languageProblems(definition)).toBe('');
});

const ALLOWED =
  'outcome must be one of CANCELLED, COMPLETED_FIRST, CANCEL_FAILED, NOTHING_TO_CANCEL, SUPERSEDED, NOT_FOUND, SKIPPED, not';
test.each([
  ['TIMED_OUT', ': it is always a failure, so handle it with task.addCatch(…)'],
  ['ACCESS_DENIED', ': it is always a failure, so handle it with task.addCatch(…)'],
  ['ARMED', ': only custom resources have this outcome'],
  ['NOT_ATTEMPTED', ': only custom resources have this outcome'],
  ['cancelled', ''],
])('%s cannot be continued, and the reason is in the error', (outcome, reason) => {
  const fragment = new CancelDeploymentFragment(new Stack(), 'Cancel', { deployment });
  expect(() => fragment.after(outcome as CancellationOutcome)).toThrow(`${ALLOWED} '${outcome}'${reason} (at `);
});
