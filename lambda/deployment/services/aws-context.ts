import type { Context } from 'aws-lambda';
import { systemClock } from '../../clock';
import { CALL_TIMEOUT_MS } from '../engine/polling';

/** The account, region and time that the deployment function runs in. */
export interface AwsContext {
  /** How long one read or one cancellation may take, in milliseconds. */
  readonly callTimeout: number;
  /** Milliseconds since the epoch. */
  now(): number;
  arn(service: string, resource: string): string;
}

export function awsContextOf(context: Pick<Context, 'invokedFunctionArn'>): AwsContext {
  const [, partition, , region, account] = context.invokedFunctionArn.split(':');
  return {
    callTimeout: CALL_TIMEOUT_MS,
    now: () => systemClock.now(),
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
  };
}
