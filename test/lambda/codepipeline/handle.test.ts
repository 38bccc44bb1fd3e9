import { inspect } from 'node:util';
import { CallError } from '../../../lambda/call-error';
import { handleJob, type JobDependencies } from '../../../lambda/codepipeline/handle';
import { createCall } from '../../../lambda/retry';

const JOB = '0c3a9a6e-1f6b-4c58-9d2f-1d7a4d5b1c11';
const job = (id: unknown) => ({ 'CodePipeline.job': { id, accountId: '111122223333', data: {} } }) as never;

beforeEach(() => {
  jest.spyOn(console, 'info').mockImplementation();
});

const STATE_MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:StageFailure';

/** The dependencies of an invocation that has 28 seconds, on a clock that does not wait. */
function dependencies(start: JobDependencies['start']) {
  let time = 0;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
    random: () => 0.5,
  };
  const budget = { reserveFrom: 28_000, end: 28_000 };
  const call = createCall({ clock, budget, access: { isAnyCallAllowed: false } });
  return { stateMachineArn: STATE_MACHINE, start, call, clock };
}

const fails = (name: string) => Object.assign(new Error(`secret of ${name}`), { name, $fault: 'client' });

test('a job starts one execution, whose name and input are the ID of the job', async () => {
  const start = jest.fn();
  await handleJob(job(JOB), dependencies(start));
  expect(start.mock.calls).toEqual([[JOB, { jobId: JOB }]]);
});

test('a job that is delivered twice starts the same execution twice', async () => {
  const start = jest.fn();
  await handleJob(job(JOB), dependencies(start));
  await handleJob(job(JOB), dependencies(start));
  expect(start.mock.calls[1]).toEqual(start.mock.calls[0]);
});

test.each(['AccessDeniedException', 'ThrottlingException', 'ServiceUnavailable'])(
  'a start that fails with %s at first is tried again',
  async (name) => {
    const start = jest.fn().mockRejectedValueOnce(fails(name)).mockRejectedValueOnce(fails(name));
    await handleJob(job(JOB), dependencies(start));
    expect(start).toHaveBeenCalledTimes(3);
  },
);

test('an execution that cannot be started is an error without the message of the service, within the timeout', async () => {
  const deps = dependencies(jest.fn().mockRejectedValue(fails('ThrottlingException')));
  const error = await handleJob(job(JOB), deps).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CallError);
  expect(inspect(error, { showHidden: true, depth: null })).not.toContain('secret');
  expect(String(error)).toBe(`CallError: states:StartExecution on ${STATE_MACHINE} failed with ThrottlingException`);
  expect(deps.clock.now()).toBeGreaterThan(10_000);
  expect(deps.clock.now()).toBeLessThanOrEqual(28_000);
});

test.each([
  ['nothing', {} as never],
  ['no ID', job(undefined)],
  ['an invalid ID', job('a/b')],
  ['an ID that is not a string', job(7)],
])('an event with %s is an error that says what is wrong, and starts nothing', async (_what, event) => {
  const start = jest.fn();
  await expect(handleJob(event, dependencies(start))).rejects.toThrow(
    'the event has no codepipeline job: only a rule or an action of a pipeline can invoke this function',
  );
  expect(start).not.toHaveBeenCalled();
});
