import {
  type EnvironmentDescription,
  EnvironmentStatus,
  type EventDescription,
} from '@aws-sdk/client-elastic-beanstalk';
import { queryProtocol } from '../../../../emulator/core/protocols';
import type { Phase } from '../../../../lambda/deployment/engine/driver';
import { phaseOfUpdate, STATUSES, service, updatesOf } from '../../../../lambda/deployment/services/elasticbeanstalk';
import { phaseOf } from '../../../../lambda/deployment/services/statuses';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { AWS } from './driver-tests';
import { fakeService } from './fake-service';

const ENVIRONMENT = 'arn:aws-cn:elasticbeanstalk:cn-north-1:111122223333:environment/*/web-prod';
const ENVIRONMENT_ID = 'e-abcdefghij';
const X = '760d03b6-ea63-443e-a7dc-7f48895cea48';
const Y = '760d03b6-ea63-443e-a7dc-7f48895cea49';
const DEPLOYMENT: Deployment = {
  kind: 'elasticbeanstalk-environment-update',
  identifiers: { environmentName: 'web-prod' },
};
const NOW = Date.parse('2027-01-01T10:10:00.000Z');
const STARTED = new Date(NOW - 600_000);
/** Long enough ago that a read is not behind. */
const EARLIER = new Date(NOW - 300_000);
/** So short ago that a read may be behind. */
const JUST_NOW = new Date(NOW - 2_000);

const STARTING = 'Environment update is starting.';
const SUCCEEDED = 'Environment update completed successfully.';
const FAILED = 'Failed to deploy application.';

function event(Message: string, more: Partial<EventDescription> = {}): EventDescription {
  return { RequestId: X, EventDate: EARLIER, Severity: 'INFO', EnvironmentName: 'web-prod', Message, ...more };
}

const first = (RequestId: string, EventDate = STARTED) => event(STARTING, { RequestId, EventDate });

function environment(Status: string | undefined, more: Partial<EnvironmentDescription> = {}): object {
  return {
    EnvironmentName: 'web-prod',
    EnvironmentId: ENVIRONMENT_ID,
    EnvironmentArn: 'arn:of:web-prod',
    Status,
    AbortableOperationInProgress: Status === 'Updating',
    DateUpdated: STARTED,
    ...more,
  };
}

test('the updates of an environment are the requests whose events begin an update or a creation, newest first', () => {
  const events = [
    event('Environment health has transitioned from Ok to Info.', { RequestId: undefined }),
    event(SUCCEEDED, { RequestId: Y }),
    event('Rollback is starting.', { RequestId: Y }),
    event('requestEnvironmentInfo is starting.', { RequestId: 'logs' }),
    first(Y),
    event(SUCCEEDED),
    first(X),
    event('createEnvironment is starting.', { RequestId: 'creation' }),
    event(STARTING, { RequestId: undefined }),
  ];
  const updates = updatesOf(events);
  expect(updates.map(({ id }) => id)).toEqual([Y, X, 'creation']);
  expect(updates[1]).toEqual({ id: X, startedAt: STARTED, events: [events[5], events[6]], isFollowed: true });
  expect(updates[0]?.isFollowed).toBe(false);
  expect(updatesOf([])).toEqual([]);
});

