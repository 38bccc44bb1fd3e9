import type { DeploymentLifecycleHookAction, ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../core/http-server';
import { type Input, optionalNumber, optionalRecord, optionalText, optionalTexts } from '../../core/json-input';

const STATUSES: Readonly<Record<ServiceDeploymentStatus, true>> = {
  PENDING: true,
  IN_PROGRESS: true,
  STOP_REQUESTED: true,
  STOPPED: true,
  SUCCESSFUL: true,
  ROLLBACK_REQUESTED: true,
  ROLLBACK_IN_PROGRESS: true,
  ROLLBACK_SUCCESSFUL: true,
  ROLLBACK_FAILED: true,
};

/** Readers of the inputs of Amazon ECS, which throw its errors. */

export function text(input: Input, member: string): string {
  const value = optionalText(input, member);
  if (value === undefined || value === '') throw invalid(`${member} must not be blank.`);
  return value;
}

/** The size of a page. */
export function maxResults(input: Input, byDefault = 20): number {
  const value = optionalNumber(input, 'maxResults') ?? byDefault;
  if (!Number.isInteger(value) || value < 1 || value > 100) throw invalid('maxResults must be from 1 to 100.');
  return value;
}

export function serviceDeploymentArns(input: Input): readonly string[] {
  const arns = optionalTexts(input, 'serviceDeploymentArns');
  if (arns.length < 1 || arns.length > 20) throw invalid('serviceDeploymentArns must hold 1 to 20 ARNs.');
  for (const arn of arns) checkArn(arn);
  return arns;
}

export function serviceDeploymentArn(input: Input): string {
  const arn = text(input, 'serviceDeploymentArn');
  checkArn(arn);
  return arn;
}

export function hookAction(input: Input): DeploymentLifecycleHookAction {
  // CONTINUE is the default in the API reference.
  const action = optionalText(input, 'action') ?? 'CONTINUE';
  if (action === 'CONTINUE' || action === 'ROLLBACK') return action;
  throw invalid(`The action ${action} is not valid.`);
}

function checkArn(arn: string): void {
  if (!/^arn:[^:]+:ecs:[^:]*:\d{12}:service-deployment\/[^/]+\/[^/]+\/[^/]+$/.test(arn)) {
    throw invalid(`The identifier ${arn} is not valid.`);
  }
}

export function statuses(input: Input): readonly string[] {
  const given = optionalTexts(input, 'status');
  const unknown = given.find((status) => !Object.hasOwn(STATUSES, status));
  if (unknown !== undefined) throw invalid(`The status ${unknown} is not valid.`);
  return given;
}

/** Whether something was created between the times of the input, which are seconds since the epoch. */
export function createdAt(input: Input): (seconds: number) => boolean {
  const range = optionalRecord(input, 'createdAt');
  const after = optionalNumber(range, 'after') ?? Number.NEGATIVE_INFINITY;
  const before = optionalNumber(range, 'before') ?? Number.POSITIVE_INFINITY;
  return (seconds) => seconds >= after && seconds <= before;
}

/** The name in a name or ARN. */
export function nameIn(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}
