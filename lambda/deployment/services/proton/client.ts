import { ProtonClient } from '@aws-sdk/client-proton';
import type { CancellationSettings } from '../../../../lib/contract/cancellation';
import type { AwsContext } from '../aws';
import { createClient, type ServiceClient } from '../client';

/** What a person should know when Proton does not answer. */
export const UNAVAILABLE_HINT =
  'AWS ended Proton on 2026-10-07, so it takes a Proton-compatible service, which the endpoint property names';

export type ProtonConnection = ServiceClient<ProtonClient>;

export function connectToProton(settings: CancellationSettings, aws: AwsContext): ProtonConnection {
  return createClient((options) => new ProtonClient({ ...options }), settings, aws);
}
