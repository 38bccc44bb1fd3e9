import { handleJob } from '../../../lambda/codepipeline/handle';

const JOB = '0c3a9a6e-1f6b-4c58-9d2f-1d7a4d5b1c11';
const job = (id: unknown) => ({ 'CodePipeline.job': { id, accountId: '111122223333', data: {} } }) as never;

beforeEach(() => {
  jest.spyOn(console, 'info').mockImplementation();
});

test('a job starts one execution, whose name and input are the ID of the job', async () => {
  const start = jest.fn();
  await handleJob(job(JOB), start);
  expect(start.mock.calls).toEqual([[JOB, { jobId: JOB }]]);
});

test('a job that is delivered twice starts the same execution twice', async () => {
  const start = jest.fn();
  await handleJob(job(JOB), start);
  await handleJob(job(JOB), start);
  expect(start.mock.calls[1]).toEqual(start.mock.calls[0]);
});

test('an execution that cannot be started is an error, so that Lambda tries again', async () => {
  const start = jest.fn().mockRejectedValue(new Error('throttled'));
  await expect(handleJob(job(JOB), start)).rejects.toThrow('throttled');
});

test.each([
  ['nothing', {} as never],
  ['no ID', job(undefined)],
  ['an invalid ID', job('a/b')],
  ['an ID that is not a string', job(7)],
])('an event with %s is an error that says what is wrong, and starts nothing', async (_what, event) => {
  const start = jest.fn();
  await expect(handleJob(event, start)).rejects.toThrow(
    'the event has no codepipeline job: only a rule or an action of a pipeline can invoke this function',
  );
  expect(start).not.toHaveBeenCalled();
});
