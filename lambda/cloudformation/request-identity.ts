import { createHash } from 'node:crypto';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { CloudFormationRequest } from '../../lib/contract/cancellation';

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
 * new request has another name even if CloudFormation reuses the request ID, because the response URL differs.
 */
export function executionName(event: CloudFormationCustomResourceEvent): string {
  const { RequestType, RequestId, ResponseURL } = event;
  return `${executionPrefix(event)}${RequestType}-${hash(16, RequestType, RequestId, ResponseURL)}`;
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
