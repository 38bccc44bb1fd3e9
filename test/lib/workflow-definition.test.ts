import { DeploymentCancellation, ProtonDeployment } from '../../lib';
import { type Definition, definitionOf, languageProblems, type State, synthesise } from '../helpers/template';

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
    'AnswerCloudFormation: Task',
    'AskedByCloudFormation?: Choice',
    'AwaitDeployment: Task',
    'Ended: Pass',
    'ExplainFailure: Pass',
    'Failed: Fail',
    'Failed?: Choice',
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

  test.each([
    ['FindDeployment', DEPLOYMENT, beginning],
    ['RequestCancellation', DEPLOYMENT, { ...beginning, 'progress.$': '$.progress' }],
    ['AwaitDeployment', DEPLOYMENT, { ...beginning, 'progress.$': '$.progress' }],
    [
      'AnswerCloudFormation',
      CLOUDFORMATION,
      { ...request, 'executionArn.$': '$$.Execution.Id', 'result.$': '$.progress.result' },
    ],
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
  /** Where it goes on from a state when CloudFormation has asked. */
  function after(name: string): string[] {
    const { Next, Default, Choices = [], Catch = [] } = definition.States[name] as State;
    const asked = Choices.find(({ Variable }) => Variable === '$.cloudFormation');
    if (asked) return [asked.Next];
    return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((handler) => handler.Next)].filter(
      (next) => next !== undefined,
    );
  }

  function reachable(from: string, stopAt?: string, seen = new Set<string>()): Set<string> {
    if (seen.has(from)) return seen;
    seen.add(from);
    if (from !== stopAt) for (const next of after(from)) reachable(next, stopAt, seen);
    return seen;
  }

  const before = [...reachable(definition.StartAt, 'AnswerCloudFormation')];

  test.each(before)('is open from %s', (name) => {
    expect(reachable(name)).toContain('AnswerCloudFormation');
  });

  test('cannot be passed by: no end is reached without an answer', () => {
    expect(before).toEqual(expect.arrayContaining(['FindDeployment', 'ExplainFailure', 'AnswerCloudFormation']));
    const isEnd = (name: string) => definition.States[name]?.End === true || definition.States[name]?.Type === 'Fail';
    expect(before.filter(isEnd)).toEqual([]);
    expect(Object.keys(definition.States).filter(isEnd)).toEqual(expect.arrayContaining(['Ended', 'Failed']));
  });

  test('is not taken when somebody else has started it', () => {
    expect(definition.States['AskedByCloudFormation?']).toMatchObject({
      Choices: [{ Variable: '$.cloudFormation', IsPresent: true, Next: 'AnswerCloudFormation' }],
      Default: 'Failed?',
    });
  });
});

test('it ends as failed when the policy says so, with the outcome and the reason, and else with the result', () => {
  expect(definition.States['Failed?']).toMatchObject({
    Choices: [{ Variable: '$.progress.result.failed', BooleanEquals: true, Next: 'Failed' }],
    Default: 'Ended',
  });
  expect(definition.States.Failed).toMatchObject({
    ErrorPath: '$.progress.result.outcome',
    CausePath: '$.progress.result.reason',
  });
  expect(definition.States.Ended).toMatchObject({ OutputPath: '$.progress.result' });
});

test('each step of the contract leads to its state', () => {
  const { Choices, Default } = definition.States['Over?'] as State;
  expect(Choices).toEqual([
    { Variable: '$.progress.next', StringEquals: 'END', Next: 'AskedByCloudFormation?' },
    { Variable: '$.progress.next', StringEquals: 'CANCEL', Next: 'RequestCancellation' },
    { Variable: '$.progress.next', StringEquals: 'FIND', Next: 'FindDeployment' },
  ]);
  expect(Default).toBe('Wait');
  expect(definition.States.Wait).toMatchObject({ SecondsPath: '$.progress.waitSeconds', Next: 'AwaitDeployment' });
});

test('nowhere in the template is there a place to answer to', () => {
  expect(JSON.stringify(template.toJSON())).not.toMatch(/ResponseURL/i);
});
