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
import type { Command } from '../client';
import type { DeploymentRecord } from '../deployment-record';
import type { LatestOperations } from '../operations';
import { polledService } from '../polled-driver';
import { protonFleetPages } from './fleet-pages';
import { ERRORS, STATUSES, UNAVAILABLE_HINT } from './statuses';

/** A resource as the API describes it: a service instance has all of these fields, the other kinds some. */
type Resource = Partial<ServiceInstance>;

type Send = <Output>(command: Command<Output>) => Promise<Output>;

/** The two operations of a kind. */
interface Calls<Identifiers> {
  /** Throws the API's own error if the resource does not exist. */
  get(send: Send, identifiers: Identifiers): Promise<Resource | undefined>;
  cancel(send: Send, identifiers: Identifiers): Promise<Resource | undefined>;
}

const CALLS: { readonly [K in ProtonKindName]: Calls<ProtonNames<K>> } = {
  'proton-service-instance': {
    get: async (send, { serviceName, serviceInstanceName: name }) =>
      (await send(new GetServiceInstanceCommand({ serviceName, name }))).serviceInstance,
    cancel: async (send, identifiers) =>
      (await send(new CancelServiceInstanceDeploymentCommand(identifiers))).serviceInstance,
  },
  'proton-service-pipeline': {
    get: async (send, { serviceName: name }) => {
      const { service, $metadata } = await send(new GetServiceCommand({ name }));
      if (!service || service.pipeline) return service?.pipeline;
      throw new ResourceNotFoundException({ message: `The service ${name} has no pipeline.`, $metadata });
    },
    cancel: async (send, identifiers) => (await send(new CancelServicePipelineDeploymentCommand(identifiers))).pipeline,
  },
  'proton-environment': {
    get: async (send, { environmentName: name }) => (await send(new GetEnvironmentCommand({ name }))).environment,
    cancel: async (send, identifiers) => (await send(new CancelEnvironmentDeploymentCommand(identifiers))).environment,
  },
  'proton-component': {
    get: async (send, { componentName: name }) => (await send(new GetComponentCommand({ name }))).component,
    cancel: async (send, identifiers) => (await send(new CancelComponentDeploymentCommand(identifiers))).component,
  },
};

export const service = polledService({
  Client: ProtonClient,
  name: 'aws proton',
  unavailableHint: UNAVAILABLE_HINT,
  statuses: STATUSES,
  errors: ERRORS,
  operations({ kind: kindName, identifiers }, aws): LatestOperations<DeploymentRecord> {
    const kind: ProtonKind = PROTON_KINDS[kindName as ProtonKindName];
    const { get, cancel }: Calls<Deployment['identifiers']> = CALLS[kindName as ProtonKindName];
    const arn = aws.arn('proton', kind.resource(identifiers));
    return {
      deletedStatus: 'DELETE_COMPLETE',
      async latest(request) {
        return record(await get((command) => request(kind.readAction, arn, command), identifiers));
      },
      async get(request, id) {
        const command = new GetDeploymentCommand({ id, ...identifiers });
        const deploymentArn = aws.arn('proton', `deployment/${id}`);
        const { deployment } = await request(PROTON_DEPLOYMENT_READ_ACTION, deploymentArn, command);
        return { id, status: deployment?.deploymentStatus, statusMessage: deployment?.deploymentStatusMessage };
      },
      async stop(request) {
        return record(await cancel((command) => request(kind.cancelAction, arn, command), identifiers));
      },
    };
  },
  fleetPages: protonFleetPages,
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
