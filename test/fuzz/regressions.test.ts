import { FuzzRunner } from './fuzz';
import { DEFAULTS, type Schedule } from './schedule';

/** Schedules that `npm run test:fuzz` found once. */

let runner: FuzzRunner;
beforeAll(async () => {
  runner = await FuzzRunner.open();
});
afterAll(() => runner.close());

/** A deployment is in flight, and its cancellation takes 20 seconds. */
const PLAIN: Schedule = {
  ...DEFAULTS,
  seed: 1,
  lifecycle: 'created',
  timeoutSeconds: 60,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
  behaviors: [
    {
      first: { seconds: 3000, ends: 'SUCCEEDED' },
      onCancel: 'cancelled',
      cancelSeconds: 20,
      startsAt: [],
      withholdsIds: false,
    },
  ],
  skewSeconds: 0,
  callFaults: [],
  functionFaults: [],
  responseFaults: [],
  consistency: 'strong',
  quotas: 'none',
  delivery: 'prompt',
  abortsAt: [],
};

test('the error message of a parameter that cannot be read is neither in a log nor in the history of an execution', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    callFaults: [{ call: 'ssm:GetParameter', from: 1, count: 30, fault: 'server-error' }],
  });
  expect(violations).toEqual([]);
  expect(record.readable).toMatch(/ssm:GetParameter on arn:\S+ failed with InternalServerError/);
});

test('a stack that faults leave in ROLLBACK_FAILED is not updated, and violates no invariant', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'replaced',
    behaviors: [],
    functionFaults: [{ task: 'request', from: 2, count: null, fault: { kind: 'crash', when: 'before' } }],
  });
  expect(violations).toEqual([]);
  expect(record.steps.map(({ status }) => status)).toEqual(['ROLLBACK_FAILED']);
});

test('a Delete is answered although its body cannot be kept and the first responses are lost', async () => {
  const { record, violations } = await runner.run({
    ...PLAIN,
    lifecycle: 'deleted-while-waiting',
    behaviors: [],
    callFaults: [{ call: 'ssm:PutParameter', from: 1, count: null, fault: 'throttled' }],
    responseFaults: [{ from: 1, count: 11, fault: 'hang' }],
  });
  expect(violations).toEqual([]);
  expect(record.stackEvents.map(({ status }) => status)).not.toContain('DELETE_FAILED');
});
