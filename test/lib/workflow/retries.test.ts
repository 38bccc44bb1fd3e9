import { ServiceError } from '../../../emulator/core/http-server';
import { DeploymentCancellation, FleetCancellation, ProtonFleet } from '../../../lib';
import {
  IN_DOUBT_DELAY_SECONDS,
  LONG_TIMEOUT_SECONDS,
  RESPONSE_MARGIN_SECONDS,
  TIMEOUT_SECONDS,
} from '../../../lib/contract/cancellation';
import { MAX_BATCHES } from '../../../lib/contract/fleet';
import { endOf, FUNCTION, failure, fixture, START } from '../../emulator/aws/step-functions/machines';
import { deployment } from '../../helpers/pipeline-fixtures';
import { type Definition, definitionOf, type State, synthesize } from '../../helpers/template';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MAX_HISTORY_EVENTS = 25_000;

/** The events of an attempt: scheduled, started, failed. */
const EVENTS_PER_ATTEMPT = 3;

const template = synthesize((stack) => {
  new DeploymentCancellation(stack, 'Cancel', { deployment });
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') });
});
const workflow = definitionOf(template, 'DeploymentCancellation');
const fleet = definitionOf(template, 'FleetCancellation');
const { ItemProcessor } = fleet.States.CancelBatches as State & { readonly ItemProcessor: Definition };

const isTask = ([, { Type }]: [string, State]) => Type === 'Task';
const tasks = [workflow, fleet, ItemProcessor].flatMap(({ States }) => Object.entries(States).filter(isTask));

interface Retry {
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: string;
}

/** The delays of a retrier before jitter, in seconds. */
function delaysOf({ IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds }: Retry): number[] {
  return Array.from({ length: MaxAttempts }, (_, attempt) =>
    Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** attempt),
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

test('the tasks of both state machines are found', () => {
  expect(tasks.map(([name]) => name).sort()).toEqual([
    ...['AnswerFailure', 'AnswerFailure', 'AnswerSuccess', 'AnswerSuccess', 'AwaitDeployment', 'CancelBatch'],
    ...['FindDeployment', 'FindFleet', 'RequestCancellation', 'Summarise'],
  ]);
});

const LONG_TASKS = ['FindDeployment', 'RequestCancellation', 'AwaitDeployment'];

describe.each(tasks)('%s', (name, { Retry = [] }) => {
  const MaxAttempts = LONG_TASKS.includes(name) ? 3600 : 150;

  test('is retried: often after throttling, and not before a read can see a cancel request after failures of Lambda, a timeout and other errors', () => {
    expect(Retry).toEqual([
      {
        ErrorEquals: ['Lambda.TooManyRequestsException'],
        IntervalSeconds: 1,
        BackoffRate: 2,
        MaxDelaySeconds: 60,
        MaxAttempts,
        JitterStrategy: 'FULL',
      },
      {
        ErrorEquals: ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException'],
        IntervalSeconds: IN_DOUBT_DELAY_SECONDS,
        BackoffRate: 2,
        MaxDelaySeconds: 60,
        MaxAttempts,
        JitterStrategy: 'NONE',
      },
      {
        ErrorEquals: ['Sandbox.Timedout', 'States.Timeout'],
        IntervalSeconds: IN_DOUBT_DELAY_SECONDS,
        MaxAttempts: 1,
        JitterStrategy: 'NONE',
      },
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: IN_DOUBT_DELAY_SECONDS,
        BackoffRate: 2,
        MaxDelaySeconds: 20,
        MaxAttempts: 6,
        JitterStrategy: 'NONE',
      },
    ]);
  });
});

function throttlingOf({ Retry = [] }: Partial<State> = {}): Retry {
  const [throttling] = Retry as unknown as Retry[];
  if (!throttling) throw new Error('no retry of throttling');
  return throttling;
}

test.each([
  ['a response', workflow.States.AnswerSuccess, TIMEOUT_SECONDS.max + RESPONSE_MARGIN_SECONDS],
  ['a fleet', ItemProcessor.States.CancelBatch, TIMEOUT_SECONDS.max + RESPONSE_MARGIN_SECONDS],
  ['a deployment', workflow.States.AwaitDeployment, LONG_TIMEOUT_SECONDS.max],
])('the retries of throttling last longer than the longest wait for %s', (_what, state, longest) => {
  const throttling = throttlingOf(state);
  const average = sum(delaysOf(throttling)) / 2;
  // Full jitter draws each delay evenly from zero to the whole delay.
  const deviation = Math.sqrt(sum(delaysOf(throttling).map((delay) => delay ** 2 / 12)));
  expect(average - 3 * deviation).toBeGreaterThan(longest);
});

test('the history of a fleet whose batches are all throttled has room for all retries', () => {
  const { MaxAttempts } = throttlingOf(ItemProcessor.States.CancelBatch);
  expect(MAX_BATCHES * MaxAttempts * EVENTS_PER_ATTEMPT).toBeLessThan(MAX_HISTORY_EVENTS * 0.8);
});

test('the history of a deployment whose function is throttled for a day has room for all retries', () => {
  const { MaxAttempts } = throttlingOf(workflow.States.AwaitDeployment);
  expect(MaxAttempts * EVENTS_PER_ATTEMPT).toBeLessThan(MAX_HISTORY_EVENTS * 0.8);
});

describe('an execution', () => {
  const RESULT = { outcome: 'CANCELLED', failed: false, reason: 'because', attributes: {} };

  /** Runs the workflow with functions that fail before a time. */
  async function runWith(error: () => Error, minutes: number) {
    const { start, clock } = fixture((_event, virtualClock) => {
      if (virtualClock.now() - START < minutes * 60_000) throw error();
      return { next: 'END', waitSeconds: 0, result: RESULT };
    });
    const text = JSON.stringify(workflow).replaceAll(/"Resource":"[^"]+"/g, `"Resource":"${FUNCTION}"`);
    const result = await endOf(start(JSON.parse(text)));
    return { result, minutes: (clock.now() - START) / 60_000 };
  }

  const throttled = () => new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);

  test.each([1, 10, 45, 23 * 60])('that Lambda throttles for %d minutes ends with the result', async (minutes) => {
    const run = await runWith(throttled, minutes);
    expect(run.result).toEqual(RESULT);
    // Not much later than possible.
    expect(run.minutes).toBeLessThanOrEqual(minutes + 1);
  });

  test('whose function fails ends as a failure within two minutes', async () => {
    const run = await runWith(() => failure('Runtime.ExitError'), 60);
    expect(run.result).toMatchObject({ status: 'FAILED', error: 'ERROR' });
    expect(run.minutes).toBeLessThan(2);
  });
});
