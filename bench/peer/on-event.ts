import { CancelServiceInstanceDeploymentCommand } from '@aws-sdk/client-proton';
import { client, type PeerEvent } from './proton';

/** Requests the cancellation: the `onEvent` handler of a provider. */
export const handler = async ({ RequestType, ResourceProperties }: PeerEvent): Promise<object> => {
  const { serviceName, serviceInstanceName } = ResourceProperties;
  if (RequestType !== 'Delete') {
    await client.send(new CancelServiceInstanceDeploymentCommand({ serviceName, serviceInstanceName }));
  }
  return { PhysicalResourceId: `${serviceName}/${serviceInstanceName}` };
};
