import { DeploymentCancellation, ProtonDeployment } from '../../../lib';
import { type Definition, definitionOf, languageProblems, type State, synthesize } from '../../helpers/template';

const template = synthesize((stack) => {
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

test('it is in JSONPath, which every interpreter supports', () => {
  expect(JSON.stringify(definition)).not.toMatch(/QueryLanguage|JSONata|\{%|"Assign"|"Arguments"|"Output"/);
});

test('it has no timeout, which would end it without a response', () => {
  expect(JSON.stringify(definition)).not.toMatch(/TimeoutSeconds|HeartbeatSeconds/);
});

test('the names of its states describe what they do', () => {
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
    'WaitToCancel: Wait',
  ]);
  expect(definition.StartAt).toBe('FindDeployment');
});

describe('the tasks', () => {
  const request = { 'request.$': '$$.Execution.Input' };
  const start = { ...request, 'startTime.$': '$$.Execution.StartTime' };
  const response = { ...request, 'executionArn.$': '$$.Execution.Id', 'result.$': '$.progress.result' };

  test.each([
    ['FindDeployment', DEPLOYMENT, start],
    ['RequestCancellation', DEPLOYMENT, { ...start, 'progress.$': '$.progress' }],
    ['AwaitDeployment', DEPLOYMENT, { ...start, 'progress.$': '$.progress' }],
    ['AnswerFailure', CLOUDFORMATION, response],
    ['AnswerSuccess', CLOUDFORMATION, response],
  ])('%s passes exactly the data that its function needs, without a response URL', (name, resource, parameters) => {
    expect(definition.States[name]).toMatchObject({ Resource: resource });
    expect(definition.States[name]?.Parameters).toEqual(parameters);
  });

  test.each(tasks.filter(([, { Resource }]) => Resource === DEPLOYMENT))(
    '%s continues with ExplainFailure if it fails, and keeps the state',
    (_name, { Catch }) => {
      expect(Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'ExplainFailure' }]);
    },
  );

  test('that call the deployment function are three', () => {
    expect(tasks.filter(([, { Resource }]) => Resource === DEPLOYMENT)).toHaveLength(3);
  });
});

test('the explanation of a failure names the error, but not its message, which may hold secrets', () => {
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

describe('the response', () => {
  const RESPONSES = ['AnswerFailure', 'AnswerSuccess'];

  /** The next states of a state if CloudFormation sent the request. */
  function after(name: string): string[] {
    const { Next, Default, Choices = [], Catch = [] } = definition.States[name] as State;
    const byCloudFormation = Choices.findIndex(({ Variable }) => Variable === '$.cloudFormation');
    // The first rule that matches is followed.
    if (byCloudFormation >= 0) return Choices.slice(0, byCloudFormation + 1).map((choice) => choice.Next);
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

  const before = [...reachable(definition.StartAt, RESPONSES)];

  test.each(before.filter((name) => !RESPONSES.includes(name)))('can be reached from %s', (name) => {
    expect([...reachable(name, RESPONSES)]).toEqual(expect.arrayContaining(RESPONSES));
  });

  test('is sent before every end', () => {
    expect(before).toEqual(expect.arrayContaining(['FindDeployment', 'ExplainFailure', ...RESPONSES]));
    const isEnd = (name: string) => definition.States[name]?.End === true || definition.States[name]?.Type === 'Fail';
    expect(before.filter(isEnd)).toEqual(['AnswerSuccess']);
    expect(Object.keys(definition.States).filter(isEnd)).toEqual(expect.arrayContaining(['Ended', 'Failed']));
  });

  test('is not sent if CloudFormation did not send the request, and the ends are the same', () => {
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

test('it fails with the outcome and the reason if the result is a failure, and else ends with the result', () => {
  expect(definition.States.AnswerFailure).toMatchObject({ Next: 'Failed' });
  expect(definition.States.Failed).toMatchObject({
    ErrorPath: '$.progress.result.outcome',
    CausePath: '$.progress.result.reason',
  });
  for (const name of ['AnswerSuccess', 'Ended']) {
    expect(definition.States[name]).toMatchObject({ OutputPath: '$.progress.result', End: true });
  }
});

test('each step of the contract continues with its state, and no step is repeated without a wait', () => {
  const { Choices, Default } = definition.States['Over?'] as State;
  const cancels = { Variable: '$.progress.next', StringEquals: 'CANCEL' };
  expect(Choices).toEqual([
    { Variable: '$.progress.next', StringEquals: 'END', Next: 'AskedByCloudFormation?' },
    { And: [cancels, { Variable: '$.progress.waitSeconds', NumericEquals: 0 }], Next: 'RequestCancellation' },
    { ...cancels, Next: 'WaitToCancel' },
  ]);
  // A search that goes on waits as well, and keeps its progress.
  expect(Default).toBe('Wait');
  const wait = { Type: 'Wait', SecondsPath: '$.progress.waitSeconds' };
  expect(definition.States.Wait).toMatchObject({ ...wait, Next: 'AwaitDeployment' });
  expect(definition.States.WaitToCancel).toMatchObject({ ...wait, Next: 'RequestCancellation' });
});

test('the template contains no response URL', () => {
  expect(JSON.stringify(template.toJSON())).not.toMatch(/ResponseURL/i);
});
