import { createHash } from 'node:crypto';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { CloudFormationRequest } from '../../lib/contract/cancellation';

/** What has to be said again in the answer. The physical id never changes, so that nothing is ever replaced. */
export function toRequest(event: CloudFormationCustomResourceEvent): CloudFormationRequest {
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId =
    event.RequestType === 'Create' ? `${LogicalResourceId}-${hash(8, StackId)}` : event.PhysicalResourceId;
  return { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
}

/**
 * The name of the execution for a request. A request that is delivered again has the same name. One that CloudFormation
 * makes anew has another, even where it repeats the request id: where to answer to is part of it.
 */
export function executionName(event: CloudFormationCustomResourceEvent): string {
  const { RequestType, RequestId, ResponseURL } = event;
  return `${executionPrefix(event)}${RequestType}-${hash(16, RequestType, RequestId, ResponseURL)}`;
}

/** How the names of all executions for one resource begin, and of no other resource's. At most 80 characters with the rest. */
export function executionPrefix(resource: Resource): string {
  return `${resourceKey(resource)}-`;
}

/** A name for a resource that no other has. */
export function resourceKey({ StackId, LogicalResourceId }: Resource): string {
  return `${LogicalResourceId.slice(0, 40)}-${hash(8, StackId, LogicalResourceId)}`;
}

type Resource = Pick<CloudFormationRequest, 'StackId' | 'LogicalResourceId'>;

function hash(length: number, ...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, length);
}
