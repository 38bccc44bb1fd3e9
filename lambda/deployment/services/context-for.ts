import type { Context } from 'aws-lambda';
import type { CancellationSettings, DeclaredRole } from '../../../lib/contract/cancellation';
import { InvalidRequestError } from '../../parse';
import { type AwsContext, awsContextOf } from './aws-context';

/**
 * Returns the context of the calls of a cancellation: that of the function, or that of a role, which needs the SDK client
 * of AWS STS.
 *
 * @param roles the roles that the stack has declared. Whoever starts the state machine cannot choose another one
 * @throws `InvalidRequestError` if the role is none of them
 */
export async function contextFor(
  { roleArn }: Pick<CancellationSettings, 'roleArn'>,
  roles: readonly DeclaredRole[],
  context: Pick<Context, 'invokedFunctionArn'>,
  load: () => Promise<Pick<typeof import('./assumed-role.js'), 'assumedRole'>> = () => import('./assumed-role.js'),
): Promise<AwsContext> {
  if (roleArn === undefined) return awsContextOf(context);
  const role = roles.find((declared) => declared.roleArn === roleArn);
  if (role) return (await load()).assumedRole(role, context);
  throw new InvalidRequestError(
    `settings.roleArn ${roleArn} is not declared: declare a cancellation with this role in the stack of the workflow`,
  );
}
