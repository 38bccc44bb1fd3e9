import { Events, type EventsOptions, type PublishedEvent, type Target } from '../../../emulator/aws/events';
import { sleep, VirtualClock } from '../../../emulator/core/clock';
import { Delivery } from '../../../emulator/core/delivery';
import { ServiceError } from '../../../emulator/core/http-server';

const EVENT: PublishedEvent = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { status: 'FAILED', stateMachineArn: 'arn:machine' },
};
const FUNCTION: Target = { Arn: 'arn:aws:lambda:us-east-1:111122223333:function:f' };
const ROLE = 'arn:aws:iam::111122223333:role/events';
const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:m';

const RULE = 'arn:aws:events:us-east-1:111122223333:rule/rule';

/** Publishes an event once while a rule exists, and once after it is deleted. Returns the calls of services. */
function publish(
  pattern: object,
  targets: Target[] = [FUNCTION],
  { event = EVENT, ...options }: Partial<EventsOptions> & { readonly event?: PublishedEvent } = {},
) {
  const came: unknown[] = [];
  const events = new Events({
    clock: new VirtualClock(Date.UTC(2026, 9, 1, 12, 0, 0, 999)),
    lambda: {
      has: () => true,
      invokeAsync: (arn: string, given: unknown) => {
        came.push([arn, given]);
        return { requestId: '' };
      },
    },
    startExecution: ({ stateMachineArn, input }) => came.push([stateMachineArn, JSON.parse(input)]),
    mayInvoke: () => true,
    authorize: (roleArn, { action, resource }) => {
      came.push(`${roleArn} ${action} ${resource}`);
      return undefined;
    },
    ...options,
  });
  events.put(RULE, { pattern: pattern as never, targets });
  events.publish(event);
  events.remove(RULE);
  events.publish(event);
  return { came, failed: events.failedInvocations };
}

const delivered = (...args: Parameters<typeof publish>) => publish(...args).came;

test.each<[object, number]>([
  [{ source: ['aws.states'] }, 1],
  [{ source: ['aws.states', 'other'], detail: { status: ['ABORTED', 'FAILED'] } }, 1],
  [{ detail: { stateMachineArn: ['other', { prefix: 'arn:' }] } }, 1],
  [{ source: ['other'] }, 0],
  [{ detail: { status: ['ABORTED'] } }, 0],
  [{ detail: { status: ['FAILED'], stateMachineArn: ['another'] } }, 0],
  [{ detail: { stateMachineArn: [{ prefix: 'arn:x' }] } }, 0],
  [{ detail: { missing: ['FAILED'] } }, 0],
])('a rule with the pattern %j matches %i event, whose time has no fraction of a second', (pattern, count) => {
  const expected = [FUNCTION.Arn, { ...EVENT, time: '2026-10-01T12:00:00Z' }];
  expect(delivered(pattern)).toEqual(count === 0 ? [] : [expected]);
});

const STARTING: Target = {
  Arn: MACHINE,
  RoleArn: ROLE,
  InputTransformer: {
    InputPathsMap: { time: '$.time', status: '$.detail.status' },
    InputTemplate: '{"requestedAt":<time>,"because":<status>}',
  },
};

test('a state machine is started with the rendered input template, as the role of the target', () => {
  const late = { ...EVENT, time: '2026-10-01T11:00:00Z' };
  expect(delivered({ source: ['aws.states'] }, [STARTING], { event: late })).toEqual([
    `${ROLE} states:StartExecution ${MACHINE}`,
    [MACHINE, { requestedAt: '2026-10-01T11:00:00Z', because: 'FAILED' }],
  ]);
});

describe('an event is not delivered, and not retried,', () => {
  const functionArn = FUNCTION.Arn;
  test.each<[string, Target, Partial<EventsOptions>, string]>([
    ['to a state machine without permission', STARTING, { authorize: () => 'not allowed' }, 'not allowed'],
    [
      'to a function whose policy does not allow it',
      FUNCTION,
      { mayInvoke: () => false },
      `the policy of ${functionArn} does not allow ${RULE} to invoke it`,
    ],
    [
      'to a function that does not exist',
      FUNCTION,
      { lambda: { has: () => false, invokeAsync: () => ({ requestId: '' }) } },
      `the function ${functionArn} does not exist`,
    ],
    [
      'to a state machine that does not exist',
      STARTING,
      {
        startExecution: () => {
          throw new ServiceError('StateMachineDoesNotExist', 'none');
        },
      },
      'StateMachineDoesNotExist: none',
    ],
  ])('%s', (_what, target, options, reason) => {
    const { came, failed } = publish({ source: ['aws.states'] }, [target], options);
    expect(came.filter((call) => Array.isArray(call))).toEqual([]);
    expect(failed).toEqual([{ ruleArn: RULE, target, event: { ...EVENT, time: '2026-10-01T12:00:00Z' }, reason }]);
  });
});

