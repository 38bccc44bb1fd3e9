import type { Context } from 'aws-lambda';
import { systemClock } from '../../clock';
import { CALL_TIMEOUT_MS } from '../engine/polling';

/** The account, region and time that the calls are made in. */
export interface AwsContext {
  /** How long one read or one cancellation may take, in milliseconds. */
  readonly callTimeout: number;
  /** Where the services are called, for errors: `in the account and region of the stack`. */
  readonly calledAt: string;
  /** Options of the clients of the SDK. Default: the environment of the process. */
  readonly client?: ClientOptions;
  /** Called before each request. A request is not sent if this throws. */
  readonly onRequest?: (request: { readonly action: string; readonly resourceArn: string }) => void;
  /** Milliseconds since the epoch. */
  now(): number;
  arn(service: string, resource: string): string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The region and the credentials of a client. */
export interface ClientOptions {
  readonly region: string;
  readonly credentials: () => Promise<Credentials>;
}

export function awsContextOf(context: Pick<Context, 'invokedFunctionArn'>): AwsContext {
  const [, partition, , region, account] = context.invokedFunctionArn.split(':');
  return {
    callTimeout: CALL_TIMEOUT_MS,
    calledAt: 'in the account and region of the stack, or at the url of the endpoint property',
    now: () => systemClock.now(),
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
  };
}
