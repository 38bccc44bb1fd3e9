import type * as api from '@aws-sdk/client-proton';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { type OnWire, seconds } from '../../core/json-output';
import { latest } from '../../core/simulated-service';
import type { Deployment, Resource, Service } from './simulated-service';

/** The template version of every resource, unless a minor version is requested. */
const TEMPLATE_VERSION = { templateMajorVersion: '1', templateMinorVersion: '0' };
export const TEMPLATE_VERSION_STATUS: api.TemplateVersionStatus = 'PUBLISHED';
const SERVICE_TEMPLATE = { templateName: 'fargate-service', ...TEMPLATE_VERSION };
const ENVIRONMENT_TEMPLATE = { templateName: 'fargate-environment', ...TEMPLATE_VERSION };

export function serviceInstanceSummary(resource: Resource): OnWire<api.ServiceInstanceSummary> {
  const { environmentName, serviceName, serviceInstanceName: name } = resource.names;
  const { version: templateMinorVersion } = lastSucceeded(resource);
  return { name, serviceName, environmentName, ...SERVICE_TEMPLATE, templateMinorVersion, ...deployed(resource) };
}

export function serviceInstance(resource: Resource): OnWire<api.ServiceInstance> {
  return { ...serviceInstanceSummary(resource), spec: resource.spec };
}

export function servicePipeline(resource: Resource): OnWire<api.ServicePipeline> {
  return { ...SERVICE_TEMPLATE, ...deployed(resource), spec: resource.spec };
}

export function environment(resource: Resource): OnWire<api.Environment> {
  const { environmentName: name } = resource.names;
  return { name, ...ENVIRONMENT_TEMPLATE, ...deployed(resource), spec: resource.spec };
}

export function component(resource: Resource): OnWire<api.Component> {
  const { componentName: name, environmentName, serviceName, serviceInstanceName } = resource.names;
  return {
    name,
    environmentName,
    serviceName,
    serviceInstanceName,
    ...deployed(resource),
    lastModifiedAt: seconds(latest(resource).lastModifiedAt),
    serviceSpec: serviceInstanceName === undefined ? undefined : resource.spec,
  };
}

export function service({ name, arn, createdAt, spec }: Service, pipeline?: Resource): OnWire<api.Service> {
  return {
    name,
    arn,
    createdAt: seconds(createdAt),
    lastModifiedAt: seconds(createdAt),
    spec,
    status: 'ACTIVE',
    templateName: SERVICE_TEMPLATE.templateName,
    pipeline: pipeline && servicePipeline(pipeline),
  };
}

export function deploymentSummary(
  deployment: Deployment,
  awsEnvironment: AwsEnvironment,
): OnWire<api.DeploymentSummary> {
  const { id, resource, createdAt, lastModifiedAt, completedAt, status } = deployment;
  return {
    id,
    arn: arnOf(awsEnvironment, 'proton', `deployment/${id}`),
    targetArn: resource.arn,
    targetResourceType: resource.type,
    targetResourceCreatedAt: seconds(resource.createdAt),
    ...resource.names,
    createdAt: seconds(createdAt),
    lastModifiedAt: seconds(lastModifiedAt),
    completedAt: seconds(completedAt),
    deploymentStatus: status,
    ...deploymentIds(resource),
  };
}

export function deployment(deployment: Deployment, awsEnvironment: AwsEnvironment): OnWire<api.Deployment> {
  return {
    ...deploymentSummary(deployment, awsEnvironment),
    deploymentStatusMessage: deployment.message,
    targetState: targetState(deployment),
  };
}

function targetState({ resource, version }: Deployment): OnWire<api.DeploymentState> {
  const { type, spec, names } = resource;
  switch (type) {
    case 'SERVICE_INSTANCE':
      return { serviceInstance: { spec, ...SERVICE_TEMPLATE, templateMinorVersion: version } };
    case 'SERVICE_PIPELINE':
      return { servicePipeline: { spec, ...SERVICE_TEMPLATE } };
    case 'ENVIRONMENT':
      return { environment: { spec, ...ENVIRONMENT_TEMPLATE } };
    case 'COMPONENT': {
      const { serviceName = '', serviceInstanceName = '' } = names;
      return { component: { serviceName, serviceInstanceName } };
    }
  }
}

/** The members that all resources share. */
function deployed(resource: Resource) {
  const last = latest(resource);
  return {
    arn: resource.arn,
    createdAt: seconds(resource.createdAt),
    deploymentStatus: last.status,
    deploymentStatusMessage: last.message,
    lastDeploymentAttemptedAt: seconds(last.createdAt),
    lastDeploymentSucceededAt: seconds(lastSucceeded(resource).completedAt!),
    ...deploymentIds(resource),
  };
}

function deploymentIds(resource: Resource) {
  if (resource.withholdsDeploymentIds) return {};
  return { lastAttemptedDeploymentId: latest(resource).id, lastSucceededDeploymentId: lastSucceeded(resource).id };
}

/** The last successful deployment; at least the creation has succeeded. */
function lastSucceeded({ deployments }: Resource): Deployment {
  return deployments.findLast(({ status }) => status === 'SUCCEEDED')!;
}
