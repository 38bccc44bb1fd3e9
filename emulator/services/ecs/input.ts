import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { ServiceError } from '../../core/http-server';

type Input = Readonly<Record<string, unknown>>;

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

/** Reads the input of a call, and refuses what Amazon ECS does not take. Members that are null are left out. */

export function text(input: Input, member: string): string {
  const value = optionalText(input, member);
  if (value === undefined || value === '') throw invalid(`${member} must not be blank.`);
  return value;
}

export function optionalText(input: Input, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw misfit(member);
  return value;
}

export function optionalNumber(container: Input, member: string): number | undefined {
  const value = container[member] ?? undefined;
  if (value !== undefined && typeof value !== 'number') throw misfit(member);
  return value;
}

/** As many as a page holds. */
export function maxResults(input: Input): number {
  const value = optionalNumber(input, 'maxResults') ?? 20;
  if (!Number.isInteger(value) || value < 1 || value > 100) throw invalid('maxResults must be from 1 to 100.');
  return value;
}

export function texts(input: Input, member: string): readonly string[] {
  const value = input[member] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw misfit(member);
  return value;
}

export function serviceDeploymentArns(input: Input): readonly string[] {
  const arns = texts(input, 'serviceDeploymentArns');
  if (arns.length < 1 || arns.length > 20) throw invalid('serviceDeploymentArns must hold 1 to 20 ARNs.');
  for (const arn of arns) checkArn(arn);
  return arns;
}

export function serviceDeploymentArn(input: Input): string {
  const arn = text(input, 'serviceDeploymentArn');
  checkArn(arn);
  return arn;
}

function checkArn(arn: string): void {
  if (!/^arn:[^:]+:ecs:[^:]*:\d{12}:service-deployment\/[^/]+\/[^/]+\/[^/]+$/.test(arn)) {
    throw invalid(`The identifier ${arn} is not valid.`);
  }
}

export function statuses(input: Input): readonly string[] {
  const given = texts(input, 'status');
  const stranger = given.find((status) => !Object.hasOwn(STATUSES, status));
  if (stranger !== undefined) throw invalid(`The status ${stranger} is not valid.`);
  return given;
}

/** Whether something was created between the times of the input, which are seconds since the epoch. */
export function createdAt(input: Input): (seconds: number) => boolean {
  const range = input.createdAt ?? {};
  if (typeof range !== 'object' || Array.isArray(range)) throw misfit('createdAt');
  const after = optionalNumber(range as Input, 'after') ?? Number.NEGATIVE_INFINITY;
  const before = optionalNumber(range as Input, 'before') ?? Number.POSITIVE_INFINITY;
  return (seconds) => seconds >= after && seconds <= before;
}

/** The name in a name, or in an ARN that ends with it. */
export function nameIn(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}

export function invalid(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}

function misfit(member: string): ServiceError {
  return new ServiceError('SerializationException', `${member} has a type that cannot be read`);
}
