import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const ECS_STOP_ACTION = 'ecs:StopServiceDeployment';
/** Rolls back a service deployment that waits for an action at a lifecycle hook. */
export const ECS_CONTINUE_ACTION = 'ecs:ContinueServiceDeployment';
export const ECS_READ_ACTION = 'ecs:DescribeServiceDeployments';
export const ECS_LIST_ACTION = 'ecs:ListServiceDeployments';

/** An Amazon ECS service. */
export interface EcsService {
  readonly clusterName: string;
  readonly serviceName: string;
}

/** The ARN of a service after `arn:PARTITION:ecs:REGION:ACCOUNT:`. */
export function ecsServicePath({ clusterName, serviceName }: EcsService): string {
  return `service/${clusterName}/${serviceName}`;
}

/** The ARN of a service deployment after `arn:PARTITION:ecs:REGION:ACCOUNT:`. */
export function ecsServiceDeploymentPath({ clusterName, serviceName }: EcsService, id: string): string {
  return `service-deployment/${clusterName}/${serviceName}/${id}`;
}

/** The service that a deployment belongs to: the one that is named, or the one in the ARN of the deployment. */
export function ecsServiceOf({ serviceDeploymentArn, clusterName = '', serviceName = '' }: Identifiers): EcsService {
  if (serviceDeploymentArn === undefined) return { clusterName, serviceName };
  const [, clusterInArn = '', serviceInArn = ''] = serviceDeploymentArn.split('/');
  return { clusterName: clusterInArn, serviceName: serviceInArn };
}

export const validateEcsName = stringValidator({
  pattern: /^[0-9A-Za-z_-]+$/,
  maxLength: 255,
  rule: "be a name that holds only letters, digits, '-' and '_'",
});

const validateArn = stringValidator({
  pattern:
    /^arn:[0-9a-z-]+:ecs:[0-9a-z-]+:\d{12}:service-deployment\/[0-9A-Za-z_-]{1,255}\/[0-9A-Za-z_-]{1,255}\/[0-9A-Za-z_-]{1,100}$/,
  rule: 'be arn:PARTITION:ecs:REGION:ACCOUNT:service-deployment/CLUSTER/SERVICE/ID',
});

export const ECS_KINDS = {
  'ecs-service-deployment': {
    className: 'EcsServiceDeployment',
    command: 'ecs',
    label: 'ecs service',
    identifiers: {
      serviceDeploymentArn: { validate: validateArn },
      clusterName: { validate: validateEcsName, sample: 'prod' },
      serviceName: { validate: validateEcsName, sample: 'web' },
    },
    identifierSets: [['serviceDeploymentArn'], ['clusterName', 'serviceName']],
    displayName: ({ serviceDeploymentArn, clusterName, serviceName }) =>
      serviceDeploymentArn === undefined
        ? `ecs service ${clusterName}/${serviceName}`
        : `ecs service deployment ${serviceDeploymentArn.split(':service-deployment/').pop()}`,
    cancelAction: ECS_STOP_ACTION,
    readAction: ECS_READ_ACTION,
    resource: (identifiers) => ecsServicePath(ecsServiceOf(identifiers)),
    attributes: ['arn', 'createdAt', 'lifecycleStage', 'serviceName'],
    consolePath: ({ identifiers, region }) => {
      const { clusterName, serviceName } = ecsServiceOf(identifiers);
      return `ecs/v2/clusters/${clusterName}/services/${serviceName}/deployments?region=${region}`;
    },
    cancelsById: true,
    rollsBack: true,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
