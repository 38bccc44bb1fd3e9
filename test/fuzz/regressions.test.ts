import { Stage } from './fuzz';
import type { Schedule } from './schedule';

/** What the campaign has found once. */

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

/** A deployment is in flight, and is cancelled in 20 seconds. */
const PLAIN: Schedule = {
  seed: 1,
  life: 'created',
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
  answerFaults: [],
  abortsAt: [],
};

test('the message of a parameter that cannot be read is neither in a log nor in the history of an execution', async () => {
  const { traces, violations } = await stage.play({
    ...PLAIN,
    callFaults: [{ call: 'ssm:GetParameter', from: 1, count: 5, fault: 'server-error' }],
  });
  expect(violations).toEqual([]);
  expect(traces.readable).toContain('ssm:GetParameter failed with InternalServerError');
});

test('a stack that faults have left in ROLLBACK_FAILED is not updated further, and the promise is held against it', async () => {
  const { traces, violations } = await stage.play({
    ...PLAIN,
    life: 'replaced',
    behaviors: [],
    functionFaults: [{ task: 'request', from: 2, count: null, fault: { kind: 'crash', when: 'before' } }],
  });
  expect(violations).toEqual([]);
  expect(traces.steps.map(({ status }) => status)).toEqual(['ROLLBACK_FAILED']);
});
