import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import type { ErrorTypes } from '../errors';
import type { Statuses } from '../statuses';

export const STATUSES: Statuses<ServiceDeploymentStatus> = {
  PENDING: 'IN_PROGRESS',
  IN_PROGRESS: 'IN_PROGRESS',
  STOP_REQUESTED: 'CANCELLING',
  // A circuit breaker or an alarm causes these as well.
  ROLLBACK_REQUESTED: 'CANCELLING',
  ROLLBACK_IN_PROGRESS: 'CANCELLING',
  ROLLBACK_SUCCESSFUL: 'CANCELLED',
  STOPPED: 'CANCELLED',
  SUCCESSFUL: 'COMPLETED',
  ROLLBACK_FAILED: 'FAILED',
};

export const ERRORS: ErrorTypes = {
  ClusterNotFoundException: 'not-found',
  ServiceNotFoundException: 'not-found',
  ServiceDeploymentNotFoundException: 'not-found',
};
