import { FleetCancellation, ProtonFleet } from '../../../lib';
import { type Definition, definitionOf, languageProblems, type State, synthesize } from '../../helpers/template';

const template = synthesize((stack) => {
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') });
});
const definition: Definition = definitionOf(template, 'FleetCancellationWorkflow');

interface MapState extends State {
  readonly ItemsPath: string;
  readonly ItemSelector: unknown;
  readonly ResultPath: string;
  readonly ItemProcessor: Definition & { readonly ProcessorConfig: { readonly Mode: string } };
}
const map = definition.States.CancelBatches as MapState;
const { States: batchStates, StartAt: batchStart } = map.ItemProcessor;
const states = [...Object.entries(definition.States), ...Object.entries(batchStates)];
const tasks = states.filter(([, { Type }]) => Type === 'Task');

test('it is valid Amazon States Language', () => {
  expect(languageProblems(definition)).toBe('');
});

test('it is in JSONPath, and has no timeout', () => {
  expect(JSON.stringify(definition)).not.toMatch(/QueryLanguage|JSONata|\{%|"Assign"|"Arguments"|"Output"/);
  expect(JSON.stringify(definition)).not.toMatch(/HeartbeatSeconds|aws-sdk/);
  expect(definition).not.toHaveProperty('TimeoutSeconds');
});

test('only the summary, which calls no service, has a timeout of its own: a minute', () => {
  const timeouts = states.flatMap(([name, { TimeoutSeconds }]) =>
    TimeoutSeconds ? [`${name}: ${TimeoutSeconds}`] : [],
  );
  expect(timeouts).toEqual(['Summarise: 60']);
});

test('the names of its states describe what they do', () => {
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

test('the names of its states are unique, including those of a batch', () => {
  const names = states.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('the map is inline, runs all batches of the state at the same time, and replaces the batches by their results', () => {
  expect(map).not.toHaveProperty('MaxConcurrency');
  expect(map).not.toHaveProperty('MaxConcurrencyPath');
  expect(map).toMatchObject({
    ItemsPath: '$.progress.batches',
    ItemSelector: { 'batch.$': '$$.Map.Item.Value', 'activeCount.$': '$.progress.activeCount' },
    ResultPath: '$.progress',
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } },
  });
});

test('the result of a batch is its state, or, if its function failed, its counts and the number of unfinished deployments', () => {
  expect(batchStates.BatchEnded).toMatchObject({ OutputPath: '$.batch' });
  expect(batchStates.BatchCutOff?.Parameters).toEqual({
    'counts.$': '$.batch.counts',
    'unfinished.$': '$.batch.left',
    'error.$': '$.error.Error',
  });
  expect(JSON.stringify(definition)).not.toContain('$.error.Cause');
});

test.each([
  ['FindFleet', 'ExplainFailure'],
  ['CancelBatches', 'ExplainFailure'],
  ['Summarise', 'ExplainFailure'],
  ['CancelBatch', 'BatchCutOff'],
])('%s continues with %s if it fails', (name, next) => {
  const state = definition.States[name] ?? batchStates[name];
  expect(state?.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next }]);
});

test('every task but the response has a catch', () => {
  expect(
    tasks
      .filter(([, { Catch }]) => !Catch)
      .map(([name]) => name)
      .sort(),
  ).toEqual(['AnswerFailure', 'AnswerSuccess']);
});
