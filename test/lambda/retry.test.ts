import { CallError } from '../../lambda/call-error';
import { attemptsUntil, createCall, type FailedAttempt, failureKindOf, retryDelay } from '../../lambda/retry';
import { captureConsole } from './cloudformation/fakes';

const SECONDS = 1_000;

const sdkError = (name: string, httpStatusCode?: number, $fault = 'client') =>
  Object.assign(new Error('a message'), { name, $fault, $metadata: { httpStatusCode } });

describe('failureKindOf', () => {
  test.each<[string, unknown, string]>([
    ['a denied call', sdkError('AccessDeniedException', 400), 'denied'],
    ['a denied call in the query protocol', sdkError('AccessDenied', 403), 'denied'],
    ['an operation without permission', sdkError('UnauthorizedOperation', 403), 'denied'],
    ['a denied key', sdkError('KmsAccessDeniedException', 400), 'denied'],
    ['credentials that are not known yet', sdkError('UnrecognizedClientException', 400), 'denied'],
    ['any 403', sdkError('Unknown', 403), 'denied'],
    ['ThrottlingException', sdkError('ThrottlingException', 400), 'throttled'],
    ['Throttling', sdkError('Throttling', 400), 'throttled'],
    ['RequestLimitExceeded', sdkError('RequestLimitExceeded', 503), 'throttled'],
    ['TooManyRequestsException', sdkError('TooManyRequestsException', 429), 'throttled'],
    ['TooManyUpdates', sdkError('TooManyUpdates', 400), 'throttled'],
    ['any 429', sdkError('Unknown', 429), 'throttled'],
    ['ServiceUnavailable', sdkError('ServiceUnavailable', 503, 'server'), 'transient'],
    ['InternalError', sdkError('InternalError', 500, 'server'), 'transient'],
    ['InternalServerError without a status', sdkError('InternalServerError'), 'transient'],
    ...[500, 502, 503, 504].map((status): [string, unknown, string] => [
      `any ${status}`,
      sdkError('Unknown', status),
      'transient',
    ]),
    ['a timeout', Object.assign(new Error('late'), { name: 'TimeoutError' }), 'transient'],
    ['a broken connection', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'transient'],
    ['no error object', undefined, 'transient'],
    ['a validation error', sdkError('ValidationException', 400), 'rejected'],
    ['a missing state machine', sdkError('StateMachineDoesNotExist', 400), 'rejected'],
  ])('%s', (_what, error, kind) => {
    expect(failureKindOf(error)).toBe(kind);
  });
});

describe('retryDelay', () => {
  const failed = (overrides: Partial<FailedAttempt>): FailedAttempt => ({
    kind: 'transient',
    attempt: 1,
    since: 0,
    now: 0,
    until: Number.POSITIVE_INFINITY,
    isAnyCallAllowed: true,
    random: 0,
    ...overrides,
  });

  test.each<[FailedAttempt['kind'], (number | undefined)[]]>([
    ['denied', [500, 1_000, 2_000, 4_000, 5_000, 5_000]],
    ['throttled', [500, 1_000, 2_000, 4_000, 8_000, 15_000]],
    ['transient', [500, 1_000, 2_000, 4_000, 8_000, 15_000]],
    ['not-visible', [500, 1_000, 2_000, 4_000, 5_000, 5_000]],
    ['rejected', [undefined, undefined]],
  ])('%s: the longest delays double up to a maximum, and half of each is the shortest', (kind, delays) => {
    delays.forEach((delay, index) => {
      const attempt = index + 1;
      const shortest = retryDelay(failed({ kind, attempt, random: 0 }));
      const longest = retryDelay(failed({ kind, attempt, random: 1 - Number.EPSILON }));
      expect(shortest).toBe(delay === undefined ? undefined : delay / 2);
      if (delay !== undefined) expect(longest).toBeCloseTo(delay, 5);
    });
  });

  test.each<[string, Partial<FailedAttempt>, number]>([
    ['denied, after a call was allowed', { kind: 'denied' }, 60 * SECONDS],
    ['denied, before any call was allowed', { kind: 'denied', isAnyCallAllowed: false }, 180 * SECONDS],
    ['a write that is not visible', { kind: 'not-visible' }, 60 * SECONDS],
    ['throttled', { kind: 'throttled', until: 195 * SECONDS }, 195 * SECONDS],
    ['transient', { kind: 'transient', until: 195 * SECONDS }, 195 * SECONDS],
    ['denied, with little time', { kind: 'denied', until: 10 * SECONDS }, 10 * SECONDS],
    ['a write that is not visible, with little time', { kind: 'not-visible', until: 10 * SECONDS }, 10 * SECONDS],
  ])('%s: the last attempt is made within its time', (_what, overrides, end) => {
    expect(retryDelay(failed({ ...overrides, now: end - 250 }))).toBe(250);
    expect(retryDelay(failed({ ...overrides, now: end - 249 }))).toBeUndefined();
  });
});

