import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { ASSUME_ROLE_ACTION } from '../../contract/cancellation';
import type { CancellableDeployment } from '../../deployments/cancellable-deployment';

/** A deployment or a fleet. */
type Cancellable = Pick<CancellableDeployment, 'policyStatements' | '_validateEnvironment'>;

/**
 * Returns the permissions of the deployment function to cancel deployments: those of the deployments, or, with a role, only
 * the permission to assume it, with its external ID.
 *
 * @throws if the deployments are known to be in another account or region than the calls
 */
export function permissionsFor(
  cancellable: Cancellable,
  { role, externalId }: { readonly role?: IRole; readonly externalId?: string },
  scope: IConstruct,
): PolicyStatement[] {
  if (!role) return cancellable.policyStatements(scope);
  cancellable._validateEnvironment(scope, role.env.account);
  const conditions = externalId === undefined ? undefined : { StringEquals: { 'sts:ExternalId': externalId } };
  return [new PolicyStatement({ actions: [ASSUME_ROLE_ACTION], resources: [role.roleArn], conditions })];
}
