import { FAULTS, forEach, type Hit, play, SITUATIONS, type Situation } from './fault-cases';

// Some wait in real time for answers that never come.
jest.setTimeout(600_000);

const situations: readonly [string, Situation][] = Object.entries(SITUATIONS);

describe.each(situations)('1. %s:', (_name, situation) => {
  /** How often each operation is called when nothing goes wrong. */
  async function undisturbed(): Promise<[string, number][]> {
    const { calls, ending } = await play(situation);
    expect(ending).toEqual(situation.ending);
    return [...calls];
  }

  test.each(Object.entries(FAULTS))('%s changes nothing about the end, whatever call it hits', async (_what, fault) => {
    const calls = (await undisturbed()).flatMap(([call, times]) =>
      Array.from(Array(times).keys(), (n) => `${call} ${n}`),
    );
    const endings = await forEach(calls, async (name) => {
      const hit: Hit = (call, before) => `${call} ${before}` === name;
      return (await play(situation, fault, hit)).ending;
    });
    expect(endings).toEqual(Object.fromEntries(calls.map((name) => [name, situation.ending])));
  });

  test.each(Object.entries(FAULTS))(
    '%s at every call of an operation ends with an answer that is true',
    async (_what, fault) => {
      const operations = (await undisturbed()).map(([call]) => call);
      const endings = await forEach(operations, async (operation) => {
        // What is noted cannot be forgotten where that goes wrong, where it is not known what has been running, or where a
        // function waits for an answer until it is ended.
        const leftovers = operation.startsWith('ssm ') || operation === 'sfn ListExecutions' || fault.kind === 'hang';
        return (await play(situation, fault, (call) => call === operation, leftovers)).ending;
      });
      for (const [operation, { stack, output, deployments }] of Object.entries(endings)) {
        const [meant] = deployments.slice(situation.meant - 1);
        expect({ operation, stack, output }).toEqual(
          stack === 'CREATE_COMPLETE'
            ? { operation, stack, output: meant }
            : { operation, stack: 'ROLLBACK_COMPLETE', output: undefined },
        );
      }
    },
  );
});
