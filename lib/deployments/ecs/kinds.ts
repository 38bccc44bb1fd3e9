import type { Deployment, DeploymentKind } from '../../contract/cancellation';
import type { KindDefinition } from '../kind-definition';

/** What Amazon ECS and IAM call a deployment of a service, and what its cancellation asks for. */

export type EcsKindName = Extract<DeploymentKind, `ecs-${string}`>;

export const ECS_STOP_ACTION = 'ecs:StopServiceDeployment';
export const ECS_READ_ACTION = 'ecs:DescribeServiceDeployments';
export const ECS_LIST_ACTION = 'ecs:ListServiceDeployments';

/** The service whose deployments they are. */
export interface EcsService {
  readonly cluster: string;
  readonly service: string;
}

/** The ARN of a service after `arn:PARTITION:ecs:REGION:ACCOUNT:`. */
export function ecsServicePath({ cluster, service }: EcsService): string {
  return `service/${cluster}/${service}`;
}

/** The same of one of its deployments. */
export function ecsServiceDeploymentPath({ cluster, service }: EcsService, id: string): string {
  return `service-deployment/${cluster}/${service}/${id}`;
}

/** Which service a deployment is of: its names, or what the ARN of the one deployment says. */
export function ecsServiceOf({
  serviceDeploymentArn,
  cluster = '',
  service = '',
}: Deployment['identifiers']): EcsService {
  if (serviceDeploymentArn === undefined) return { cluster, service };
  const [, ofCluster = '', ofService = ''] = serviceDeploymentArn.split('/');
  return { cluster: ofCluster, service: ofService };
}

const NAME = /^[0-9A-Za-z_-]+$/;
const MAX_NAME = 255;
const SERVICE_DEPLOYMENT_ARN =
  /^arn:[0-9a-z-]+:ecs:[0-9a-z-]+:\d{12}:service-deployment\/[0-9A-Za-z_-]{1,255}\/[0-9A-Za-z_-]{1,255}\/[0-9A-Za-z_-]{1,100}$/;

/** Says what is wrong with the value of a name, or nothing. */
function validate(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a string, not ${value === null ? 'null' : typeof value}`;
  if (name === 'serviceDeploymentArn') {
    if (SERVICE_DEPLOYMENT_ARN.test(value)) return undefined;
    return `must be arn:PARTITION:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/ID, not '${value.slice(0, 200)}'`;
  }
  if (value.length < 1 || value.length > MAX_NAME) return `must have 1 to ${MAX_NAME} characters, not ${value.length}`;
  if (!NAME.test(value)) return `must be a name of letters, digits, '-' and '_', and no arn, not '${value}'`;
  return undefined;
}

export const ECS_KIND_DEFINITIONS: Readonly<Record<EcsKindName, KindDefinition>> = {
  'ecs-service-deployment': {
    identifierSets: [['serviceDeploymentArn'], ['cluster', 'service']],
    validate,
    displayName: ({ serviceDeploymentArn, cluster, service }) =>
      serviceDeploymentArn === undefined
        ? `ecs service ${cluster}/${service}`
        : `ecs service deployment ${serviceDeploymentArn.split(':service-deployment/').pop()}`,
  },
};
