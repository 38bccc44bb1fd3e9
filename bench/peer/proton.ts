import { ProtonClient } from '@aws-sdk/client-proton';

/** What a custom resource of the provider framework says about what it cancels. */
export interface PeerEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResourceProperties: { readonly serviceName: string; readonly serviceInstanceName: string };
}

export const client = new ProtonClient({});
