import { ProtonClient } from '@aws-sdk/client-proton';
import type { Policy } from '../../lib/contract';
import { endpointOf, type Surrounding, troubleOf, UnusableAnswer } from './aws';
import type { Trouble } from './driver';

/** What a person should know when Proton does not answer. */
export const UNAVAILABLE_HINT =
  'AWS ended Proton on 2026-10-07, so it takes a Proton-compatible service, which the endpoint property names';

export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** A client of Proton, and how it is asked. */
export interface ProtonConnection {
  readonly client: ProtonClient;
  /** Makes a call, which is given up after a while. Never throws: whatever goes wrong is trouble. */
  ask<T>(action: string, resourceArn: string, call: (options: CallOptions) => Promise<T>): Promise<T | Trouble>;
}

export function connectToProton(policy: Policy, surrounding: Surrounding): ProtonConnection {
  const client = new ProtonClient({ endpoint: policy.endpoint, ...surrounding.clientOptions });
  let endpoint = policy.endpoint ?? 'the default endpoint';
  client.middlewareStack.add(
    (next) => (args) => {
      endpoint = endpointOf(args.request);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const tooLate = () => new UnusableAnswer(`not answered in full within ${surrounding.callTimeout / 1000} s`);
  return {
    client,
    async ask(action, resourceArn, call) {
      const abortSignal = AbortSignal.timeout(surrounding.callTimeout);
      try {
        return await call({ abortSignal });
      } catch (error) {
        return troubleOf(abortSignal.aborted ? tooLate() : error, action, resourceArn, endpoint);
      }
    },
  };
}
