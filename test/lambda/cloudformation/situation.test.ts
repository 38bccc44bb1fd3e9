import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { isWithdrawnBy } from '../../../lambda/cloudformation/executions';
import { directionOf } from '../../../lambda/cloudformation/guard-state';
import { type ParsedGuardRequest, parseEvent } from '../../../lambda/cloudformation/parsed-request';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import { isLate, type Reading, rereadDelay } from '../../../lambda/cloudformation/situation';
import type { GuardState } from '../../../lib/contract/cancellation';
import {
  createEvent,
  deleteEvent,
  PROPERTIES,
  parseGuardEvent,
  REQUESTED_AT,
  responseUrlAt,
  updateEvent,
} from './fakes';

const SECONDS = 1_000;
const MINUTES = 60 * SECONDS;
const OLD_SIGNATURE = { ResponseURL: 'https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/key' };

describe('isLate', () => {
  test.each<[string, { createdAt?: number; updatedAt?: number; now?: number }, boolean]>([
    ['the operation began before the request', { createdAt: -5 * SECONDS }, false],
    ['the update began before the request', { createdAt: -60 * MINUTES, updatedAt: -5 * SECONDS }, false],
    ['the update began as long after the request as clocks may differ', { updatedAt: 2 * SECONDS }, false],
    ['a later update has begun', { createdAt: -60 * MINUTES, updatedAt: 2 * SECONDS + 1 }, true],
    ['the stack was created anew', { createdAt: 5 * MINUTES }, true],
    ['the times of the stack are not known', {}, false],
    ['CloudFormation may still wait', { now: 60 * MINUTES }, false],
    ['CloudFormation waits no more', { now: 60 * MINUTES + 3 * SECONDS }, true],
  ])('%s', (_what, { createdAt, updatedAt, now = SECONDS }, expected) => {
    const at = (time: number | undefined) => (time === undefined ? undefined : REQUESTED_AT + time);
    const stack = { createdAt: at(createdAt), updatedAt: at(updatedAt) };
    expect(isLate(parseEvent(createEvent()), stack, REQUESTED_AT + now)).toBe(expected);
    // Without a time of the request, nothing is known to be late.
    expect(isLate(parseEvent(createEvent(OLD_SIGNATURE)), stack, REQUESTED_AT + now)).toBe(false);
  });
});

/**
 * How long a reading of a second after the request is doubted.
 *
 * @param readAge the time of the read of the stack, if that of the guard took longer
 */
function doubtOf(
  event: CloudFormationCustomResourceEvent,
  reading: Omit<Reading, 'readAt'>,
  age = SECONDS,
  readAge = age,
): string {
  const now = REQUESTED_AT + age;
  const timing = { attempt: 1, since: now, now, until: now + 195 * SECONDS, random: 0 };
  const delay = rereadDelay(parseEvent(event), { ...reading, readAt: REQUESTED_AT + readAge }, timing);
  if (delay === undefined) return 'none';
  return delay === 250 ? 'invisible' : `until ${(age + delay) / SECONDS} s`;
}

