import { FAULT_CASES, FAULTS, type FaultCase, forEach, type IsFaulty, runCase } from './fault-cases';

// Some faults take real time, because no response arrives.
jest.setTimeout(600_000);

const faultCases: readonly [string, FaultCase][] = Object.entries(FAULT_CASES);

describe.each(faultCases)('1. %s:', (_name, faultCase) => {
  /** The number of calls of each operation without faults. */
  async function undisturbed(): Promise<[string, number][]> {
    const { calls, ending } = await runCase(faultCase);
    expect(ending).toEqual(faultCase.ending);
    return [...calls];
  }

  test.each(Object.entries(FAULTS))(
    '%s does not change the result, whichever call it affects',
    async (_what, fault) => {
      const calls = (await undisturbed()).flatMap(([call, times]) =>
        Array.from(Array(times).keys(), (n) => `${call} ${n}`),
      );
      const endings = await forEach(calls, async (name) => {
        const isFaulty: IsFaulty = (call, before) => `${call} ${before}` === name;
        return (await runCase(faultCase, fault, isFaulty)).ending;
      });
      expect(endings).toEqual(Object.fromEntries(calls.map((name) => [name, faultCase.ending])));
    },
  );

  test.each(Object.entries(FAULTS))(
    '%s of every call of an operation leads to a true response',
    async (_what, fault) => {
      const operations = (await undisturbed()).map(([call]) => call);
      const endings = await forEach(operations, async (operation) => {
        // A parameter cannot be deleted if that call fails, if running executions are not found, if the function times out,
        // or if it is deleted while it tries to start the execution of a creation that was given up.
        const leftovers =
          operation.startsWith('ssm ') ||
          operation === 'sfn ListExecutions' ||
          (operation === 'sfn StartExecution' && faultCase === FAULT_CASES['a creation is given up while it waits']) ||
          fault.kind === 'hang';
        return (await runCase(faultCase, fault, (call) => call === operation, leftovers)).ending;
      });
      for (const [operation, { stack, output, deployments }] of Object.entries(endings)) {
        const [cancellable] = deployments.slice(faultCase.cancellable - 1);
        expect({ operation, stack, output }).toEqual(
          stack === 'CREATE_COMPLETE'
            ? { operation, stack, output: cancellable }
            : { operation, stack: 'ROLLBACK_COMPLETE', output: undefined },
        );
      }
    },
  );
});

describe('1. at the first calls of every operation', () => {
  const faults = Object.entries(FAULTS).filter(([, { kind }]) => kind !== 'hang');
  const faultCase: FaultCase = FAULT_CASES['a newer deployment comes while the first is cancelled'];

  const OPERATIONS = [
    'cloudformation DescribeStacks',
    'proton CancelServiceInstanceDeployment',
    'proton GetDeployment',
    'proton GetServiceInstance',
    'sfn DescribeExecution',
    'sfn StartExecution',
    'ssm DeleteParameter',
    'ssm GetParameter',
    'ssm PutParameter',
  ];

  test.each(faults)('%s does not change the result, once and three times', async (_what, fault) => {
    for (const times of [1, 3]) {
      const { ending, calls } = await runCase(faultCase, fault, (_call, before) => before < times);
      expect(ending).toEqual(faultCase.ending);
      expect([...calls.keys()].sort()).toEqual(OPERATIONS);
    }
  });
});
