import type { DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { ServiceError } from '../../core/http-server';
import { type Input, offset, optionalNumber, optionalRecord, optionalText, optionalTexts } from '../../core/json-input';

/** Readers of the inputs of AWS CodeDeploy, which throw its errors. */

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

/** A deployment group. */
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

const MAX_BATCH = 25;

export function deploymentIds(input: Input): readonly string[] {
  const ids = optionalTexts(input, 'deploymentIds');
  if (ids.length > MAX_BATCH)
    throw new ServiceError('BatchLimitExceededException', 'There are too many deployment IDs.');
  return ids.map((id) => deploymentId({ deploymentId: id }));
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
  const given = optionalTexts(input, 'includeOnlyStatuses');
  const unknown = given.find((status) => !Object.hasOwn(STATUSES, status));
  if (unknown !== undefined) {
    throw new ServiceError('InvalidDeploymentStatusException', `The deployment status ${unknown} is not valid.`);
  }
  return given;
}

/** Whether something was created between the times of the input, which are seconds since the epoch. */
export function createTimeRange(input: Input): (seconds: number) => boolean {
  const range = optionalRecord(input, 'createTimeRange');
  const from = optionalNumber(range, 'start') ?? Number.NEGATIVE_INFINITY;
  const to = optionalNumber(range, 'end') ?? Number.POSITIVE_INFINITY;
  if (from > to) throw new ServiceError('InvalidTimeRangeException', 'The time range is not valid.');
  return (seconds) => seconds >= from && seconds <= to;
}

/** The index that the page starts at. */
export function pageStart(input: Input): number {
  return offset(input, new ServiceError('InvalidNextTokenException', 'The next token is not valid.'));
}

/** Rejects a member that is not emulated. */
export function refuse(input: Input, member: string): void {
  if ((input[member] ?? undefined) === undefined) return;
  throw new ServiceError('InvalidInputException', `the emulated AWS CodeDeploy does not support ${member}`);
}

function name(input: Input, member: string, what: string): string {
  const value = optionalText(input, member);
  if (value === undefined || value === '') throw new ServiceError(`${what}RequiredException`, `${member} is required.`);
  if (/^[0-9A-Za-z._+=,@-]{1,100}$/.test(value)) return value;
  throw new ServiceError(`Invalid${what}Exception`, `${member} is not valid.`);
}