describe('the phase of the newest update', () => {
  /** How the events of an update end. */
  const ENDINGS = {
    none: [],
    unknown: [event('Rolling back.')],
    'unknown, just now': [event('Rolling back.', { EventDate: JUST_NOW })],
    // A part of a deployment that fails, and no abort.
    aborting: [event('Unsuccessful command execution. Aborting the operation.', { Severity: 'ERROR' })],
    fatal: [event('Out of order.', { Severity: 'FATAL' })],
    'after an error': [event('Added instance.'), event('Command failed.', { Severity: 'ERROR' })],
    succeeded: [event(SUCCEEDED), event('Command failed.', { Severity: 'ERROR' })],
    'succeeded, and more': [event('Removed instance.'), event(SUCCEEDED)],
    failed: [event(FAILED, { Severity: 'ERROR' })],
    'failed, with a configuration': [event('Failed to deploy configuration.', { Severity: 'ERROR' })],
    errors: [event('Update environment operation is complete, but with errors. See the logs.')],
    reverted: [
      event('The environment was reverted to the previous configuration setting.'),
      event('Failed to deploy configuration.', { Severity: 'ERROR' }),
    ],
  } satisfies Readonly<Record<string, readonly EventDescription[]>>;
  type Ending = keyof typeof ENDINGS;
  const every = (phase: Phase | undefined): Readonly<Record<Ending, Phase | undefined>> =>
    Object.fromEntries(Object.keys(ENDINGS).map((ending) => [ending, phase])) as Record<Ending, Phase | undefined>;
  /** Contradicted by an end. */
  const unlessEnded = (phase: Phase) => ({
    ...every(undefined),
    none: phase,
    unknown: phase,
    'unknown, just now': phase,
    aborting: phase,
    fatal: phase,
    'after an error': phase,
  });
  const TABLE: Readonly<Record<EnvironmentStatus | 'not abortable', Readonly<Record<Ending, Phase | undefined>>>> = {
    Updating: unlessEnded('IN_PROGRESS'),
    'not abortable': unlessEnded('ENDING'),
    Aborting: { ...every('CANCELLING'), succeeded: undefined, 'succeeded, and more': undefined },
    Ready: {
      none: 'INCOMPLETE',
      unknown: 'INCOMPLETE',
      'unknown, just now': undefined,
      aborting: 'FAILED',
      fatal: 'FAILED',
      'after an error': 'INCOMPLETE',
      succeeded: 'COMPLETED',
      'succeeded, and more': 'COMPLETED',
      failed: 'FAILED',
      'failed, with a configuration': 'FAILED',
      errors: 'FAILED',
      reverted: 'INCOMPLETE',
    },
    Launching: every('NOT_CANCELLABLE'),
    LinkingFrom: every('NOT_CANCELLABLE'),
    LinkingTo: every('NOT_CANCELLABLE'),
    Terminating: every('DELETING'),
    Terminated: every('DELETION_OVER'),
  };

  const phase = (state: Parameters<typeof phaseOfUpdate>[0], ending: readonly EventDescription[]) =>
    phaseOfUpdate(state, { id: X, startedAt: STARTED, events: [...ending, first(X)], isFollowed: false }, NOW);

  test('the table has every status', () => {
    expect(Object.keys(STATUSES).sort()).toEqual(Object.values(EnvironmentStatus).sort());
    for (const unknown of ['Paused', 'constructor', '']) expect(phaseOf(STATUSES, unknown)).toBe('UNKNOWN');
  });

  test.each(
    Object.entries(TABLE).flatMap(([status, endings]) =>
      Object.entries(endings).map(([ending, expected]) => ({ status, ending, expected })),
    ),
  )('$status with the end $ending is $expected', ({ status, ending, expected }) => {
    const isAbortable = status === 'Updating';
    const Status = (status === 'not abortable' ? 'Updating' : status) as EnvironmentStatus;
    const state = { Status, AbortableOperationInProgress: isAbortable, DateUpdated: EARLIER };
    expect(phase(state, ENDINGS[ending as Ending])).toBe(expected);
  });

  test('a status that is new is unknown, and an update that is not said to be abortable is not aborted', () => {
    const unknown = { Status: 'Paused' as EnvironmentStatus, AbortableOperationInProgress: true };
    expect([phase(unknown, []), phase(unknown, ENDINGS.succeeded)]).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(phase({ Status: 'Updating' }, [])).toBe('ENDING');
  });

  test('the events of an environment that became ready just now may be behind', () => {
    expect(phase({ Status: 'Ready', DateUpdated: JUST_NOW }, ENDINGS.unknown)).toBeUndefined();
    expect(phase({ Status: 'Ready', DateUpdated: JUST_NOW }, ENDINGS.failed)).toBe('FAILED');
    expect(phase({ Status: 'Ready' }, ENDINGS.unknown)).toBe('INCOMPLETE');
  });
});

const { fake, driver, testCommonErrors, errorOf, invoke } = fakeService({
  name: 'elasticbeanstalk',
  protocol: queryProtocol('2010-12-01'),
  aws: { ...AWS, now: () => NOW },
  service,
  deployment: DEPLOYMENT,
  endpointVariable: 'ELASTIC_BEANSTALK',
});

/** Responds with an environment and its events. A list of environments is one for each read of the status. */
function respondWith(
  environments: object | readonly object[],
  ...reads: readonly (readonly EventDescription[])[]
): void {
  const statuses = [environments].flat();
  const events = [...reads];
  const next = <T>(left: T[]) => (left.length > 1 ? left.shift() : left[0]);
  fake.respond = ({ operation }) => {
    if (operation === 'DescribeEnvironments') return { Environments: [next(statuses)] };
    return operation === 'DescribeEvents' ? { Events: next(events) } : {};
  };
}

