import type { Fault } from '../../../../emulator/core/http-server';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import { setUp } from '../run-to-end';
import {
  CONTINUE,
  cancelWith,
  creating,
  DELETE,
  eventual,
  faultOf,
  ROLLBACK_FAILS,
  SKIP_SERVICE,
} from './stack-options';

setUp();

const COMMAND = 'to continue its rollback: aws cloudformation continue-update-rollback --stack-name web';
const error = (message: string): Fault => ({ kind: 'error', type: 'ValidationError', message });

describe('a rollback that fails', () => {
  test('without the option is not continued, and the reason names the command', async () => {
    const { result, requests } = await cancelWith(ROLLBACK_FAILS, DELETE);
    expect(result).toMatchObject({
      outcome: 'CANCEL_FAILED',
      attributes: { deploymentStatus: 'UPDATE_ROLLBACK_FAILED' },
    });
    expect(result.reason).toContain(COMMAND);
    expect(requests).toEqual([]);
  });

  test('is continued once, without the resources to skip', async () => {
    const { result, requests, cancels, pinned, stackId } = await cancelWith(ROLLBACK_FAILS, SKIP_SERVICE);
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      attributes: { deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', deploymentId: pinned, arn: stackId },
    });
    expect(cancels).toHaveLength(1);
    expect(requests).toEqual([
      expect.objectContaining({
        operation: 'ContinueUpdateRollback',
        stackId,
        deploymentId: pinned,
        status: 'UPDATE_ROLLBACK_FAILED',
        resourcesToSkip: ['Service'],
        token: expect.stringMatching(/^cdk-deployment-cancellation-continue-rollback-[0-9a-f]{32}$/),
      }),
    ]);
  });

  test('and fails again is not continued a second time', async () => {
    const { result, requests } = await cancelWith(ROLLBACK_FAILS, CONTINUE);
    expect(result).toMatchObject({
      outcome: 'CANCEL_FAILED',
      attributes: { deploymentStatus: 'UPDATE_ROLLBACK_FAILED' },
    });
    expect(result.reason).toContain(`its rollback was continued before; ${COMMAND}`);
    expect(requests).toHaveLength(1);
  });

  test('of an update that nobody has cancelled is continued as well', async () => {
    const steps = [
      { after: 3 * MINUTES, status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
      { after: MINUTES, status: 'UPDATE_ROLLBACK_FAILED' },
    ] as const;
    const { result, requests, cancels } = await cancelWith(
      { name: 'web', updates: [{ at: -200 * SECONDS, steps }] },
      SKIP_SERVICE,
    );
    expect(result.outcome).toBe('CANCELLED');
    expect(cancels).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  test('before the first read is not continued', async () => {
    const steps = [{ after: MINUTES, status: 'UPDATE_ROLLBACK_FAILED' }] as const;
    const { result, requests } = await cancelWith(
      { name: 'web', updates: [{ at: -2 * MINUTES, steps }] },
      SKIP_SERVICE,
    );
    expect(result.outcome).toBe('NOTHING_TO_CANCEL');
    expect(result.reason).toContain(COMMAND);
    expect(requests).toEqual([]);
  });

  test.each([
    ['has no service role', { hasNoRole: true }, 'the stack has no service role'],
    ['has no operations, as before 2025', { withholdsOperations: true }, 'to continue its rollback'],
  ])('of a stack that %s is not continued', async (_case, change, why) => {
    const { result, requests } = await cancelWith({ ...ROLLBACK_FAILS, ...change }, SKIP_SERVICE);
    expect(result.outcome).toBe('CANCEL_FAILED');
    expect(result.reason).toContain(why);
    expect(requests).toEqual([]);
  });

  test('with a resource that cannot be skipped is refused with the message of the service', async () => {
    const { result, requests } = await cancelWith(ROLLBACK_FAILS, { ...CONTINUE, resourcesToSkip: ['Other'] });
    expect(result).toMatchObject({ outcome: 'REFUSED', failed: true });
    expect(result.reason).toMatch(
      /^the service refused cloudformation:ContinueUpdateRollback: ValidationError: The resources \[Other\] can not be skipped; .* last seen as UPDATE_ROLLBACK_FAILED/,
    );
    expect(requests).toEqual([]);
  });

  test('is not continued without the permission', async () => {
    const denied: Fault = { kind: 'error', type: 'AccessDenied', statusCode: 403 };
    const rules = faultOf('ContinueUpdateRollback', denied, 1_000);
    const { result, requests } = await cancelWith(ROLLBACK_FAILS, SKIP_SERVICE, { rules });
    expect(result).toMatchObject({ outcome: 'ACCESS_DENIED', failed: true });
    expect(result.reason).toContain('not allowed to call cloudformation:ContinueUpdateRollback on ');
    expect(requests).toEqual([]);
  });
});

describe('a stack whose creation is in progress', () => {
  test('without the option is not deleted', async () => {
    const { result, requests, cancels, status } = await cancelWith(creating(), SKIP_SERVICE);
    expect(result).toMatchObject({ outcome: 'REFUSED', failed: true });
    expect(requests).toEqual([]);
    expect(cancels).toEqual([]);
    expect(status).toBe('CREATE_IN_PROGRESS');
  });

  test('is deleted, and the deletion is awaited', async () => {
    const { result, requests, cancels, pinned, stackId, status } = await cancelWith(creating(), DELETE);
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      failed: false,
      attributes: { deploymentStatus: 'DELETE_COMPLETE', deploymentId: pinned, arn: stackId },
    });
    expect(status).toBe('DELETE_COMPLETE');
    expect(cancels).toEqual([]);
    expect(requests).toEqual([
      expect.objectContaining({
        operation: 'DeleteStack',
        stackId,
        deploymentId: pinned,
        status: 'CREATE_IN_PROGRESS',
        token: expect.stringMatching(/^cdk-deployment-cancellation-delete-[0-9a-f]{32}$/),
      }),
    ]);
  });

  test('whose deletion fails is a failed cancellation', async () => {
    const onDelete = [{ after: MINUTES, status: 'DELETE_FAILED' }] as const;
    const { result } = await cancelWith(creating(25 * MINUTES, { onDelete }), DELETE);
    expect(result).toMatchObject({ outcome: 'CANCEL_FAILED', attributes: { deploymentStatus: 'DELETE_FAILED' } });
  });

  test('without a service role is not deleted', async () => {
    const { result, requests } = await cancelWith(creating(25 * MINUTES, { hasNoRole: true }), DELETE);
    expect(result).toMatchObject({ outcome: 'REFUSED', failed: true });
    expect(result.reason).toMatch(
      /^the creation of a stack without a service role cannot be cancelled, and nothing was/,
    );
    expect(requests).toEqual([]);
  });

  test('that cannot be deleted is refused with the message of the service', async () => {
    const rules = faultOf('DeleteStack', error('Stack [web] has TerminationProtection.'), 1_000);
    const { result, requests } = await cancelWith(creating(), DELETE, { rules });
    expect(result.outcome).toBe('REFUSED');
    expect(result.reason).toContain('the service refused cloudformation:DeleteStack: ValidationError: Stack [web] has');
    expect(requests).toEqual([]);
  });

  test('that somebody else deletes meanwhile is cancelled', async () => {
    const rules = faultOf('DeleteStack', { kind: 'error', type: 'Throttling', message: 'Rate exceeded' }, 3);
    const { result, requests } = await cancelWith(creating(), DELETE, {
      rules,
      others: (simulated, clock) => void clock.schedule(SECONDS, () => simulated.requestDeletion('web')),
    });
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'DELETE_COMPLETE' } });
    expect(requests.map(({ token }) => token)).toEqual([undefined]);
  });

  test.each([
    ['started after the event that asks for it', { requestedAt: '2000-01-01T00:00:00Z' }, 'SKIPPED'],
    ['was in flight before a time', { ignoreStartedBefore: '2999-01-01T00:00:00Z' }, 'SKIPPED'],
    ['a guard arms for', { observeOnly: true }, 'ARMED'],
  ])('that %s is not deleted', async (_case, otherFields, outcome) => {
    const { result, requests, status } = await cancelWith(creating(), DELETE, { otherFields });
    expect(result.outcome).toBe(outcome);
    expect(requests).toEqual([]);
    expect(status).toBe('CREATE_IN_PROGRESS');
  });

  test('that a guard has seen before is not deleted', async () => {
    const { pinned } = await cancelWith(creating(), DELETE, { otherFields: { observeOnly: true } });
    const otherFields = { ignoreDeploymentId: pinned };
    const { result, requests } = await cancelWith(creating(), DELETE, { otherFields });
    expect(result.outcome).toBe('SKIPPED');
    expect(requests).toEqual([]);
  });
});

