import { Duration } from 'aws-cdk-lib';
import { Errors, JitterType, type RetryProps } from 'aws-cdk-lib/aws-stepfunctions';
import {
  IN_DOUBT_DELAY_SECONDS,
  LONG_TIMEOUT_SECONDS,
  RESPONSE_MARGIN_SECONDS,
  TIMEOUT_SECONDS,
} from '../../contract/cancellation';

/** The longest time that CloudFormation waits for an execution, and that a fleet takes, in seconds. */
const LONGEST_RESPONSE_SECONDS = TIMEOUT_SECONDS.max + RESPONSE_MARGIN_SECONDS;

/**
 * The longest delay between two attempts, in seconds. Each attempt adds three events to the history of the execution.
 * With this delay, 40 batches that are throttled for an hour stay below the quota of 25,000 events, and so does one
 * deployment that is throttled for a day.
 */
const MAX_DELAY_SECONDS = 60;

/**
 * Returns the retries of throttling that last for some seconds. With full jitter, a delay is half of the maximum on average, so the attempts last 1.25
 * times as long on average. The deployment function, not the number of attempts, decides that the timeout has passed.
 */
function throttling(seconds: number): RetryProps {
  return {
    interval: Duration.seconds(1),
    backoffRate: 2,
    maxDelay: Duration.seconds(MAX_DELAY_SECONDS),
    jitterStrategy: JitterType.FULL,
    maxAttempts: Math.ceil((1.25 * seconds) / (MAX_DELAY_SECONDS / 2)),
  };
}

/** The retries of other errors, which last up to a minute and a half. */
const ERRORS = {
  interval: Duration.seconds(1),
  backoffRate: 2,
  maxDelay: Duration.seconds(20),
  jitterStrategy: JitterType.FULL,
  maxAttempts: 6,
};

/** The first delay after a function that may have sent a cancel request. Full jitter would shorten it. */
const IN_DOUBT = {
  interval: Duration.seconds(IN_DOUBT_DELAY_SECONDS),
  jitterStrategy: JitterType.NONE,
};

/**
 * Returns the retries of a task that invokes a function.
 *
 * @param seconds how long the function may be throttled
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
 */
function invocationRetries(seconds: number): readonly RetryProps[] {
  return [
    {
      ...throttling(seconds),
      // The function did not run.
      errors: ['Lambda.TooManyRequestsException'],
    },
    {
      ...throttling(seconds),
      ...IN_DOUBT,
      // Failures of Lambda or on the way to it: the function may have run.
      errors: ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException'],
    },
    {
      errors: ['Sandbox.Timedout', Errors.TIMEOUT],
      ...IN_DOUBT,
      // An attempt that times out takes minutes.
      maxAttempts: 1,
    },
    { ...ERRORS, ...IN_DOUBT, errors: [Errors.ALL] },
  ];
}

/** The retries of a task for a fleet, or of a response to CloudFormation. */
export const INVOCATION_RETRIES = invocationRetries(LONGEST_RESPONSE_SECONDS);

/** The retries of a task for one deployment, which may have a long timeout. */
export const LONG_INVOCATION_RETRIES = invocationRetries(LONG_TIMEOUT_SECONDS.max);

/**
 * The retries of a task that starts an execution with a name: a second start with the same name returns the same execution.
 * Not of other errors, which may be those of the execution itself.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export const START_EXECUTION_RETRIES: readonly RetryProps[] = [
  {
    ...ERRORS,
    errors: [
      'StepFunctions.AWSStepFunctionsException',
      'StepFunctions.ExecutionLimitExceededException',
      'StepFunctions.KmsThrottlingException',
      'StepFunctions.SdkClientException',
      'StepFunctions.ThrottlingException',
    ],
  },
];

/** The retries of a task that puts an event: nobody waits for it long. */
export const EVENT_RETRIES: RetryProps = { ...ERRORS, errors: [Errors.ALL], maxAttempts: 3 };

/**
 * The retries of a task that reports the result of a job to CodePipeline. They last a minute and a half on average, and
 * CodePipeline waits two minutes longer than the longest timeout.
 */
export const JOB_RESULT_RETRIES: readonly RetryProps[] = [
  // The job is over: its result was reported by an earlier attempt, or CodePipeline has stopped waiting.
  {
    errors: ['CodePipeline.InvalidJobStateException', 'CodePipeline.JobNotFoundException'],
    maxAttempts: 0,
  },
  { ...ERRORS, errors: [Errors.ALL], maxAttempts: 12 },
];
