import * as decide from '../../../../lambda/deployment/engine/decide';
import { INITIAL_PROGRESS, mayCancel } from '../../../../lambda/deployment/engine/decide';
import type { DecisionContext } from '../../../../lambda/deployment/engine/decision-context';
import type { CallError, Found, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { withResult } from '../../../../lambda/deployment/engine/result';
import { type CancellationSettings, type Progress, STEPS } from '../../../../lib/contract/cancellation';

export const START = Date.UTC(2026, 9, 1);
export const DISPLAY_NAME = 'service instance web/web-prod';
export const HINT = 'a hint about the service';

export const SETTINGS: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

export function at(elapsedMs: number, settings: Partial<CancellationSettings> = {}, random = 0.5): DecisionContext {
  return {
    settings: { ...SETTINGS, ...settings },
    displayName: DISPLAY_NAME,
    unavailableHint: HINT,
    startedAt: START,
    now: START + elapsedMs,
    random,
  };
}

/** The decisions with their ends rendered, as `run` keeps them. */
export const afterRead = (progress: Progress, read: ReadResult, context: DecisionContext): Progress =>
  withResult(decide.afterRead(progress, read, context), context);
export const afterCancel = (progress: Progress, response: Found | CallError, context: DecisionContext): Progress =>
  withResult(decide.afterCancel(progress, response, context), context);

export const IN_TIME = at(5_000);
export const TOO_LATE = at(1_800_000);

/** A status for each phase. */
export const STATUS: Readonly<Record<Phase, string>> = {
  IN_PROGRESS: 'IN_PROGRESS',
  UNKNOWN: 'PAUSED',
  CANCELLING: 'CANCELLING',
  CANCELLING_GRACEFULLY: 'Stopping',
  DELETING: 'DELETE_IN_PROGRESS',
  CANCELLED: 'CANCELLED',
  COMPLETED: 'SUCCEEDED',
  FAILED: 'FAILED',
  INCOMPLETE: 'Ready',
  DELETION_OVER: 'DELETE_FAILED',
  ENDING: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  SUPERSEDED: 'Superseded',
  ROLLBACK_FAILED: 'UPDATE_ROLLBACK_FAILED',
  NOT_CANCELLABLE: 'CREATE_IN_PROGRESS',
};
export const PHASES = Object.keys(STATUS) as Phase[];
export const OVER: readonly Phase[] = ['CANCELLED', 'COMPLETED', 'FAILED', 'INCOMPLETE', 'SUPERSEDED', 'DELETION_OVER'];

export function found(phase: Phase, deploymentId: string | undefined = 'x'): Found {
  return {
    kind: 'found',
    phase,
    deploymentStatus: STATUS[phase],
    deploymentId,
    attributes: { name: 'web-prod', deploymentStatusMessage: `message of ${deploymentId}` },
  };
}

export const MISSING: ReadResult = { kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' };

export const READ_ACTION = 'proton:GetServiceInstance';
export const CANCEL = 'proton:CancelServiceInstanceDeployment';
export const ARN = 'arn:aws:proton:us-east-1:111122223333:service/web/service-instance/web-prod';

export function callError(kind: CallError['errorType'], action = READ_ACTION): CallError {
  const errorName = {
    denied: 'AccessDeniedException',
    rejected: 'ValidationException',
    conflict: 'ConflictException',
    throttled: 'ThrottlingException',
    'server-error': 'InternalServerException',
    unreachable: 'TimeoutError',
  }[kind];
  return {
    kind: 'error',
    errorType: kind,
    action,
    resourceArn: ARN,
    endpoint: 'https://proton.example',
    errorName,
    message: `message of ${kind}`,
  };
}
export const ERROR_TYPES: CallError['errorType'][] = [
  'denied',
  'rejected',
  'conflict',
  'throttled',
  'server-error',
  'unreachable',
];

/** The progress of a cancellation before a read. */
export const FINDING = INITIAL_PROGRESS;
/** The first read found nothing in flight. */
export const IDLE: Progress = { ...FINDING, idle: true };
export const TO_CANCEL: Progress = {
  next: STEPS.CANCEL,
  waitSeconds: 0,
  pinnedDeploymentId: 'x',
  lastSeen: 'IN_PROGRESS',
};
export const IN_DOUBT: Progress = { ...TO_CANCEL, requested: true, cancelReachedNewer: true };
export const AWAITING: Progress = {
  next: STEPS.AWAIT,
  waitSeconds: 2,
  pinnedDeploymentId: 'x',
  lastSeen: 'CANCELLING',
};
export const REQUESTED: Progress = { ...AWAITING, requested: true };
export const SUPERSEDED: Progress = { ...REQUESTED, supersededBy: 'y' };

/** The result, with the properties that every result has. */
export function resultOf(progress: Progress): NonNullable<Progress['result']> {
  expect(progress.next).toBe(STEPS.END);
  expect(progress.waitSeconds).toBe(0);
  const { result } = progress;
  if (!result) throw new Error('the end has no result');
  expect(result.reason).toMatch(/^(?![A-Z]|.*\.$)[^\n\r]+$/);
  expect(result.reason).not.toMatch(/undefined|null|NaN|\[object/);
  expect(result.attributes.outcome).toBe(result.outcome);
  expect(result.attributes.deploymentStatus).not.toBe('');
  expect(result.attributes.deploymentId).toBe(progress.pinnedDeploymentId);
  return result;
}

/** The decision as one word: the next step, SEND if a cancel request is sent at once, or the outcome. */
export function decisionOf(kept: Progress, after: Progress, read: ReadResult): string {
  if (after.next === STEPS.END) return resultOf(after).outcome;
  expect(after.result).toBeUndefined();
  expect(after.waitSeconds).toBeGreaterThanOrEqual(0);
  return mayCancel(kept, after, read) ? 'SEND' : after.next;
}