describe('a status of the stack', () => {
  test.each<[string, Record<'Create' | 'Update' | 'Delete', string>]>([
    ['CREATE_IN_PROGRESS', { Create: 'none', Update: 'invisible', Delete: 'invisible' }],
    ['UPDATE_IN_PROGRESS', { Create: 'none', Update: 'until 10 s', Delete: 'invisible' }],
    ['UPDATE_ROLLBACK_IN_PROGRESS', { Create: 'invisible', Update: 'none', Delete: 'invisible' }],
    ['ROLLBACK_IN_PROGRESS', { Create: 'invisible', Update: 'invisible', Delete: 'none' }],
    ['DELETE_IN_PROGRESS', { Create: 'invisible', Update: 'invisible', Delete: 'none' }],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', { Create: 'invisible', Update: 'invisible', Delete: 'none' }],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', { Create: 'invisible', Update: 'invisible', Delete: 'none' }],
    ['UPDATE_COMPLETE', { Create: 'invisible', Update: 'invisible', Delete: 'invisible' }],
    ['', { Create: 'invisible', Update: 'invisible', Delete: 'invisible' }],
  ])('%s: read again if the request cannot have been sent in it', (status, doubts) => {
    expect({
      Create: doubtOf(createEvent(), { stack: { status } }),
      Update: doubtOf(updateEvent(), { stack: { status } }),
      Delete: doubtOf(deleteEvent(), { stack: { status } }),
    }).toEqual(doubts);
  });

  test('counts at once when the request is old enough, or late', () => {
    expect(doubtOf(updateEvent(), { stack: { status: 'UPDATE_IN_PROGRESS' } }, 10 * SECONDS)).toBe('none');
    const updatedAt = REQUESTED_AT + 5 * MINUTES;
    expect(doubtOf(updateEvent(), { stack: { status: 'UPDATE_COMPLETE', updatedAt } }, 6 * MINUTES)).toBe('none');
  });

  test('is read again at once if it was read before that, and the state of the guard long after it', () => {
    const reading = { stack: { status: 'UPDATE_IN_PROGRESS' } };
    expect(doubtOf(updateEvent(), reading, 20 * SECONDS, 9 * SECONDS)).toBe('until 20 s');
    expect(doubtOf(updateEvent(), reading, 20 * SECONDS, 10 * SECONDS)).toBe('none');
  });

  test('without a time of the request is settled ten seconds after the first reading', () => {
    expect(doubtOf(updateEvent(OLD_SIGNATURE), { stack: { status: 'UPDATE_IN_PROGRESS' } })).toBe('until 11 s');
  });
});

