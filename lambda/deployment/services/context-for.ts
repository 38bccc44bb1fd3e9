import type { Context } from 'aws-lambda';
import type { CancellationSettings } from '../../../lib/contract/cancellation';
import { type AwsContext, awsContextOf } from './aws-context';

/**
 * Returns the context of the calls of a cancellation: that of the function, or that of a role, which needs the SDK client
 * of AWS STS.
 */
export async function contextFor(
  { roleArn, externalId }: Pick<CancellationSettings, 'roleArn' | 'externalId'>,
  context: Pick<Context, 'invokedFunctionArn'>,
  load: () => Promise<Pick<typeof import('./assumed-role.js'), 'assumedRole'>> = () => import('./assumed-role.js'),
): Promise<AwsContext> {
  if (roleArn === undefined) return awsContextOf(context);
  return (await load()).assumedRole({ roleArn, externalId }, context);
}
