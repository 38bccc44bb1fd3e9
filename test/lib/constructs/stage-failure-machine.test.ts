import { ServiceError } from '../../../emulator/core/http-server';
import { CancelOnStageFailure } from '../../../lib';
import { failure, fixture, machine } from '../../emulator/aws/step-functions/machines';
import { approval, deployment, INPUT, pipelineWith, WORKFLOW, withArns } from '../../helpers/pipeline-fixtures';
import { definitionOf, languageProblems, synthesize } from '../../helpers/template';

const template = withArns(
  synthesize((stack) => {
    const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [approval()] }]);
    new CancelOnStageFailure(stack, 'Cancel', { pipeline, stageName: 'Release', deployment });
  }),
);
const definition = definitionOf(template, 'Cancel');
const reported = (operation: string) => `arn:aws:states:::aws-sdk:codepipeline:putJob${operation}Result`;

const RESULT = { outcome: 'CANCELLED', reason: 'because', attributes: { deploymentStatus: 'CANCELLED' } };
const SUCCEEDS = { Type: 'Pass', Result: RESULT, End: true };
const FAILS = { Type: 'Fail', Error: 'TIMED_OUT', Cause: 'too late' };
const SLOW = { End: { Type: 'Wait', Seconds: 600, Next: 'Succeed' }, Succeed: SUCCEEDS };

interface Faults {
  /** Called with the number of each start of the workflow, from 1. */
  readonly start?: (attempt: number, start: () => void) => void;
  /** Called with the number of each report, from 1. */
  readonly report?: (attempt: number) => void;
}

/** The results that are reported to CodePipeline, for an end of the workflow. */
async function runOf(end: object, faults: Faults = {}) {
  return runWith({ End: end }, faults);
}

async function runWith(states: object, { start: onStart, report }: Faults = {}) {
  const jobs: unknown[] = [];
  const { sfn, start, clock } = fixture((event: { JobId?: string }) => {
    jobs.push(event);
    report?.(jobs.length);
  });
  const nested = machine(sfn, { StartAt: 'End', States: states }, 'workflow');
  const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function';
  const text = JSON.stringify(definition)
    .replaceAll(WORKFLOW, nested)
    .replaceAll(reported('Success'), `${FUNCTION_ARN}:success`)
    .replaceAll(reported('Failure'), `${FUNCTION_ARN}:failure`);
  const startExecution = sfn.startExecution.bind(sfn);
  let starts = 0;
  jest.spyOn(sfn, 'startExecution').mockImplementation((request) => {
    if (request.stateMachineArn === nested) {
      starts++;
      onStart?.(starts, () => startExecution(request));
    }
    return startExecution(request);
  });
  const begun = clock.now();
  const execution = start(JSON.parse(text), { jobId: 'job-1' });
  await execution.ended;
  const seconds = (clock.now() - begun) / 1000;
  const cancellations = sfn.executions.filter(({ stateMachineArn }) => stateMachineArn === nested);
  return { jobs, status: execution.status, starts, seconds, names: cancellations.map(({ name }) => name) };
}

function throwOnce(type: string) {
  return (attempt: number): void => {
    if (attempt === 1) throw new ServiceError(type, 'Rate exceeded');
  };
}

test('it is valid, and runs the workflow for less time than CodePipeline waits', () => {
  expect(languageProblems(definition)).toBe('');
  expect(definition.States.CancelDeployment).toMatchObject({
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: {
      StateMachineArn: WORKFLOW,
      'Name.$': '$$.Execution.Name',
      Input: { ...INPUT, settings: { ...INPUT.settings, timeoutSeconds: 15 * 60 } },
    },
  });
});

test('it reports success to CodePipeline if the cancellation succeeds', async () => {
  expect(await runOf(SUCCEEDS)).toMatchObject({
    jobs: [{ JobId: 'job-1' }],
    status: 'SUCCEEDED',
    names: ['run'],
  });
});

test('it reports failure to CodePipeline if the cancellation fails, with the execution', async () => {
  expect(await runOf(FAILS)).toMatchObject({
    jobs: [
      {
        JobId: 'job-1',
        FailureDetails: {
          Type: 'JobFailed',
          Message: expect.stringMatching(
            /^the deployment is not known to be cancelled or over: see execution arn:aws:states:.*:execution:machine-.*:run$/,
          ),
        },
      },
    ],
    status: 'FAILED',
  });
});

test('it reports success and failure with different operations', () => {
  expect(definition.States.TellSuccess?.Resource).toBe(reported('Success'));
  expect(definition.States.TellFailure?.Resource).toBe(reported('Failure'));
});

describe('the start of the workflow', () => {
  test.each(['ThrottlingException', 'ExecutionLimitExceeded', 'AWSStepFunctionsException', 'SdkClientException'])(
    'is retried after %s',
    async (type) => {
      const run = await runOf(SUCCEEDS, { start: throwOnce(type) });
      expect(run).toMatchObject({ status: 'SUCCEEDED', jobs: [{ JobId: 'job-1' }], starts: 2, names: ['run'] });
    },
  );

  test('does not start a second cancellation if the response of the first start was lost', async () => {
    const start: Faults['start'] = (attempt, begin) => {
      if (attempt > 1) return;
      begin();
      throw new ServiceError('SdkClientException', 'Connection reset');
    };
    expect(await runWith(SLOW, { start })).toMatchObject({ status: 'SUCCEEDED', starts: 2, names: ['run'] });
  });

  test('is not retried if the cancellation fails', async () => {
    expect(await runOf(FAILS)).toMatchObject({ starts: 1, names: ['run'] });
  });

  test('is reported as a failure after all retries', async () => {
    const start = () => {
      throw new ServiceError('ThrottlingException', 'Rate exceeded');
    };
    const run = await runOf(SUCCEEDS, { start });
    expect(run).toMatchObject({ status: 'FAILED', starts: 7, names: [] });
    expect(run.jobs).toMatchObject([{ FailureDetails: { Type: 'JobFailed' } }]);
    expect(run.seconds).toBeLessThan(2 * 60);
  });
});

describe.each([
  ['success', SUCCEEDS, 'SUCCEEDED'],
  ['failure', FAILS, 'FAILED'],
])('the report of %s', (_what, end, status) => {
  test('is retried after an error', async () => {
    const report = (attempt: number) => {
      if (attempt <= 8) throw failure('CodePipeline.ThrottlingException');
    };
    const run = await runOf(end, { report });
    expect(run).toMatchObject({ status, names: ['run'] });
    expect(run.jobs).toHaveLength(9);
  });

  test.each(['CodePipeline.InvalidJobStateException', 'CodePipeline.JobNotFoundException'])(
    'is not retried after %s: the job is over',
    async (type) => {
      const run = await runOf(end, {
        report: () => {
          throw failure(type);
        },
      });
      expect(run).toMatchObject({ status: 'FAILED', names: ['run'] });
      expect(run.jobs).toHaveLength(1);
    },
  );
});

test('every task has retries with full jitter', () => {
  const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task');
  expect(tasks.map(([name]) => name).sort()).toEqual(['CancelDeployment', 'TellFailure', 'TellSuccess']);
  for (const [, { Retry = [] }] of tasks) {
    const retried = Retry.filter(({ MaxAttempts }) => MaxAttempts > 0);
    expect(retried).not.toEqual([]);
    for (const retry of retried) expect(retry).toMatchObject({ JitterStrategy: 'FULL' });
  }
});
