import { ProtonClient } from '@aws-sdk/client-proton';
import type { Policy } from '../../../../lib/contract/cancellation';
import type { Surrounding } from '../aws';
import { type Connection, connect } from '../client';

/** What a person should know when Proton does not answer. */
export const UNAVAILABLE_HINT =
  'AWS ended Proton on 2026-10-07, so it takes a Proton-compatible service, which the endpoint property names';

export type ProtonConnection = Connection<ProtonClient>;

export function connectToProton(policy: Policy, surrounding: Surrounding): ProtonConnection {
  return connect((options) => new ProtonClient({ ...options }), policy, surrounding);
}
