import { faultsOf } from '../../../emulator/simulation/scenarios';

describe('faults', () => {
  const RESET = { kind: 'reset' } as const;
  const HANG = { kind: 'hang' } as const;
  const call = (operation: string, service = 'proton') => ({ service, operation, input: {} });

  test('are counted for each operation, between two numbers of calls', () => {
    const faults = faultsOf([{ operation: 'A', from: 2, to: 3, fault: RESET }]);
    const answers = ['A', 'B', 'A', 'B', 'A', 'A'].map((operation) => faults(call(operation)));
    expect(answers).toEqual([undefined, undefined, RESET, undefined, RESET, undefined]);
  });

  test('apply to every call without an operation or bounds, and the first matching rule counts', () => {
    const faults = faultsOf([{ operation: 'A', to: 1, fault: HANG }, { fault: RESET }]);
    expect(['A', 'A', 'B'].map((operation) => faults(call(operation)))).toEqual([HANG, RESET, RESET]);
  });

  test('apply to calls of Proton by default', () => {
    expect(faultsOf([{ fault: RESET }])(call('A', 'sfn'))).toBeUndefined();
  });

  test('of two runs are independent', () => {
    const rules = [{ to: 1, fault: RESET }];
    expect([faultsOf(rules), faultsOf(rules)].map((faults) => faults(call('A')))).toEqual([RESET, RESET]);
  });
});
