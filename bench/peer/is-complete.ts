import { GetServiceInstanceCommand } from '@aws-sdk/client-proton';
import { client, type PeerEvent } from './proton';

/** Tells whether the deployment has ended: the `isComplete` handler of a provider. */
export const handler = async ({ RequestType, ResourceProperties }: PeerEvent): Promise<object> => {
  if (RequestType === 'Delete') return { IsComplete: true };
  const { serviceName, serviceInstanceName: name } = ResourceProperties;
  const { serviceInstance } = await client.send(new GetServiceInstanceCommand({ serviceName, name }));
  const deploymentStatus = serviceInstance?.deploymentStatus ?? 'UNKNOWN';
  const IsComplete = deploymentStatus !== 'IN_PROGRESS' && deploymentStatus !== 'CANCELLING';
  return IsComplete ? { IsComplete, Data: { deploymentStatus } } : { IsComplete };
};
