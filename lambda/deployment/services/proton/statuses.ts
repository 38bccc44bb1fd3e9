import type { DeploymentStatus } from '@aws-sdk/client-proton';
import type { ErrorTypes } from '../errors';
import type { Statuses } from '../statuses';

export const STATUSES: Statuses<DeploymentStatus> = {
  IN_PROGRESS: 'IN_PROGRESS',
  CANCELLING: 'CANCELLING',
  DELETE_IN_PROGRESS: 'DELETING',
  CANCELLED: 'CANCELLED',
  SUCCEEDED: 'COMPLETED',
  FAILED: 'FAILED',
  DELETE_FAILED: 'DELETION_OVER',
  DELETE_COMPLETE: 'DELETION_OVER',
};

export const ERRORS: ErrorTypes = { ResourceNotFoundException: 'not-found' };

export const UNAVAILABLE_HINT =
  'AWS ended Proton on 2026-10-07, so it takes a Proton-compatible service, which the endpoint property names';
