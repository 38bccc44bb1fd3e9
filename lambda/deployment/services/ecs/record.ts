import type { ServiceDeployment, ServiceDeploymentBrief } from '@aws-sdk/client-ecs';
import { type EcsService, ecsServiceDeploymentPath } from '../../../../lib/deployments/ecs/kinds';
import type { AwsContext } from '../aws-context';
import type { DeploymentRecord } from '../deployment-record';
import { InvalidResponseError } from '../errors';

/** @throws if the service deployment is one of another service */
export function recordOf(
  found: ServiceDeploymentBrief | ServiceDeployment,
  service: EcsService,
  aws: AwsContext,
): DeploymentRecord {
  const { serviceDeploymentArn: arn = '', createdAt, status, statusReason } = found;
  const id = idOf(arn);
  // The id alone does not tell whose deployment it is.
  if (arn !== aws.arn('ecs', ecsServiceDeploymentPath(service, id))) {
    throw new InvalidResponseError('the response is about another service');
  }
  // A list does not have it.
  const lifecycleStage = 'lifecycleStage' in found ? found.lifecycleStage : undefined;
  const attributes = { arn, serviceName: service.serviceName, createdAt, lifecycleStage };
  return { id, status, startedAt: createdAt, statusMessage: statusReason, attributes };
}

/** The last part of an ARN. */
export function idOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
