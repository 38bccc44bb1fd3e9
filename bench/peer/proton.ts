import { ProtonClient } from '@aws-sdk/client-proton';

/** The event of a custom resource of the provider framework. */
export interface PeerEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties: { readonly serviceName: string; readonly serviceInstanceName: string };
}

export const client = new ProtonClient({});
