import { Stack } from 'aws-cdk-lib';
import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { InvalidConfigurationError } from '../../private/errors';

/** What to do about a service that something else than ECS deploys. */
const INSTEAD: Readonly<Record<string, string>> = {
  CODE_DEPLOY: 'use CodeDeployDeployment with the deployment group of the service',
  EXTERNAL: 'stop its deployment where it was started, or use the deployment controller ECS',
};

/** @throws if the deployment controller of a service of the app is known not to be ECS, so that it has no service deployments */
export function refuseOtherController(service: unknown): void {
  if (!Construct.isConstruct(service)) return;
  const resource = [service, service.node.defaultChild].find(isServiceResource);
  if (!resource) return;
  const controller: unknown = Stack.of(resource).resolve(resource.deploymentController);
  const type =
    typeof controller === 'object' && controller !== null && 'type' in controller ? controller.type : undefined;
  const instead = typeof type === 'string' && Object.hasOwn(INSTEAD, type) ? INSTEAD[type] : undefined;
  if (instead === undefined) return;
  throw new InvalidConfigurationError(
    `service ${service.node.path} has the deployment controller ${type}, and only ECS has service deployments: ${instead}`,
  );
}

/** Whether it is a `CfnService`, without loading the module of ECS. */
function isServiceResource(value: unknown): value is CfnService {
  return Construct.isConstruct(value) && 'cfnResourceType' in value && value.cfnResourceType === 'AWS::ECS::Service';
}
