import type { Deployment, DeploymentKind } from '../../contract/cancellation';
import type { KindDefinition } from '../kind-definition';

/** What AWS CodeDeploy and IAM call a deployment, and what its cancellation asks for. */

export type CodeDeployKindName = Extract<DeploymentKind, `codedeploy-${string}`>;

export const CODEDEPLOY_STOP_ACTION = 'codedeploy:StopDeployment';
export const CODEDEPLOY_READ_ACTION = 'codedeploy:GetDeployment';
export const CODEDEPLOY_LIST_ACTION = 'codedeploy:ListDeployments';
export const CODEDEPLOY_GROUP_READ_ACTION = 'codedeploy:GetDeploymentGroup';

/**
 * The ARN of the deployment group after `arn:PARTITION:codedeploy:REGION:ACCOUNT:`. A deployment that is known by its id alone
 * can be of any: it has no ARN of its own.
 */
export function codeDeployGroupPath({
  deploymentId,
  applicationName,
  deploymentGroupName,
}: Deployment['identifiers']): string {
  return deploymentId === undefined ? `deploymentgroup:${applicationName}/${deploymentGroupName}` : 'deploymentgroup:*';
}

const NAME = /^[0-9A-Za-z._+=,@-]+$/;
const MAX_NAME = 100;
const DEPLOYMENT_ID = /^d-[0-9A-Z]{9}$/;

/** Says what is wrong with the value of a name, or nothing. */
function validate(name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a string, not ${value === null ? 'null' : typeof value}`;
  if (name === 'deploymentId') {
    if (DEPLOYMENT_ID.test(value)) return undefined;
    return `must be 'd-' and 9 capital letters and digits, not '${value.slice(0, MAX_NAME)}'`;
  }
  if (value.length < 1 || value.length > MAX_NAME) return `must have 1 to ${MAX_NAME} characters, not ${value.length}`;
  if (!NAME.test(value)) return `must be a name of letters, digits and . _ + = , @ -, and no arn, not '${value}'`;
  return undefined;
}

export const CODEDEPLOY_KIND_DEFINITIONS: Readonly<Record<CodeDeployKindName, KindDefinition>> = {
  'codedeploy-deployment': {
    identifierSets: [['deploymentId'], ['applicationName', 'deploymentGroupName']],
    validate,
    displayName: ({ deploymentId, applicationName, deploymentGroupName }) =>
      deploymentId === undefined
        ? `codedeploy deployment group ${applicationName}/${deploymentGroupName}`
        : `codedeploy deployment ${deploymentId}`,
  },
};
