import { guardStateAfter } from '../../../lambda/cloudformation/guard-state';
import { toRequest } from '../../../lambda/cloudformation/request-identity';
import type { GuardRequest, RespondEvent, Result } from '../../../lib/contract/cancellation';
import { createEvent, PROPERTIES, REQUESTED_AT } from './fakes';

const NOW = REQUESTED_AT + 60_000;
const ROLE = 'arn:aws:iam::210987654321:role/canceller';

/** The end of an execution of a guard. */
function end(guard: GuardRequest, outcome: Result['outcome'], deploymentId?: string, failed = false): RespondEvent {
  const settings = { timeoutSeconds: 60, failOn: [], onNotFound: 'succeed', includeStatusMessage: false } as const;
  return {
    request: {
      contractVersion: '1',
      deployment: PROPERTIES.deployment as RespondEvent['request']['deployment'],
      settings: { ...settings, endpoint: 'http://proton', roleArn: ROLE },
      cloudFormation: { ...toRequest(createEvent()), guard },
    },
    executionArn: 'arn',
    result: { outcome, failed, reason: 'because', attributes: { outcome, deploymentId } },
  };
}

const ARM: GuardRequest = { action: 'ARM', nextTrigger: 'v2', previousTrigger: 'v1' };
const STAYS: GuardRequest = { action: 'CANCEL', nextTrigger: 'v2' };
const ENDS: GuardRequest = { action: 'CANCEL' };

describe('a guard is armed after an execution', () => {
  test.each<[string, RespondEvent, boolean, boolean]>([
    ['that has read the latest deployment', end(ARM, 'ARMED', 'x'), true, true],
    ['that has read that there is none', end(ARM, 'ARMED', ''), true, true],
    ['not if the service returned no ID', end(ARM, 'ARMED'), false, false],
    ['not if the reading ended otherwise, even with an ID', end(ARM, 'TIMED_OUT', 'x', true), false, false],
    ['that has cancelled, if it watches the same deployment', end(STAYS, 'CANCELLED', 'x'), true, true],
    ['not if it has cancelled a deployment without an ID', end(STAYS, 'CANCELLED'), true, false],
    ['not if the cancellation failed', end(STAYS, 'TIMED_OUT', 'x', true), false, false],
    ['not if it is deleted', end(ENDS, 'CANCELLED', 'x'), true, false],
    ['not if it is deleted and the cancellation failed', end(ENDS, 'TIMED_OUT', 'x', true), false, false],
  ])('%s', (_what, event, succeeded, isArmed) => {
    const after = guardStateAfter(event, NOW);
    expect(after.succeeded).toBe(succeeded);
    expect(after.state !== undefined).toBe(isArmed);
  });

  test('for the deployment, the triggers, the endpoint and the role of the execution', () => {
    expect(guardStateAfter(end(ARM, 'ARMED', 'x'), NOW).state).toEqual({
      deployment: PROPERTIES.deployment,
      trigger: 'v2',
      previousTrigger: 'v1',
      endpoint: 'http://proton',
      roleArn: ROLE,
      deploymentId: 'x',
      armedAt: '2026-10-01T12:01:00.000Z',
    });
  });
});

test.each<[string, { readAt?: string; requestedAt?: string }, string]>([
  ['the read', { readAt: '2026-10-01T12:00:30.000Z', requestedAt: '2026-10-01T12:00:00.000Z' }, '12:00:30'],
  ['the request, if that of the read is not known', { requestedAt: '2026-10-01T12:00:00.000Z' }, '12:00:00'],
  ['the response, if no other is known', {}, '12:01:00'],
])('the time of arming is that of %s', (_what, { readAt, requestedAt }, expected) => {
  const { request, result, executionArn } = end(ARM, 'ARMED', 'x');
  const event = { request: { ...request, requestedAt }, result: { ...result, readAt }, executionArn };
  expect(guardStateAfter(event, NOW).state?.armedAt).toBe(`2026-10-01T${expected}.000Z`);
});
