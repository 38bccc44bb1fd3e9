import type { Policy } from '../../../lib/contract/cancellation';
import type { Trouble } from '../engine/driver';
import { endpointOf, type Surrounding, troubleOf, UnusableAnswer } from './aws';

/** What every client of the SDK is given. */
export interface ClientOptions {
  readonly endpoint: string | undefined;
  readonly maxAttempts: 1;
}

/** Sees every request of a client. */
type Middleware = <Args extends { readonly request: unknown }, Output>(
  next: (args: Args) => Promise<Output>,
) => (args: Args) => Promise<Output>;

/** What every client of the SDK has, as far as it is used here. */
interface Client {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'finalizeRequest'; readonly priority: 'low' }): void;
  };
}

export interface CallOptions {
  readonly abortSignal: AbortSignal;
}

/** A client of a service, and how it is asked. */
export interface Connection<C> {
  readonly client: C;
  /** Makes a call, which is given up after a while. Never throws: whatever goes wrong is trouble. */
  ask<T>(action: string, resourceArn: string, call: (options: CallOptions) => Promise<T>): Promise<T | Trouble>;
}

/**
 * @param make a client of the service
 * @param refusals as `troubleOf` takes them
 */
export function connect<C extends Client>(
  make: (options: ClientOptions) => C,
  policy: Pick<Policy, 'endpoint'>,
  surrounding: Surrounding,
  refusals?: ReadonlySet<string>,
): Connection<C> {
  const client = make({ endpoint: policy.endpoint, ...surrounding.clientOptions });
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
        return troubleOf(abortSignal.aborted ? tooLate() : error, action, resourceArn, endpoint, refusals);
      }
    },
  };
}
