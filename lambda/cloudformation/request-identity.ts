import { createHash } from 'node:crypto';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { CloudFormationRequest } from '../../lib/contract/cancellation';
import { signedTimesOf } from './response-url';

type Resource = Pick<CloudFormationRequest, 'StackId' | 'LogicalResourceId'>;

/**
 * Picks the fields that a response must repeat. The physical ID of a resource never changes, so CloudFormation never
 * replaces the resource.
 */
export function toRequest(event: CloudFormationCustomResourceEvent): CloudFormationRequest {
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId =
    event.RequestType === 'Create' ? `${LogicalResourceId}-${hash(8, StackId)}` : event.PhysicalResourceId;
  return { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
}

/**
 * Names the execution for a request, in at most 80 characters. A repeated delivery of one request has the same name. A
 * new request has another name even if CloudFormation reuses the request ID, because the response URL differs. The name
 * carries the time of the request, so that a list of executions shows which requests are older.
 */
export function executionName(event: CloudFormationCustomResourceEvent): string {
  const { RequestType, RequestId, ResponseURL } = event;
  const requestedAt = signedTimesOf(ResponseURL)?.requestedAt;
  const time = requestedAt === undefined ? '' : (requestedAt / 1000).toString(36).padStart(TIME_LENGTH, '0');
  return `${executionPrefix(event)}${RequestType}-${time}${hash(HASH_LENGTH, RequestType, RequestId, ResponseURL)}`;
}

const TIME_LENGTH = 7;
const HASH_LENGTH = 14;
const EXECUTION_NAME = new RegExp(
  `-[0-9a-f]{8}-(Create|Update|Delete)-([0-9a-z]{${TIME_LENGTH}})?[0-9a-f]{${HASH_LENGTH}}$`,
);

/** What the name of an execution says about its request; undefined if somebody else has started it. */
export function parseExecutionName(
  name: string,
): { readonly requestType: string; readonly requestedAt?: number } | undefined {
  const [, requestType, time] = EXECUTION_NAME.exec(name) ?? [];
  if (requestType === undefined) return undefined;
  return { requestType, ...(time !== undefined && { requestedAt: Number.parseInt(time, 36) * 1000 }) };
}

/** The prefix that the names of all executions of this resource share, and those of no other resource have. */
export function executionPrefix(resource: Resource): string {
  return `${resourceKey(resource)}-`;
}

/** A unique name for a resource. */
export function resourceKey({ StackId, LogicalResourceId }: Resource): string {
  return `${LogicalResourceId.slice(0, 40)}-${hash(8, StackId, LogicalResourceId)}`;
}

function hash(length: number, ...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
}