describe('a stack that is not being created', () => {
  const stepsOf = {
    UPDATE_IN_PROGRESS: [],
    UPDATE_COMPLETE: [{ after: MINUTES, status: 'UPDATE_COMPLETE' }],
    UPDATE_ROLLBACK_IN_PROGRESS: [
      { after: MINUTES, status: 'UPDATE_ROLLBACK_IN_PROGRESS' },
      { after: 3 * MINUTES, status: 'UPDATE_ROLLBACK_COMPLETE' },
    ],
    UPDATE_ROLLBACK_FAILED: [{ after: MINUTES, status: 'UPDATE_ROLLBACK_FAILED' }],
    CREATE_COMPLETE: [{ after: MINUTES, status: 'CREATE_COMPLETE' }],
    ROLLBACK_IN_PROGRESS: [
      { after: MINUTES, status: 'ROLLBACK_IN_PROGRESS' },
      { after: 3 * MINUTES, status: 'ROLLBACK_COMPLETE' },
    ],
    ROLLBACK_COMPLETE: [{ after: MINUTES, status: 'ROLLBACK_COMPLETE' }],
  } as const;

  test.each(Object.entries(stepsOf))('is never deleted: %s', async (status, steps) => {
    const first = /^(CREATE|ROLLBACK)_/.test(status) ? ({ status: 'CREATE_IN_PROGRESS' } as const) : {};
    const { requests } = await cancelWith({ name: 'web', updates: [{ at: -2 * MINUTES, ...first, steps }] }, DELETE, {
      consistency: eventual(1),
    });
    expect(requests).toEqual([]);
  });

  test('has its update cancelled by the request of an update', async () => {
    const { result, requests, cancels } = await cancelWith(ROLLBACK_FAILS, { ...DELETE, ...CONTINUE });
    expect(cancels).toHaveLength(1);
    expect(requests.map(({ operation }) => operation)).toEqual(['ContinueUpdateRollback']);
    expect(result.outcome).toBe('CANCEL_FAILED');
  });
});
