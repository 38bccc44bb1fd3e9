import { Bench, cancellationStack, deployedAt, stackOf } from './bench';
import { expectDiscretion } from './witness';

const assembly = cancellationStack();
const stack = stackOf(assembly);

test('an execution that a person aborts is answered at once, and not after the hour', async () => {
  const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
  const { stepFunctions, ssm } = bench.cloud;
  bench.clock.schedule(20_000, () => stepFunctions.executions[0]?.stop('Person', 'enough of this'));
  const begun = bench.clock.now();
  expect(await bench.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(bench.clock.now() - begun).toBeLessThan(30_000);
  const reasons = bench.witness.events.flatMap(({ statusReason }) => statusReason ?? []);
  expect(reasons.join('\n')).toContain('the execution of the cancellation ended as ABORTED before it could say');
  expect(ssm.parameters).toEqual([]);
  expectDiscretion(bench.witness);
});
