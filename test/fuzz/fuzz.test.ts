import { FuzzRunner } from './fuzz';

let runner: FuzzRunner;
beforeAll(async () => {
  runner = await FuzzRunner.open();
});
afterAll(() => runner.close());

/** `npm run test:fuzz` runs thousands of schedules. */
test('no schedule of faults violates an invariant', async () => {
  const { runs, findings } = await runner.fuzz(10, Date.now() % 1_000_000);
  expect(findings.map(({ schedule, violations }) => ({ violations, replay: JSON.stringify(schedule) }))).toEqual([]);
  expect(runs).toBe(10);
  // A run takes a second or two with its stack; a busy machine may take its time.
}, 300_000);
