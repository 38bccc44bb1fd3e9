import type { CancellationSettings } from '../../../lib/contract/cancellation';
import type { CallError } from '../engine/driver';
import { type AwsContext, classifyError, endpointOf, InvalidResponseError } from './aws';

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
export interface ServiceClient<C> {
  readonly client: C;
  /** Makes a call, which is given up after a while. Never throws: whatever goes wrong is trouble. */
  call<T>(action: string, resourceArn: string, call: (options: CallOptions) => Promise<T>): Promise<T | CallError>;
}

/**
 * @param make a client of the service
 * @param rejections as `classifyError` takes them
 */
export function createClient<C extends Client>(
  make: (options: ClientOptions) => C,
  settings: Pick<CancellationSettings, 'endpoint'>,
  aws: AwsContext,
  rejections?: ReadonlySet<string>,
): ServiceClient<C> {
  const client = make({ endpoint: settings.endpoint, ...aws.clientOptions });
  let endpoint = settings.endpoint ?? 'the default endpoint';
  client.middlewareStack.add(
    (next) => (args) => {
      endpoint = endpointOf(args.request);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const tooLate = () => new InvalidResponseError(`not answered in full within ${aws.callTimeout / 1000} s`);
  return {
    client,
    async call(action, resourceArn, call) {
      const abortSignal = AbortSignal.timeout(aws.callTimeout);
      try {
        return await call({ abortSignal });
      } catch (error) {
        return classifyError(abortSignal.aborted ? tooLate() : error, action, resourceArn, endpoint, rejections);
      }
    },
  };
}
