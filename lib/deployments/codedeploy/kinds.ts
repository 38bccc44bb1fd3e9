import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const CODEDEPLOY_STOP_ACTION = 'codedeploy:StopDeployment';
export const CODEDEPLOY_READ_ACTION = 'codedeploy:GetDeployment';
export const CODEDEPLOY_BATCH_READ_ACTION = 'codedeploy:BatchGetDeployments';
export const CODEDEPLOY_LIST_ACTION = 'codedeploy:ListDeployments';
export const CODEDEPLOY_GROUP_READ_ACTION = 'codedeploy:GetDeploymentGroup';

/**
 * The ARN of the deployment group after `arn:PARTITION:codedeploy:REGION:ACCOUNT:`. A deployment has no ARN, and its ID
 * does not contain its deployment group: for an ID it is every deployment group.
 */
export function codeDeployGroupPath({ deploymentId, applicationName, deploymentGroupName }: Identifiers): string {
  return deploymentId === undefined ? `deploymentgroup:${applicationName}/${deploymentGroupName}` : 'deploymentgroup:*';
}

const validateName = stringValidator({
  pattern: /^[0-9A-Za-z._+=,@-]+$/,
  maxLength: 100,
  rule: 'be a name that holds only letters, digits and . _ + = , @ -',
});

const validateId = stringValidator({
  pattern: /^d-[0-9A-Z]{9}$/,
  rule: "be 'd-' and 9 capital letters and digits",
});

export const CODEDEPLOY_KINDS = {
  'codedeploy-deployment': {
    className: 'CodeDeployDeployment',
    command: 'codedeploy',
    label: 'codedeploy deployment group',
    identifiers: {
      deploymentId: { validate: validateId },
      applicationName: { validate: validateName, sample: 'shop' },
      deploymentGroupName: { validate: validateName, sample: 'web' },
    },
    identifierSets: [['deploymentId'], ['applicationName', 'deploymentGroupName']],
    displayName: ({ deploymentId, applicationName, deploymentGroupName }) =>
      deploymentId === undefined
        ? `codedeploy deployment group ${applicationName}/${deploymentGroupName}`
        : `codedeploy deployment ${deploymentId}`,
    cancelAction: CODEDEPLOY_STOP_ACTION,
    readAction: CODEDEPLOY_READ_ACTION,
    resource: codeDeployGroupPath,
    attributes: ['createdAt', 'name'],
    consolePath: ({ identifiers, deploymentId = identifiers.deploymentId, region }) =>
      deploymentId === undefined
        ? `codesuite/codedeploy/applications/${identifiers.applicationName}/deployment-groups/${identifiers.deploymentGroupName}?region=${region}`
        : `codesuite/codedeploy/deployments/${deploymentId}?region=${region}`,
    cancelsById: true,
    rollsBack: true,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
