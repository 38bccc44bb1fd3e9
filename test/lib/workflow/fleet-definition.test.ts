import { FleetCancellation, ProtonFleet } from '../../../lib';
import { type Definition, resolved, type State, synthesise } from '../../helpers/template';

/** What the package says of itself in TypeScript is not in its package. It adds members to what it is given. */
const validate =
  jest.requireActual<
    (
      definition: unknown,
      options: { checkPaths: boolean; checkArn: boolean },
    ) => { isValid: boolean; errorsText(): string }
  >('asl-validator');

const template = synthesise((stack) => {
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') });
});
const machine = template.findResources(
  'AWS::StepFunctions::StateMachine',
).FleetCancellationWorkflowStateMachineF2636318;
const definition: Definition = JSON.parse(resolved(machine?.Properties.DefinitionString) as string);

interface MapState extends State {
  readonly ItemsPath: string;
  readonly MaxConcurrencyPath: string;
  readonly ItemSelector: unknown;
  readonly ResultPath: string;
  readonly ItemProcessor: Definition & { readonly ProcessorConfig: { readonly Mode: string } };
}
const map = definition.States.CancelBatches as MapState;
const { States: batchStates, StartAt: batchStart } = map.ItemProcessor;
const states = [...Object.entries(definition.States), ...Object.entries(batchStates)];
const tasks = states.filter(([, { Type }]) => Type === 'Task');

test('it is valid Amazon States Language', () => {
  const verdict = validate(structuredClone(definition), { checkPaths: true, checkArn: false });
  expect(verdict.errorsText()).toBe('');
  expect(verdict.isValid).toBe(true);
});

test('it is written in JSONPath, and has no timeout of its own', () => {
  expect(JSON.stringify(definition)).not.toMatch(/QueryLanguage|JSONata|\{%|"Assign"|"Arguments"|"Output"/);
  expect(JSON.stringify(definition)).not.toMatch(/TimeoutSeconds|HeartbeatSeconds|aws-sdk/);
});

test('it reads as a sentence', () => {
  expect(Object.entries(definition.States).map(([name, { Type }]) => `${name}: ${Type}`)).toEqual(
    expect.arrayContaining(['FindFleet: Task', 'Found?: Choice', 'CancelBatches: Map', 'Summarise: Task']),
  );
  expect(
    Object.entries(batchStates)
      .map(([name, { Type }]) => `${name}: ${Type}`)
      .sort(),
  ).toEqual(['BatchCutOff: Pass', 'BatchEnded: Succeed', 'BatchOver?: Choice', 'CancelBatch: Task', 'Wait: Wait']);
  expect([definition.StartAt, batchStart]).toEqual(['FindFleet', 'CancelBatch']);
});

test('the names of its states are unique, those of the batches included', () => {
  const names = states.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('the map is inline, takes its concurrency from what was found, and puts results in the place of the batches', () => {
  expect(map).toMatchObject({
    ItemsPath: '$.progress.batches',
    MaxConcurrencyPath: '$.progress.concurrency',
    ItemSelector: { 'batch.$': '$$.Map.Item.Value', 'activeCount.$': '$.progress.activeCount' },
    ResultPath: '$.progress',
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } },
  });
});

test('a batch leaves its own state alone, or, cut off, its counts and how many are lost', () => {
  expect(batchStates.BatchEnded).toMatchObject({ OutputPath: '$.batch' });
  expect(batchStates.BatchCutOff?.Parameters).toEqual({
    'counts.$': '$.batch.counts',
    'unfinished.$': 'States.ArrayLength($.batch.left)',
    'error.$': '$.error.Error',
  });
  expect(JSON.stringify(definition)).not.toContain('$.error.Cause');
});

test.each(tasks)('%s is tried again after any error, but only once after it took minutes', (_name, { Retry }) => {
  expect(Retry).toMatchObject([
    { ErrorEquals: ['Sandbox.Timedout', 'States.Timeout'], MaxAttempts: 1 },
    { ErrorEquals: ['States.ALL'], MaxAttempts: 6, BackoffRate: 2, MaxDelaySeconds: 20, JitterStrategy: 'FULL' },
  ]);
});

test.each([
  ['FindFleet', 'ExplainFailure'],
  ['CancelBatches', 'ExplainFailure'],
  ['Summarise', 'ExplainFailure'],
  ['CancelBatch', 'BatchCutOff'],
])('%s that cannot be done leads to %s', (name, next) => {
  const state = definition.States[name] ?? batchStates[name];
  expect(state?.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }]);
});

test('no task is without a retry and a catch, but the answer, after which there is nothing left to say', () => {
  expect(
    tasks
      .filter(([, { Catch }]) => !Catch)
      .map(([name]) => name)
      .sort(),
  ).toEqual(['AnswerFailure', 'AnswerSuccess']);
});