describe('the state of a guard', () => {
  const ResourceType = 'Custom::CancelOnRollback';
  const properties = (trigger: string, cancelPreexisting = 'false') => ({ ...PROPERTIES, trigger, cancelPreexisting });
  const state = (trigger: string, previousTrigger?: string, armedAt = -MINUTES): GuardState => ({
    deployment: PROPERTIES.deployment as GuardState['deployment'],
    trigger,
    previousTrigger,
    deploymentId: '1',
    armedAt: new Date(REQUESTED_AT + armedAt).toISOString(),
  });
  const updatedAt = REQUESTED_AT - 2 * MINUTES;
  const update = updateEvent({
    ResourceType,
    ResourceProperties: properties('new'),
    OldResourceProperties: properties('old'),
  });
  const remove = deleteEvent({ ResourceType, ResourceProperties: properties('new') });

  test.each<[string, string, GuardState | undefined, string]>([
    // While the update goes on, only the reverse Update is a contradiction.
    ['an Update of a guard of an earlier update', 'UPDATE_IN_PROGRESS', state('old', 'older'), 'none'],
    ['a reverse Update with a stale status', 'UPDATE_IN_PROGRESS', state('old', 'new'), 'invisible'],
    [
      'an Update that returns to the trigger before an earlier update',
      'UPDATE_IN_PROGRESS',
      state('old', 'new', -3 * MINUTES),
      'none',
    ],
    ['an Update of a guard without a state', 'UPDATE_IN_PROGRESS', undefined, 'until 10 s'],
    ['a reverse Update', 'UPDATE_ROLLBACK_IN_PROGRESS', state('old', 'new'), 'none'],
    ['a late forward Update', 'UPDATE_ROLLBACK_IN_PROGRESS', state('old', 'older'), 'none'],
    ['a reverse Update whose state is stale', 'UPDATE_ROLLBACK_IN_PROGRESS', state('new', 'older'), 'invisible'],
    ['a reverse Update whose state is missing', 'UPDATE_ROLLBACK_IN_PROGRESS', undefined, 'invisible'],
  ])('%s', (_what, status, guardState, doubt) => {
    expect(doubtOf(update, { stack: { status, updatedAt }, guardState })).toBe(doubt);
  });

  test.each<[string, GuardState | undefined, string]>([
    ['of this guard', state('new'), 'none'],
    ['of another trigger', state('old'), 'invisible'],
    ['that is missing', undefined, 'invisible'],
  ])('%s, when a creation is rolled back', (_what, guardState, doubt) => {
    const stack = { status: 'ROLLBACK_IN_PROGRESS' };
    expect(doubtOf(remove, { stack, guardState })).toBe(doubt);
    const all = deleteEvent({ ResourceType, ResourceProperties: properties('new', 'true') });
    expect(doubtOf(all, { stack, guardState })).toBe('none');
  });

  test('counts only after ten seconds when a rollback cleans up: the user may have deleted the stack since then', () => {
    const stack = { status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' };
    const all = deleteEvent({ ResourceType, ResourceProperties: properties('new', 'true') });
    for (const event of [remove, all]) {
      expect(doubtOf(event, { stack, guardState: state('new') })).toBe('until 10 s');
      expect(doubtOf(event, { stack, guardState: state('new') }, 10 * SECONDS)).toBe('none');
    }
    expect(doubtOf(remove, { stack, guardState: undefined })).toBe('invisible');
  });

  test.each<[string, GuardState | undefined, string]>([
    ['the reverse Update', state('old', 'new'), 'reverse'],
    ['the forward Update', state('old', 'older'), 'forward'],
    ['the forward Update after a creation', state('old'), 'forward'],
    ['armed in an earlier update', state('old', 'new', -2 * MINUTES - 2 * SECONDS), 'forward'],
    ['armed as early as clocks may differ', state('old', 'new', -2 * MINUTES - SECONDS), 'reverse'],
    ['armed for another trigger', state('other', 'new'), 'unclear'],
    ['without a state', undefined, 'unclear'],
  ])('directionOf: %s', (_what, guardState, direction) => {
    const { properties: now, ...request } = parseGuardEvent(update) as Extract<
      ParsedGuardRequest,
      { requestType: 'Update' }
    >;
    if (now instanceof Error || request.oldProperties instanceof Error) throw new Error('the properties are valid');
    expect(directionOf(now, request.oldProperties, guardState, updatedAt)).toBe(direction);
  });
});

describe('isWithdrawnBy: a running execution', () => {
  const request = parseEvent(deleteEvent({ ResponseURL: responseUrlAt('20261001T120000Z') }));
  test.each<[string, string, boolean]>([
    ['of an earlier request', executionName(createEvent({ ResponseURL: responseUrlAt('20261001T115959Z') })), true],
    ['of the same second', executionName(createEvent({ ResponseURL: responseUrlAt('20261001T120000Z') })), true],
    ['of a later request', executionName(createEvent({ ResponseURL: responseUrlAt('20261001T120001Z') })), false],
    ['without a time', executionName(createEvent(OLD_SIGNATURE)), true],
    ['of the request itself', request.executionName, false],
    ['that somebody else has started', 'started-by-a-person', false],
  ])('%s', (_what, name, expected) => {
    expect(isWithdrawnBy(request, name)).toBe(expected);
  });

  const withdraws = (later: CloudFormationCustomResourceEvent, earlier: CloudFormationCustomResourceEvent) =>
    isWithdrawnBy(parseEvent(later), executionName(earlier));
  const another = (suffix: string) => ({ ResponseURL: `${responseUrlAt('20261001T120000Z')}&${suffix}` });
  test.each([another, () => OLD_SIGNATURE])(
    'of the same second, or of an unknown one: a late Create or Update does not withdraw a Delete',
    (at) => {
      const [create, update, remove] = [createEvent(at('a')), updateEvent(at('b')), deleteEvent(at('c'))];
      expect([create, update].filter((late) => withdraws(late, remove))).toEqual([]);
      expect(withdraws(create, update)).toBe(false);
      expect(withdraws(update, create)).toBe(true);
      expect([create, update].filter((running) => !withdraws(remove, running))).toEqual([]);
    },
  );
});
