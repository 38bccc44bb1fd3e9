import type { KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const SSM_STOP_ACTION = 'ssm:StopAutomationExecution';
export const SSM_READ_ACTION = 'ssm:GetAutomationExecution';
/** It has no resource type. */
export const SSM_LIST_ACTION = 'ssm:DescribeAutomationExecutions';

/** The ARN of an execution after `arn:PARTITION:ssm:REGION:ACCOUNT:`. It does not contain the document. */
export function automationExecutionPath(executionId = '*'): string {
  return `automation-execution/${executionId}`;
}

export const SSM_KINDS = {
  'ssm-automation-execution': {
    className: 'SsmAutomationExecution',
    command: 'automation',
    label: 'ssm automation',
    identifiers: {
      executionId: {
        validate: stringValidator({
          pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
          rule: 'be the ID of an execution, a UUID in lowercase',
        }),
      },
      documentName: {
        validate: stringValidator({
          pattern: /^[A-Za-z0-9_.:/-]{3,128}$/,
          rule: 'have 3 to 128 letters, digits and _ - . : /',
        }),
        sample: 'Deploy',
      },
    },
    identifierSets: [['executionId'], ['documentName']],
    displayName: ({ executionId, documentName }) =>
      executionId === undefined ? `ssm automation ${documentName}` : `ssm automation execution ${executionId}`,
    cancelAction: SSM_STOP_ACTION,
    readAction: SSM_READ_ACTION,
    resource: ({ executionId }) => automationExecutionPath(executionId),
    permissions: ({ identifiers: { executionId } }) => [
      { actions: [SSM_STOP_ACTION, SSM_READ_ACTION], resources: [automationExecutionPath(executionId)] },
      ...(executionId === undefined ? [{ actions: [SSM_LIST_ACTION], resources: ['*'] }] : []),
    ],
    consolePath: ({ deploymentId, region }) =>
      `systems-manager/automation/${deploymentId === undefined ? 'executions' : `execution/${deploymentId}`}?region=${region}`,
    attributes: ['arn', 'name'],
    cancelsById: true,
    rollsBack: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
