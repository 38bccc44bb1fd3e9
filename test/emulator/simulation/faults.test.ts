import { faultsOf } from '../../../emulator/simulation/faults';

const RESET = { kind: 'reset' } as const;
const HANG = { kind: 'hang' } as const;
const call = (operation: string, service = 'ecs') => ({ service, operation, input: {} });

test('faults are counted for each operation, between two numbers of calls', () => {
  const faults = faultsOf([{ service: 'ecs', operation: 'A', from: 2, to: 3, fault: RESET }]);
  const answers = ['A', 'B', 'A', 'B', 'A', 'A'].map((operation) => faults(call(operation)));
  expect(answers).toEqual([undefined, undefined, RESET, undefined, RESET, undefined]);
});

test('faults apply to every call without an operation or bounds, and the first matching rule counts', () => {
  const faults = faultsOf([
    { service: 'ecs', operation: 'A', to: 1, fault: HANG },
    { service: 'ecs', fault: RESET },
  ]);
  expect(['A', 'A', 'B'].map((operation) => faults(call(operation)))).toEqual([HANG, RESET, RESET]);
});

test('faults apply to calls of their service only', () => {
  expect(faultsOf([{ service: 'ecs', fault: RESET }])(call('A', 'sfn'))).toBeUndefined();
});

test('faults of two runs are independent', () => {
  const rules = [{ service: 'ecs', to: 1, fault: RESET }];
  expect([faultsOf(rules), faultsOf(rules)].map((faults) => faults(call('A')))).toEqual([RESET, RESET]);
});

test('every rule that matches is reported', () => {
  const [first, second] = [
    { service: 'ecs', operation: 'A', fault: RESET },
    { service: 'ecs', operation: 'B', fault: RESET },
  ];
  const matched = new Set<object>();
  const faults = faultsOf([first, second], (rule) => matched.add(rule));
  faults(call('B'));
  faults(call('C'));
  expect([...matched]).toEqual([second]);
});