test.each([
  [0, 195],
  [194, 195],
  [195, 205],
  [280, 290],
  [290, 295],
])('a call that begins %d s after the start of an invocation is attempted until %d s', (now, until) => {
  const budget = { reserveFrom: 195 * SECONDS, end: 295 * SECONDS };
  expect(attemptsUntil(budget, now * SECONDS)).toBe(until * SECONDS);
});

test.each([
  [0, 20, 20],
  [194, 20, 195],
  [195, 5, 200],
  [195, 20, 205],
])('a call that begins at %d s and has %d s for its attempts is attempted until %d s', (now, patience, until) => {
  const budget = { reserveFrom: 195 * SECONDS, end: 295 * SECONDS };
  expect(attemptsUntil(budget, now * SECONDS, patience * SECONDS)).toBe(until * SECONDS);
});

describe('a call', () => {
  let now: number;
  let logged: () => string;
  beforeEach(() => {
    now = 0;
    logged = captureConsole();
  });
  afterEach(() => jest.restoreAllMocks());

  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
    random: () => 0.5,
  };
  const budget = { reserveFrom: 195 * SECONDS, end: 295 * SECONDS };

  /** Sends a request that fails until a time. */
  async function callFailing(error: unknown, until: number, access = { isAnyCallAllowed: false }) {
    const call = createCall({ clock, budget, access });
    return call('states:StartExecution', 'the:arn', async () => {
      if (now < until) throw error;
      return 'response';
    });
  }

  test.each<[string, unknown, number]>([
    ['denied for 170 s, as a policy that is not effective yet', sdkError('AccessDeniedException'), 170],
    ['throttled for 170 s', sdkError('ThrottlingException'), 170],
    ['without a response for 170 s', sdkError('ServiceUnavailable', 503, 'server'), 170],
  ])('that is %s succeeds', async (_what, error, seconds) => {
    await expect(callFailing(error, seconds * SECONDS)).resolves.toBe('response');
  });

  test('that is denied is given up after a minute once any call was allowed', async () => {
    const access = { isAnyCallAllowed: false };
    await callFailing(undefined, 0, access);
    expect(access.isAnyCallAllowed).toBe(true);
    await expect(callFailing(sdkError('AccessDeniedException'), 70 * SECONDS, access)).rejects.toMatchObject({
      message: 'states:StartExecution on the:arn failed with AccessDeniedException',
      isDenied: true,
      mayHaveActed: false,
    });
    expect(now).toBeLessThanOrEqual(60 * SECONDS);
  });

  test.each<[string, boolean, boolean]>([
    ['ValidationException', false, false],
    ['ThrottlingException', false, false],
    ['TimeoutError', false, true],
  ])('that fails with %s for good rejects with the name only', async (name, isDenied, mayHaveActed) => {
    const error = Object.assign(sdkError(name), { message: 'a secret', ...(mayHaveActed && { $fault: undefined }) });
    const rejected = await callFailing(error, Number.POSITIVE_INFINITY).catch((reason: unknown) => reason);
    expect(rejected).toBeInstanceOf(CallError);
    expect(rejected).toMatchObject({ errorName: name, isDenied, mayHaveActed });
    expect(String((rejected as CallError).stack) + logged()).not.toContain('a secret');
    expect(rejected).not.toHaveProperty('cause');
  });

  test('that may have acted once is said to, even if it is rejected in the end', async () => {
    const errors = [Object.assign(new Error(), { name: 'TimeoutError' }), sdkError('ValidationException')];
    const call = createCall({ clock, budget, access: { isAnyCallAllowed: true } });
    const send = () => Promise.reject(errors.shift());
    await expect(call('a:B', 'arn', send)).rejects.toMatchObject({ mayHaveActed: true, isDenied: false });
  });
});
