import type { DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { ServiceError } from '../../core/http-server';

type Input = Readonly<Record<string, unknown>>;

/** Reads the input of a call, and refuses what AWS CodeDeploy does not take. Members that are null are left out. */

const STATUSES: Readonly<Record<DeploymentStatus, true>> = {
  Created: true,
  Queued: true,
  InProgress: true,
  Baking: true,
  Ready: true,
  Succeeded: true,
  Failed: true,
  Stopped: true,
};

/** Which deployment group. */
export interface Group {
  readonly applicationName: string;
  readonly deploymentGroupName: string;
}

export function deploymentId(input: Input): string {
  const id = optionalText(input, 'deploymentId');
  if (id === undefined || id === '')
    throw new ServiceError('DeploymentIdRequiredException', 'A deployment ID is required.');
  if (/^d-[0-9A-Z]{9}$/.test(id)) return id;
  throw new ServiceError('InvalidDeploymentIdException', `The deployment ID ${id} is not valid.`);
}

export function group(input: Input): Group {
  return {
    applicationName: name(input, 'applicationName', 'ApplicationName'),
    deploymentGroupName: name(input, 'deploymentGroupName', 'DeploymentGroupName'),
  };
}

/** Both names, or neither. */
export function optionalGroup(input: Input): Group | undefined {
  const given = [input.applicationName, input.deploymentGroupName].some((value) => (value ?? undefined) !== undefined);
  return given ? group(input) : undefined;
}

export function includeOnlyStatuses(input: Input): readonly string[] {
  const given = input.includeOnlyStatuses ?? [];
  if (!Array.isArray(given) || !given.every((item) => typeof item === 'string')) throw misfit('includeOnlyStatuses');
  const stranger = given.find((status) => !Object.hasOwn(STATUSES, status));
  if (stranger !== undefined) {
    throw new ServiceError('InvalidDeploymentStatusException', `The deployment status ${stranger} is not valid.`);
  }
  return given;
}

/** Whether something was created between the times of the input, which are seconds since the epoch. */
export function createTimeRange(input: Input): (seconds: number) => boolean {
  const range = input.createTimeRange ?? {};
  if (typeof range !== 'object' || Array.isArray(range)) throw misfit('createTimeRange');
  const { start = undefined, end = undefined } = range as Record<string, unknown>;
  const [from, to] = [start ?? Number.NEGATIVE_INFINITY, end ?? Number.POSITIVE_INFINITY];
  if (typeof from !== 'number' || typeof to !== 'number') throw misfit('createTimeRange');
  if (from > to) throw new ServiceError('InvalidTimeRangeException', 'The time range is not valid.');
  return (seconds) => seconds >= from && seconds <= to;
}

/** Where the page begins. */
export function offset(input: Input): number {
  const token = optionalText(input, 'nextToken');
  if (token === undefined) return 0;
  const digits = /^from-(\d{1,9})$/.exec(token)?.[1];
  if (digits === undefined) throw new ServiceError('InvalidNextTokenException', 'The next token is not valid.');
  return Number(digits);
}

export function optionalBoolean(input: Input, member: string): boolean | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw misfit(member);
  return value;
}

/** What this CodeDeploy does not know about. */
export function refuse(input: Input, member: string): void {
  if ((input[member] ?? undefined) === undefined) return;
  throw new ServiceError('InvalidInputException', `This is an embedded AWS CodeDeploy without ${member}.`);
}

function name(input: Input, member: string, what: string): string {
  const value = optionalText(input, member);
  if (value === undefined || value === '') throw new ServiceError(`${what}RequiredException`, `${member} is required.`);
  if (/^[0-9A-Za-z._+=,@-]{1,100}$/.test(value)) return value;
  throw new ServiceError(`Invalid${what}Exception`, `${member} is not valid.`);
}

function optionalText(input: Input, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw misfit(member);
  return value;
}

function misfit(member: string): ServiceError {
  return new ServiceError('SerializationException', `${member} has a type that cannot be read`);
}
