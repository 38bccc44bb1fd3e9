import type { CancellationSettings } from '../../../lib/contract/cancellation';
import type { CallError } from '../engine/driver';
import type { AwsContext } from './aws-context';
import { classifyError, type ErrorTypes, InvalidResponseError } from './errors';

/** The options of every SDK client. */
interface ClientOptions {
  readonly endpoint: string | undefined;
  /**
   * One attempt a request: what follows from an error is decided in `engine/decide.ts`, which knows the deadline and the
   * pinned deployment. A cancellation is never sent a second time without a read in between.
   */
  readonly maxAttempts: 1;
}

type Middleware = <Args extends { readonly request: unknown }, Output>(
  next: (args: Args) => Promise<Output>,
) => (args: Args) => Promise<Output>;

/** The part of an SDK client that is used here. */
export interface SdkClient {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'finalizeRequest'; readonly priority: 'low' }): void;
  };
}

export type SdkClientClass<C extends SdkClient> = new (options: ClientOptions) => C;

interface RequestOptions {
  readonly abortSignal: AbortSignal;
}

/** Sends a request and returns its response. Throws what the SDK throws. The action is the one of IAM. */
export type Request = <T>(
  action: string,
  resourceArn: string,
  send: (options: RequestOptions) => Promise<T>,
) => Promise<T>;

export interface ServiceClient<C> {
  readonly client: C;
  /** Makes the requests of one read or of one cancellation. Never throws: errors are values. */
  call<T>(requests: (request: Request) => Promise<T>): Promise<T | CallError>;
}

/** @param errors the service's own errors */
export function createClient<C extends SdkClient>(
  Client: SdkClientClass<C>,
  settings: Pick<CancellationSettings, 'endpoint'>,
  aws: AwsContext,
  errors?: ErrorTypes,
): ServiceClient<C> {
  const client = new Client({ endpoint: settings.endpoint, maxAttempts: 1 });
  let endpoint = settings.endpoint ?? 'the default endpoint';
  client.middlewareStack.add(
    (next) => (args) => {
      endpoint = endpointOf(args.request);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return {
    client,
    async call(requests) {
      const abortSignal = AbortSignal.timeout(aws.callTimeout);
      // A response that cannot be used is the one to the last request.
      let last = { action: 'any request', resourceArn: '*' };
      try {
        return await requests((action, resourceArn, send) => {
          last = { action, resourceArn };
          return send({ abortSignal });
        });
      } catch (error) {
        const tooLate = `no complete response within ${aws.callTimeout / 1000} s`;
        const cause = abortSignal.aborted ? new InvalidResponseError(tooLate) : error;
        return classifyError(cause, { ...last, endpoint }, errors);
      }
    },
  };
}

/** The endpoint that a request was sent to, as middleware sees it. */
function endpointOf(request: unknown): string {
  const { protocol, hostname, port } = request as { protocol?: string; hostname?: string; port?: number };
  return `${protocol ?? 'https:'}//${hostname ?? 'unknown'}${port === undefined ? '' : `:${port}`}`;
}
