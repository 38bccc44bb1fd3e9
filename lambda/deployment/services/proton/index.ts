import {
  CancelComponentDeploymentCommand,
  CancelEnvironmentDeploymentCommand,
  CancelServiceInstanceDeploymentCommand,
  CancelServicePipelineDeploymentCommand,
  GetComponentCommand,
  GetDeploymentCommand,
  GetEnvironmentCommand,
  GetServiceCommand,
  GetServiceInstanceCommand,
  ProtonClient,
  ResourceNotFoundException,
  type ServiceInstance,
} from '@aws-sdk/client-proton';
import type { Deployment } from '../../../../lib/contract/cancellation';
import {
  PROTON_DEPLOYMENT_READ_ACTION,
  PROTON_KINDS,
  type ProtonKind,
  type ProtonKindName,
  type ProtonNames,
} from '../../../../lib/deployments/proton/kinds';
import type { Request } from '../client';
import type { DeploymentRecord } from '../deployment-record';
import { type LatestOperations, polledService } from '../polled-driver';
import { protonFleetLister } from './fleet-lister';
import { ERRORS, STATUSES, UNAVAILABLE_HINT } from './statuses';

type SendOptions = Parameters<Parameters<Request>[2]>[0];

/** A resource as the API describes it: a service instance has all of these fields, the other kinds some. */
type Resource = Partial<ServiceInstance>;

/** The two operations of a kind. */
interface Calls<Names> {
  /** Throws the API's own error if the resource does not exist. */
  get(client: ProtonClient, identifiers: Names, options: SendOptions): Promise<Resource | undefined>;
  cancel(client: ProtonClient, identifiers: Names, options: SendOptions): Promise<Resource | undefined>;
}

const CALLS: { readonly [K in ProtonKindName]: Calls<ProtonNames<K>> } = {
  'proton-service-instance': {
    get: async (client, { serviceName, serviceInstanceName: name }, options) =>
      (await client.send(new GetServiceInstanceCommand({ serviceName, name }), options)).serviceInstance,
    cancel: async (client, identifiers, options) =>
      (await client.send(new CancelServiceInstanceDeploymentCommand(identifiers), options)).serviceInstance,
  },
  'proton-service-pipeline': {
    get: async (client, { serviceName: name }, options) => {
      const { service, $metadata } = await client.send(new GetServiceCommand({ name }), options);
      if (service && !service.pipeline) {
        throw new ResourceNotFoundException({ message: `The service ${name} has no pipeline.`, $metadata });
      }
      return service?.pipeline;
    },
    cancel: async (client, identifiers, options) =>
      (await client.send(new CancelServicePipelineDeploymentCommand(identifiers), options)).pipeline,
  },
  'proton-environment': {
    get: async (client, { environmentName: name }, options) =>
      (await client.send(new GetEnvironmentCommand({ name }), options)).environment,
    cancel: async (client, identifiers, options) =>
      (await client.send(new CancelEnvironmentDeploymentCommand(identifiers), options)).environment,
  },
  'proton-component': {
    get: async (client, { componentName: name }, options) =>
      (await client.send(new GetComponentCommand({ name }), options)).component,
    cancel: async (client, identifiers, options) =>
      (await client.send(new CancelComponentDeploymentCommand(identifiers), options)).component,
  },
};

export const service = polledService({
  Client: ProtonClient,
  name: 'aws proton',
  unavailableHint: UNAVAILABLE_HINT,
  statuses: STATUSES,
  errors: ERRORS,
  operations({ kind: kindName, identifiers }, client, aws): LatestOperations<DeploymentRecord> {
    const kind: ProtonKind = PROTON_KINDS[kindName as ProtonKindName];
    const { get, cancel }: Calls<Deployment['identifiers']> = CALLS[kindName as ProtonKindName];
    const resourceArn = aws.arn('proton', kind.resource(identifiers));
    return {
      deletedStatus: 'DELETE_COMPLETE',
      latest: (request) =>
        request(kind.readAction, resourceArn, async (options) => record(await get(client, identifiers, options))),
      get: (request, id) =>
        request(PROTON_DEPLOYMENT_READ_ACTION, aws.arn('proton', `deployment/${id}`), async (options) => {
          const { deployment } = await client.send(new GetDeploymentCommand({ id, ...identifiers }), options);
          return { id, status: deployment?.deploymentStatus, statusMessage: deployment?.deploymentStatusMessage };
        }),
      stop: (request) =>
        request(kind.cancelAction, resourceArn, async (options) => record(await cancel(client, identifiers, options))),
    };
  },
  listerFor: protonFleetLister,
});

/** Its attributes are the fields that may be shown. `spec` is sensitive, and is not one of them. */
function record(resource: Resource = {}): DeploymentRecord {
  const { arn, createdAt, environmentName, name, serviceName } = resource;
  const { templateName, templateMajorVersion, templateMinorVersion } = resource;
  const { lastDeploymentAttemptedAt, lastDeploymentSucceededAt } = resource;
  return {
    id: resource.lastAttemptedDeploymentId,
    status: resource.deploymentStatus,
    startedAt: lastDeploymentAttemptedAt,
    statusMessage: resource.deploymentStatusMessage,
    attributes: {
      arn,
      createdAt,
      environmentName,
      lastDeploymentAttemptedAt,
      lastDeploymentSucceededAt,
      name,
      serviceName,
      templateName,
      templateMajorVersion,
      templateMinorVersion,
    },
  };
}
