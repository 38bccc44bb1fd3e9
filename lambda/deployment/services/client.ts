import type { CancellationSettings } from '../../../lib/contract/cancellation';
import type { CallError } from '../engine/driver';
import type { AwsContext, ClientOptions } from './aws-context';
import { AssumeRoleError, classifyError, type ErrorTypes, InvalidResponseError } from './errors';

/** The options of every SDK client. */
interface SdkOptions extends Partial<ClientOptions> {
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
interface SdkClient {
  readonly middlewareStack: {
    add(middleware: Middleware, options: { readonly step: 'finalizeRequest'; readonly priority: 'low' }): void;
  };
  send(command: never, options: { readonly abortSignal: AbortSignal }): Promise<unknown>;
}

export type SdkClientClass = new (options: SdkOptions) => SdkClient;

/** A command of the SDK whose response is `Output`. */
export interface Command<Output> {
  resolveMiddleware(...args: never): (args: never) => Promise<{ readonly output: Output }>;
}

/** Sends a command and returns its response. Throws what the SDK throws. The action is the one of IAM. */
export type Request = <Output>(action: string, resourceArn: string, command: Command<Output>) => Promise<Output>;

export interface ServiceClient {
  /** Makes the requests of one read or of one cancellation. Never throws: errors are values. */
  call<T>(requests: (request: Request) => Promise<T>): Promise<T | CallError>;
}

/** @param errors the service's own errors */
export function createClient(
  Client: SdkClientClass,
  settings: Pick<CancellationSettings, 'endpoint'>,
  aws: AwsContext,
  errors?: ErrorTypes,
): ServiceClient {
  const client = new Client({ ...aws.client, endpoint: settings.endpoint, maxAttempts: 1 });
  let endpoint = settings.endpoint ?? 'the default endpoint';
  client.middlewareStack.add(
    (next) => (args) => {
      endpoint = endpointOf(args.request);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return {
    async call(requests) {
      const abortSignal = AbortSignal.timeout(aws.callTimeout);
      // An invalid response is the one to the last request.
      let last = { action: 'any request', resourceArn: '*' };
      /** The requests that failed, by their errors: another request may come between an error and the end. */
      const failed = new Map<unknown, typeof last>();
      try {
        return await requests(async <Output>(action: string, resourceArn: string, command: Command<Output>) => {
          const sent = { action, resourceArn };
          last = sent;
          try {
            aws.onRequest?.(sent);
            // Each client has its own type of commands, which this function cannot name.
            return (await client.send(command as never, { abortSignal })) as Output;
          } catch (error) {
            failed.set(error, sent);
            throw error;
          }
        });
      } catch (error) {
        if (error instanceof AssumeRoleError) return error.callError;
        const tooLate = `no complete response within ${aws.callTimeout / 1000} s`;
        const cause = abortSignal.aborted ? new InvalidResponseError(tooLate) : error;
        return classifyError(cause, { ...(failed.get(error) ?? last), endpoint }, errors);
      }
    },
  };
}

/** The endpoint that a request was sent to, as middleware sees it. */
function endpointOf(request: unknown): string {
  const { protocol, hostname, port } = request as { protocol?: string; hostname?: string; port?: number };
  return `${protocol ?? 'https:'}//${hostname ?? 'unknown'}${port === undefined ? '' : `:${port}`}`;
}
