import { Stage } from './fuzz';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

/** What `npm run test:fuzz` draws thousands of. */
test('no schedule of faults leaves a stack hanging, tells it something false, harms or gives anything away', async () => {
  const { runs, findings } = await stage.campaign(30, 20_261_125);
  expect(findings.map(({ schedule, violations }) => ({ violations, replay: JSON.stringify(schedule) }))).toEqual([]);
  expect(runs).toBe(30);
});
