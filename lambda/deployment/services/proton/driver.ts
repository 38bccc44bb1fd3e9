import {
  CancelComponentDeploymentCommand,
  CancelEnvironmentDeploymentCommand,
  CancelServiceInstanceDeploymentCommand,
  CancelServicePipelineDeploymentCommand,
  type DeploymentStatus,
  GetComponentCommand,
  GetDeploymentCommand,
  GetEnvironmentCommand,
  GetServiceCommand,
  GetServiceInstanceCommand,
  type ProtonClient,
  ResourceNotFoundException,
  type ServiceInstance,
} from '@aws-sdk/client-proton';
import {
  type Attributes,
  type CancellationSettings,
  type Deployment,
  UNKNOWN_STATUS,
} from '../../../../lib/contract/cancellation';
import { displayNameOf } from '../../../../lib/deployments/kinds';
import {
  PROTON_DEPLOYMENT_READ_ACTION,
  PROTON_KINDS,
  type ProtonKind,
  type ProtonKindName,
  type ProtonNames,
} from '../../../../lib/deployments/proton/kinds';
import type { CallError, Driver, Found, Phase, ReadResult } from '../../engine/driver';
import { type AwsContext, InvalidResponseError, NOT_FOUND, truncate, WORD_LENGTH } from '../aws';
import type { CallOptions } from '../client';
import { connectToProton, UNAVAILABLE_HINT } from './client';

/** Every status of the API, so that the compiler asks about a new one; at run time a stranger is UNKNOWN. */
const PHASES: Readonly<Record<DeploymentStatus, Phase>> = {
  IN_PROGRESS: 'IN_PROGRESS',
  CANCELLING: 'CANCELLING',
  DELETE_IN_PROGRESS: 'DELETING',
  CANCELLED: 'CANCELLED',
  SUCCEEDED: 'COMPLETED',
  FAILED: 'FAILED',
  DELETE_FAILED: 'DELETION_OVER',
  DELETE_COMPLETE: 'DELETION_OVER',
};

export function phaseOf(status: string): Phase {
  return Object.hasOwn(PHASES, status) ? PHASES[status as DeploymentStatus] : 'UNKNOWN';
}

/** What the API says of that which is deployed: a service instance has all of these fields, each other kind some. */
type Deployed = Partial<ServiceInstance>;

/** The two operations of a kind. */
interface Calls<Names> {
  /** Throws the API's own error if it is not there. */
  get(client: ProtonClient, identifiers: Names, options: CallOptions): Promise<Deployed | undefined>;
  cancel(client: ProtonClient, identifiers: Names, options: CallOptions): Promise<Deployed | undefined>;
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

/** @param connection one that others use as well */
export function protonDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { client, call } = connectToProton(settings, aws),
): Driver {
  const { identifiers } = deployment;
  const kindName = deployment.kind as ProtonKindName;
  const kind: ProtonKind = PROTON_KINDS[kindName];
  const { get, cancel }: Calls<Deployment['identifiers']> = CALLS[kindName];
  const resourceArn = aws.arn('proton', kind.resource(identifiers));

  function seen(deployed: Deployed | undefined, deploymentId: string | undefined, fields: Attributes): Found {
    const status: unknown = deployed?.deploymentStatus;
    if (typeof status !== 'string' || status.trim() === '')
      throw new InvalidResponseError('no deployment status was answered');
    const message = settings.includeStatusMessage ? deployed?.deploymentStatusMessage : undefined;
    return {
      kind: 'found',
      phase: phaseOf(status),
      deploymentStatus: truncate(status, WORD_LENGTH),
      deploymentId: deploymentId && truncate(deploymentId, WORD_LENGTH),
      startedAt: deployed?.lastDeploymentAttemptedAt?.getTime(),
      attributes: message === undefined ? fields : { ...fields, deploymentStatusMessage: truncate(message) },
    };
  }

  const last = (found: Deployed | undefined) =>
    seen(found, found?.lastAttemptedDeploymentId || undefined, attributesOf(found));

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    describe: () =>
      call(kind.readAction, resourceArn, async (options) => last(await get(client, identifiers, options))).then(
        missing('DELETE_COMPLETE'),
      ),
    describeById: (deploymentId) =>
      call(PROTON_DEPLOYMENT_READ_ACTION, aws.arn('proton', `deployment/${deploymentId}`), async (options) => {
        const command = new GetDeploymentCommand({ id: deploymentId, ...identifiers });
        return seen((await client.send(command, options)).deployment, deploymentId, {});
      }).then(missing(UNKNOWN_STATUS)),
    cancel: () =>
      call(kind.cancelAction, resourceArn, async (options) => last(await cancel(client, identifiers, options))),
  };
}

/** To a read, that something does not exist is an answer. */
function missing(deploymentStatus: string): (answer: Found | CallError) => ReadResult {
  return (answer) =>
    answer.kind === 'error' && answer.errorName === NOT_FOUND ? { kind: 'not-found', deploymentStatus } : answer;
}

/** The fields that may be shown: `spec` is sensitive and is not one of them. */
function attributesOf(found: Deployed | undefined): Attributes {
  const fields = {
    arn: found?.arn,
    createdAt: found?.createdAt?.toISOString(),
    environmentName: found?.environmentName,
    lastDeploymentAttemptedAt: found?.lastDeploymentAttemptedAt?.toISOString(),
    lastDeploymentSucceededAt: found?.lastDeploymentSucceededAt?.toISOString(),
    name: found?.name,
    serviceName: found?.serviceName,
    templateName: found?.templateName,
    templateMajorVersion: found?.templateMajorVersion,
    templateMinorVersion: found?.templateMinorVersion,
  };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, truncate(value)]])),
  );
}
