import { DeploymentCancellation, ProtonDeployment } from '../../../lib';
import { type Definition, definitionOf, languageProblems, type State, synthesise } from '../../helpers/template';

const template = synthesise((stack) => {
  const deployment = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });
  new DeploymentCancellation(stack, 'Cancel', { deployment });
});
const definition: Definition = definitionOf(template);
const states = Object.entries(definition.States);
const tasks = states.filter(([, { Type }]) => Type === 'Task');

const DEPLOYMENT = 'DeploymentCancellationWorkflowDeploymentFunction0E230A73.Arn';
const CLOUDFORMATION = 'DeploymentCancellationWorkflowCloudFormationFunction45ED7DED.Arn';

test('it is valid Amazon States Language', () => {
  expect(languageProblems(definition)).toBe('');
});

test('it is written in JSONPath, which every engine speaks', () => {
  expect(JSON.stringify(definition)).not.toMatch(/QueryLanguage|JSONata|\{%|"Assign"|"Arguments"|"Output"/);
});

test('it has no timeout of its own, which would end it without an answer', () => {
  expect(JSON.stringify(definition)).not.toMatch(/TimeoutSeconds|HeartbeatSeconds/);
});

test('it reads as a sentence', () => {
  expect(states.map(([name, { Type }]) => `${name}: ${Type}`).sort()).toEqual([
    'AnswerFailure: Task',
    'AnswerSuccess: Task',
    'AskedByCloudFormation?: Choice',
    'AwaitDeployment: Task',
    'Ended: Pass',
    'ExplainFailure: Pass',
    'Failed: Fail',
    'FindDeployment: Task',
    'Over?: Choice',
    'RequestCancellation: Task',
    'Wait: Wait',
  ]);
  expect(definition.StartAt).toBe('FindDeployment');
});

describe('the tasks', () => {
  const request = { 'request.$': '$$.Execution.Input' };
  const beginning = { ...request, 'startTime.$': '$$.Execution.StartTime' };
  const answer = { ...request, 'executionArn.$': '$$.Execution.Id', 'result.$': '$.progress.result' };

  test.each([
    ['FindDeployment', DEPLOYMENT, beginning],
    ['RequestCancellation', DEPLOYMENT, { ...beginning, 'progress.$': '$.progress' }],
    ['AwaitDeployment', DEPLOYMENT, { ...beginning, 'progress.$': '$.progress' }],
    ['AnswerFailure', CLOUDFORMATION, answer],
    ['AnswerSuccess', CLOUDFORMATION, answer],
  ])('%s gives its function exactly what it needs: no place to answer to', (name, resource, parameters) => {
    expect(definition.States[name]).toMatchObject({ Resource: resource });
    expect(definition.States[name]?.Parameters).toEqual(parameters);
  });

  test.each(tasks)('%s is tried again after any error, but only once after it took minutes', (_name, { Retry }) => {
    expect(Retry).toMatchObject([
      { ErrorEquals: ['Sandbox.Timedout', 'States.Timeout'], MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 6, BackoffRate: 2, MaxDelaySeconds: 20, JitterStrategy: 'FULL' },
    ]);
  });

  test.each(tasks.filter(([, { Resource }]) => Resource === DEPLOYMENT))(
    '%s that cannot be done is explained, and nothing that was known is lost',
    (_name, { Catch }) => {
      expect(Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'ExplainFailure' }]);
    },
  );

  test('that speak to the service are three', () => {
    expect(tasks.filter(([, { Resource }]) => Resource === DEPLOYMENT)).toHaveLength(3);
  });
});

test('an explanation is a failure that names the error, but not its message, which may hold secrets', () => {
  const { Parameters } = definition.States.ExplainFailure as State;
  expect(Parameters).toEqual({
    result: {
      outcome: 'ERROR',
      failed: true,
      'reason.$': expect.stringMatching(/^States\.Format\('[^']*\{\}[^']*', \$\.error\.Error\)$/),
      attributes: { outcome: 'ERROR', deploymentStatus: 'UNKNOWN' },
    },
  });
  expect(JSON.stringify(definition)).not.toContain('$.error.Cause');
});

describe('the way to the answer', () => {
  const ANSWERS = ['AnswerFailure', 'AnswerSuccess'];

  /** Where it goes on from a state when CloudFormation has asked. */
  function after(name: string): string[] {
    const { Next, Default, Choices = [], Catch = [] } = definition.States[name] as State;
    const asked = Choices.findIndex(({ Variable }) => Variable === '$.cloudFormation');
    // The first rule that fits is the one that is followed.
    if (asked >= 0) return Choices.slice(0, asked + 1).map((choice) => choice.Next);
    return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((handler) => handler.Next)].filter(
      (next) => next !== undefined,
    );
  }

  function reachable(from: string, stopAt: readonly string[], seen = new Set<string>()): Set<string> {
    if (seen.has(from)) return seen;
    seen.add(from);
    if (!stopAt.includes(from)) for (const next of after(from)) reachable(next, stopAt, seen);
    return seen;
  }

  const before = [...reachable(definition.StartAt, ANSWERS)];

  test.each(before.filter((name) => !ANSWERS.includes(name)))('is open from %s', (name) => {
    expect([...reachable(name, ANSWERS)]).toEqual(expect.arrayContaining(ANSWERS));
  });

  test('cannot be passed by: no end is reached without an answer', () => {
    expect(before).toEqual(expect.arrayContaining(['FindDeployment', 'ExplainFailure', ...ANSWERS]));
    const isEnd = (name: string) => definition.States[name]?.End === true || definition.States[name]?.Type === 'Fail';
    expect(before.filter(isEnd)).toEqual(['AnswerSuccess']);
    expect(Object.keys(definition.States).filter(isEnd)).toEqual(expect.arrayContaining(['Ended', 'Failed']));
  });

  test('is not taken when somebody else has started it, and leads to the same ends', () => {
    const failed = { Variable: '$.progress.result.failed', BooleanEquals: true };
    const byCloudFormation = { Variable: '$.cloudFormation', IsPresent: true };
    expect(definition.States['AskedByCloudFormation?']).toMatchObject({
      Choices: [
        { And: [byCloudFormation, failed], Next: 'AnswerFailure' },
        { ...byCloudFormation, Next: 'AnswerSuccess' },
        { ...failed, Next: 'Failed' },
      ],
      Default: 'Ended',
    });
  });
});

test('it ends as failed when the policy says so, with the outcome and the reason, and else with the result', () => {
  expect(definition.States.AnswerFailure).toMatchObject({ Next: 'Failed' });
  expect(definition.States.Failed).toMatchObject({
    ErrorPath: '$.progress.result.outcome',
    CausePath: '$.progress.result.reason',
  });
  for (const name of ['AnswerSuccess', 'Ended']) {
    expect(definition.States[name]).toMatchObject({ OutputPath: '$.progress.result', End: true });
  }
});

test('each step of the contract leads to its state', () => {
  const { Choices, Default } = definition.States['Over?'] as State;
  expect(Choices).toEqual([
    { Variable: '$.progress.next', StringEquals: 'END', Next: 'AskedByCloudFormation?' },
    { Variable: '$.progress.next', StringEquals: 'CANCEL', Next: 'RequestCancellation' },
  ]);
  // A search that goes on waits as well, and keeps its progress.
  expect(Default).toBe('Wait');
  expect(definition.States.Wait).toMatchObject({ SecondsPath: '$.progress.waitSeconds', Next: 'AwaitDeployment' });
});

test('nowhere in the template is there a place to answer to', () => {
  expect(JSON.stringify(template.toJSON())).not.toMatch(/ResponseURL/i);
});