const sent = () => fake.calls.map(({ operation }) => operation);
const READ = ['DescribeEnvironments', 'DescribeEvents'];

const FOUND = {
  kind: 'found',
  phase: 'IN_PROGRESS',
  deploymentStatus: 'Updating',
  deploymentId: X,
  startedAt: STARTED.getTime(),
  resourceId: ENVIRONMENT_ID,
  attributes: { arn: 'arn:of:web-prod', name: 'web-prod' },
};

describe('a read', () => {
  test('has the newest update, which is pinned by the ID of its request', async () => {
    respondWith(environment('Updating'), [first(X), event(SUCCEEDED, { RequestId: Y }), first(Y)]);
    expect(await driver().describe(undefined)).toEqual(FOUND);
    expect(fake.calls).toMatchObject([
      { operation: 'DescribeEnvironments', input: { EnvironmentNames: ['web-prod'], IncludeDeleted: 'false' } },
      { operation: 'DescribeEvents', input: { EnvironmentId: ENVIRONMENT_ID, MaxRecords: '100' } },
    ]);
  });

  test('of the pinned update is about the environment that was read first', async () => {
    respondWith(environment('Aborting'), [first(X)]);
    expect(await driver().describe(X, ENVIRONMENT_ID)).toMatchObject({ phase: 'CANCELLING', deploymentId: X });
    expect(fake.calls[0]?.input).toEqual({ EnvironmentIds: [ENVIRONMENT_ID], IncludeDeleted: 'false' });
  });

  test('has the newest message only if it is requested', async () => {
    respondWith(environment('Updating'), [event('hunter2'), first(X)]);
    expect(JSON.stringify(await driver().describe(X))).not.toContain('hunter2');
    const settings = { includeStatusMessage: true };
    expect(await driver({ settings }).describe(X)).toMatchObject({
      attributes: { deploymentStatusMessage: 'hunter2' },
    });
  });

  test.each([undefined, X])('of a status that is new is unknown: pinned %s', async (pinned) => {
    respondWith(environment('Paused'), [first(X)]);
    expect(await driver().describe(pinned)).toEqual({ ...FOUND, phase: 'UNKNOWN', deploymentStatus: 'Paused' });
  });

  test('of a pinned update that a newer one has followed is superseded', async () => {
    respondWith(environment('Updating'), [first(Y), event(SUCCEEDED), first(X)]);
    const superseded = { ...FOUND, phase: 'SUPERSEDED', deploymentStatus: 'Ready', supersededBy: Y };
    expect(await driver().describe(X)).toEqual(superseded);
    expect(await driver().describeById(X)).toEqual(superseded);
  });

  test('of a pinned update that no event tells of is not found', async () => {
    respondWith(environment('Updating'), [first(Y)]);
    expect(await driver().describe(X)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
    respondWith(environment('Ready'), []);
    expect(await driver().describe(X)).toEqual({ kind: 'not-found', deploymentStatus: 'UNKNOWN' });
  });

  test.each(['Updating', 'Aborting'])(
    'of a pinned update without any event is not gone while it is %s',
    async (status) => {
      respondWith(environment(status), []);
      expect(await driver().describe(X)).toMatchObject({ errorType: 'conflict', errorName: 'InconsistentReadError' });
    },
  );

  test('of a ready environment without an update finds none', async () => {
    respondWith(environment('Ready'), [event('requestEnvironmentInfo is starting.')]);
    expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
  });

  test('of an environment that does not exist, or may not be read, finds none, and nothing is aborted', async () => {
    fake.respond = () => ({ Environments: [] });
    expect(await driver().describe(undefined)).toEqual({
      kind: 'not-found',
      deploymentStatus: 'UNKNOWN',
      mayBeDenied: true,
    });
    expect(await driver().cancel(X)).toMatchObject({ errorType: 'conflict', errorName: 'InconsistentReadError' });
    expect(sent()).toEqual(['DescribeEnvironments', 'DescribeEnvironments']);
  });

  test('goes on until the first event of the update is found', async () => {
    const pages: Readonly<Record<string, object>> = {
      '': { Events: [event('Added instance.')], NextToken: 'second' },
      second: { Events: [first(X)], NextToken: 'third' },
    };
    fake.respond = ({ operation, input }) =>
      operation === 'DescribeEvents'
        ? (pages[String(input.NextToken ?? '')] ?? {})
        : { Environments: [environment('Updating')] };
    expect(await driver({ settings: { includeStatusMessage: true } }).describe(undefined)).toMatchObject({
      deploymentId: X,
      attributes: { deploymentStatusMessage: 'Added instance.' },
    });
    expect(sent()).toEqual([...READ, 'DescribeEvents']);
  });

  test('of more events than are read decides nothing, unless the environment is ready', async () => {
    const respond = (status: string) => {
      fake.respond = ({ operation }) =>
        operation === 'DescribeEvents'
          ? { Events: Array.from({ length: 100 }, () => event('Added instance.')), NextToken: 'more' }
          : { Environments: [environment(status)] };
    };
    respond('Updating');
    const error = { errorType: 'unreachable', errorName: 'InvalidResponseError' };
    expect(await driver().describe(undefined)).toMatchObject(error);
    expect(await driver().describe(X)).toMatchObject(error);
    expect(sent()).toHaveLength(2 * 11);
    respond('Ready');
    expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
    expect(await driver().describe(X)).toMatchObject(error);
  });

  test.each([{ EnvironmentName: 'other' }, { EnvironmentId: undefined }])('of %j is invalid', async (more) => {
    respondWith(environment('Updating', more), [first(X)]);
    expect(await driver().describe(undefined)).toMatchObject({ errorName: 'InvalidResponseError' });
  });

  test.each([undefined, '', ' '])('without a status is invalid: %j', async (status) => {
    respondWith(environment(status), [first(X)]);
    expect(await driver().describe(X)).toMatchObject({ errorType: 'unreachable' });
  });
});

describe('a status and events that contradict each other decide nothing, and nothing is aborted', () => {
  test.each([
    ['the status is behind the end', 'Updating', [event(SUCCEEDED), first(X)]],
    ['the status is behind a failure', 'Updating', [event(FAILED), first(X)]],
    ['the events are behind an update', 'Updating', [event(SUCCEEDED), first(X)]],
    ['the status is behind a start', 'Ready', [first(X, JUST_NOW)]],
    ['the events are behind an end', 'Ready', [event('Added instance.', { EventDate: JUST_NOW }), first(X)]],
    ['the status is behind the end of an abort', 'Aborting', [event(SUCCEEDED), first(X)]],
    // The update was aborted, which has no message that is known, and the other operation started long after it.
    [
      'another operation is in flight',
      'Updating',
      [event('restartAppServer is starting.', { RequestId: Y }), first(X)],
    ],
    ['an update without an ID is in flight', 'Updating', [event(STARTING, { RequestId: undefined }), first(X)]],
  ])('%s', async (_, status, events) => {
    respondWith(environment(status), events);
    const conflict = { kind: 'error', errorType: 'conflict', errorName: 'InconsistentReadError' };
    expect(await driver().describe(undefined)).toMatchObject(conflict);
    expect(await driver().describe(X)).toMatchObject(conflict);
    expect(await driver().cancel(X)).toMatchObject(conflict);
    expect(sent()).toEqual([...READ, ...READ, ...READ]);
  });

  test.each(['Updating', 'Aborting', 'Launching'])('no event tells which update is %s', async (status) => {
    respondWith(environment(status), []);
    expect(await driver().describe(undefined)).toMatchObject({ errorType: 'conflict' });
  });
});

describe('an abort', () => {
  test('names the environment that was read, right after a read of the pinned update', async () => {
    respondWith(environment('Updating'), [first(X)]);
    expect(await driver().cancel(X, ENVIRONMENT_ID)).toEqual({
      kind: 'found',
      phase: 'CANCELLING',
      deploymentStatus: 'Aborting',
      attributes: {},
    });
    expect(sent()).toEqual([...READ, 'AbortEnvironmentUpdate']);
    expect(fake.calls[2]?.input).toEqual({ EnvironmentId: ENVIRONMENT_ID });
  });

  test.each([
    ['has ended', environment('Ready'), [event(SUCCEEDED), first(X)]],
    ['has ended, and another one is in flight', environment('Updating'), [first(Y), event(SUCCEEDED), first(X)]],
    ['is too late to abort', environment('Updating', { AbortableOperationInProgress: false }), [first(X)]],
    ['is being aborted', environment('Aborting'), [first(X)]],
    ['is gone', environment('Updating'), [first(Y)]],
  ])('is not requested if the update %s', async (_, state, events) => {
    respondWith(state, events);
    expect(await driver().cancel(X)).toMatchObject({ errorType: 'conflict', errorName: 'InconsistentReadError' });
    expect(sent()).toEqual(READ);
  });

  test('is not requested if another update starts after the last read of the status', async () => {
    respondWith(environment('Updating'), [first(X)], [first(Y), event(SUCCEEDED), first(X)]);
    const connected = driver();
    expect(await connected.describe(undefined)).toEqual(FOUND);
    expect(await connected.cancel(X, ENVIRONMENT_ID)).toMatchObject({ errorName: 'InconsistentReadError' });
    expect(await connected.describe(X, ENVIRONMENT_ID)).toMatchObject({ phase: 'SUPERSEDED', supersededBy: Y });
    expect(sent()).toEqual([...READ, ...READ, ...READ]);
  });
});

test.each([
  ['AccessDenied', 403, 'denied'],
  ['Throttling', 400, 'throttled'],
])('an error of the read before an abort keeps its type: %s', async (type, statusCode, errorType) => {
  respondWith(environment('Updating'), [first(X)]);
  fake.fault = () => ({ kind: 'error', type, message: 'no.', statusCode });
  expect(await driver().cancel(X)).toMatchObject({ errorType, action: 'elasticbeanstalk:DescribeEnvironments' });
});

test.each([
  ['InternalFailure', 500],
  [undefined, 0],
])('an error of the read before an abort leaves no doubt that nothing was requested: %s', async (type, statusCode) => {
  respondWith(environment('Updating'), [first(X)]);
  fake.fault = () => (type === undefined ? { kind: 'reset' } : { kind: 'error', type, message: 'no.', statusCode });
  expect(await driver().cancel(X)).toMatchObject({
    kind: 'error',
    errorType: 'conflict',
    action: 'elasticbeanstalk:DescribeEnvironments',
  });
  expect(sent()).not.toContain('AbortEnvironmentUpdate');
});

const BY_NAME = { EnvironmentNames: ['web-prod'], IncludeDeleted: 'false' };
const BEFORE = {
  operation: 'DescribeEnvironments',
  input: BY_NAME,
  response: { Environments: [environment('Updating')] },
};
const EVENTS_CALL = {
  title: 'reading the events',
  operation: 'DescribeEvents',
  arn: ENVIRONMENT,
  input: { EnvironmentId: ENVIRONMENT_ID, MaxRecords: '100' },
  before: BEFORE,
  call: (connected: ReturnType<typeof driver>) => connected.describe(X),
  response: () => ({ Events: [first(X)] }),
};

describe('errors', () => {
  test.each([
    ['AccessDenied', 'denied', 403],
    ['InsufficientPrivilegesException', 'denied', 403],
    ['InvalidParameterValue', 'conflict', 400],
    ['Throttling', 'throttled', 400],
    ['InternalFailure', 'server-error', 500],
    ['ValidationError', 'rejected', 400],
  ])('an abort that fails with %s is %s', async (type, errorType, statusCode) => {
    respondWith(environment('Updating'), [first(X)]);
    let calls = 0;
    // The two reads before it succeed.
    fake.fault = () => (++calls <= 2 ? undefined : { kind: 'error', type, message: 'no.', statusCode });
    expect(await driver().cancel(X)).toMatchObject({
      kind: 'error',
      errorType,
      errorName: type,
      message: 'no',
      action: 'elasticbeanstalk:AbortEnvironmentUpdate',
      resourceArn: ENVIRONMENT,
    });
  });

  test.each([
    ['AccessDenied', 'denied', 403],
    ['Throttling', 'throttled', 400],
    ['InternalFailure', 'server-error', 500],
    ['SomeNewException', 'rejected', 400],
  ] as const)('events that cannot be read because of %s are %s', async (type, errorType, statusCode) => {
    fake.fault = () => ({ kind: 'error', type, message: 'no.', statusCode });
    expect(await invoke(EVENTS_CALL)).toMatchObject(errorOf(EVENTS_CALL, { errorType, message: 'no' }));
  });

  testCommonErrors([EVENTS_CALL], { Events: 1 });
});