test('an input template with a path that does not exist is rejected, because its result is not JSON', () => {
  const InputTransformer = { InputPathsMap: { x: '$.detail.missing.x' }, InputTemplate: '{"x":<x>}' };
  expect(() => delivered({ source: ['aws.states'] }, [{ ...STARTING, InputTransformer }])).toThrow(SyntaxError);
});

test.each<[object, Target, string]>([
  [{ source: [{ suffix: '.states' }] }, FUNCTION, 'supports only lists of strings and prefixes'],
  [{}, { ...STARTING, Arn: 'arn:aws:sqs:us-east-1:111122223333:queue' }, 'cannot send events to arn:aws:sqs'],
  [{}, { ...STARTING, Arn: FUNCTION.Arn }, 'cannot send events to arn:aws:lambda'],
  [{}, { ...FUNCTION, Input: '{}' } as Target, 'does not support Input of a target'],
])('an unsupported pattern or target is rejected: %j', (pattern, target, message) => {
  expect(() => delivered(pattern, [target])).toThrow(message);
});

describe('a start of a state machine that is throttled', () => {
  const throttled = new ServiceError('ThrottlingException', 'Rate exceeded');

  /** The seconds of the attempts, of which all but the last number fail. */
  async function attempts(failures: number, RetryPolicy?: Target['RetryPolicy']) {
    const clock = new VirtualClock(0);
    const times: number[] = [];
    const events = new Events({
      clock,
      lambda: { has: () => false, invokeAsync: () => ({ requestId: '' }) },
      startExecution: () => {
        times.push(clock.now() / 1000);
        if (times.length <= failures) throw throttled;
      },
      authorize: () => undefined,
      mayInvoke: () => false,
    });
    events.put(RULE, { pattern: {}, targets: [{ ...STARTING, RetryPolicy }] });
    events.publish(EVENT);
    await sleep(clock, 2 * 24 * 3_600_000);
    return { times, failed: events.failedInvocations.map(({ reason }) => reason) };
  }

  const NEVER = Number.POSITIVE_INFINITY;
  const RATE_EXCEEDED = 'ThrottlingException: Rate exceeded';

  test.each<[string, number, Target['RetryPolicy'], number[], string[]]>([
    ['is retried until it is accepted', 3, undefined, [0, 1, 3, 7], []],
    ['is not retried with MaximumRetryAttempts 0', NEVER, { MaximumRetryAttempts: 0 }, [0], [RATE_EXCEEDED]],
    ['is retried at most MaximumRetryAttempts times', NEVER, { MaximumRetryAttempts: 2 }, [0, 1, 3], [RATE_EXCEEDED]],
    [
      'is not retried after its maximum age',
      NEVER,
      { MaximumEventAgeInSeconds: 60 },
      [0, 1, 3, 7, 15, 31],
      [RATE_EXCEEDED],
    ],
  ])('%s', async (_what, failures, policy, times, failed) => {
    expect(await attempts(failures, policy)).toEqual({ times, failed });
  });

  test('is retried for a day, at most 185 times, by default', async () => {
    const { times, failed } = await attempts(NEVER);
    expect(failed).toEqual([RATE_EXCEEDED]);
    expect(times.length).toBeLessThanOrEqual(186);
    expect(times.at(-1)).toBeGreaterThan(23 * 3_600);
    expect(times.at(-1)).toBeLessThanOrEqual(24 * 3_600);
  });
});

describe('at-least-once delivery of events', () => {
  test('is late and repeated, and the event keeps its time', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 9, 1, 12));
    const came: [number, unknown][] = [];
    const delivery = new Delivery(
      { delay: { min: 30_000, max: 30_000 }, duplicates: 1, duplicateDelay: { min: 60_000, max: 60_000 } },
      () => 0,
    );
    const events = new Events({
      clock,
      lambda: {
        has: () => true,
        invokeAsync: (_, event) => {
          came.push([clock.now() - Date.UTC(2026, 9, 1, 12), event]);
          return { requestId: '' };
        },
      },
      startExecution: () => undefined,
      authorize: () => undefined,
      mayInvoke: () => true,
      delivery,
    });
    events.put(RULE, { pattern: {}, targets: [FUNCTION] });
    events.publish(EVENT);
    // The deletion of a rule does not take back its events.
    events.remove(RULE);
    await sleep(clock, 3_600_000);
    const event = { ...EVENT, time: '2026-10-01T12:00:00Z' };
    expect(came).toEqual([
      [30_000, event],
      [90_000, event],
    ]);
  });

  test('ends with the emulator', async () => {
    const clock = new VirtualClock(0);
    const started: unknown[] = [];
    const events = new Events({
      clock,
      lambda: { has: () => false, invokeAsync: () => ({ requestId: '' }) },
      startExecution: (request) => started.push(request),
      authorize: () => undefined,
      mayInvoke: () => false,
      delivery: new Delivery({ delay: { min: 1_000, max: 1_000 } }, () => 0),
    });
    events.put(RULE, { pattern: {}, targets: [STARTING] });
    events.publish(EVENT);
    events.close();
    await sleep(clock, 60_000);
    expect(started).toEqual([]);
  });
});
