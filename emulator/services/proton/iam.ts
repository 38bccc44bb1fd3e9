import type { IamRequest } from '../../aws/iam';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import type { ServiceCall } from '../../core/http-server';
import { isOperationName, type OperationName } from './model';

/** The resource of each action: the part of its ARN after `arn:PARTITION:proton:REGION:ACCOUNT:`; null if it has none. */
const RESOURCES: Readonly<Record<OperationName, ((name: (member: string) => string) => string) | null>> = {
  GetServiceInstance: (name) => `service/${name('serviceName')}/service-instance/${name('name')}`,
  CancelServiceInstanceDeployment: (name) =>
    `service/${name('serviceName')}/service-instance/${name('serviceInstanceName')}`,
  UpdateServiceInstance: (name) => `service/${name('serviceName')}/service-instance/${name('name')}`,
  GetService: (name) => `service/${name('name')}`,
  CancelServicePipelineDeployment: (name) => `service/${name('serviceName')}`,
  GetEnvironment: (name) => `environment/${name('name')}`,
  CancelEnvironmentDeployment: (name) => `environment/${name('environmentName')}`,
  GetComponent: (name) => `component/${name('name')}`,
  CancelComponentDeployment: (name) => `component/${name('componentName')}`,
  GetDeployment: (name) => `deployment/${name('id')}`,
  ListDeployments: null,
  ListServiceInstances: null,
};

/** The permissions that a call of Proton needs; none if Proton has no such operation. */
export function protonIamRequests({ operation, input }: ServiceCall, environment: AwsEnvironment): IamRequest[] {
  if (!isOperationName(operation)) return [];
  const path = RESOURCES[operation]?.((member) => (typeof input[member] === 'string' ? input[member] : ''));
  return [{ action: `proton:${operation}`, resource: path === undefined ? '*' : arnOf(environment, 'proton', path) }];
}
