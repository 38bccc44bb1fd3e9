import { OnRollbackFailed } from '../../contract/outcome';
import type { KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const validateStackName = stringValidator({
  pattern: /^[A-Za-z][-A-Za-z0-9]*$/,
  maxLength: 128,
  rule: "start with a letter and hold only letters, digits and '-'",
});

const validateResourceToSkip = stringValidator({
  pattern: /^([A-Za-z0-9]+|[A-Za-z][-A-Za-z0-9]*\.[A-Za-z0-9]+)$/,
  maxLength: 255,
  rule: 'be the logical ID of a resource, or NESTED_STACK_NAME.LOGICAL_ID',
});

export const STACK_UPDATE = {
  className: 'StackUpdate',
  command: 'stack',
  label: 'stack',
  identifiers: { stackName: { validate: validateStackName, sample: 'web' } },
  identifierSets: [['stackName']],
  options: {
    onRollbackFailed: {
      type: 'choice',
      values: Object.values(OnRollbackFailed),
      default: OnRollbackFailed.FAIL,
    },
    resourcesToSkip: {
      type: 'list',
      validate: validateResourceToSkip,
      default: [],
      onlyIf: { option: 'onRollbackFailed', is: OnRollbackFailed.CONTINUE },
    },
    deleteOnCreate: { type: 'boolean', default: false },
  },
  displayName: ({ stackName }) => `stack ${stackName}`,
  cancelAction: 'cloudformation:CancelUpdateStack',
  readAction: 'cloudformation:DescribeStacks',
  eventsAction: 'cloudformation:DescribeStackEvents',
  continueAction: 'cloudformation:ContinueUpdateRollback',
  deleteAction: 'cloudformation:DeleteStack',
  /** Every stack that has the name, one after the other. */
  resource: ({ stackName }) => `stack/${stackName}/*`,
  attributes: ['arn', 'createdAt', 'name'],
  consolePath: ({ identifiers: { stackName }, region }) =>
    `cloudformation/home?region=${region}#/stacks/events?stackId=${stackName}`,
  cancelsById: false,
  rollsBack: true,
} as const satisfies KindDefinition<'stackName'> &
  Readonly<Record<'eventsAction' | 'continueAction' | 'deleteAction', string>>;

const STOP_ACTION = 'cloudformation:StopStackSetOperation';
const DESCRIBE_ACTION = 'cloudformation:DescribeStackSetOperation';
const LIST_ACTION = 'cloudformation:ListStackSetOperations';

export const STACK_SET_OPERATION = {
  className: 'StackSetOperation',
  command: 'stack-set',
  label: 'stack set',
  identifiers: {
    stackSetName: { validate: validateStackName, sample: 'baseline' },
    operationId: {
      validate: stringValidator({
        pattern: /^[A-Za-z0-9][-A-Za-z0-9]*$/,
        maxLength: 100,
        rule: "hold only letters, digits and '-', and start with a letter or digit",
      }),
    },
  },
  identifierSets: [['stackSetName', 'operationId'], ['stackSetName']],
  displayName: ({ stackSetName, operationId }) =>
    operationId === undefined ? `stack set ${stackSetName}` : `operation ${operationId} of stack set ${stackSetName}`,
  cancelAction: STOP_ACTION,
  readAction: DESCRIBE_ACTION,
  listAction: LIST_ACTION,
  resource: ({ stackSetName }) => `stackset/${stackSetName}:*`,
  permissions: ({ identifiers: { stackSetName, operationId } }) => [
    {
      actions: [STOP_ACTION, DESCRIBE_ACTION, ...(operationId === undefined ? [LIST_ACTION] : [])],
      resources: [`stackset/${stackSetName}:*`],
    },
  ],
  consolePath: ({ identifiers: { stackSetName }, region }) =>
    `cloudformation/home?region=${region}#/stacksets/${stackSetName}/operations`,
  attributes: ['name'],
  cancelsById: true,
  rollsBack: false,
} as const satisfies KindDefinition & { readonly listAction: string };

export const CLOUDFORMATION_KINDS = {
  'cloudformation-stack-update': STACK_UPDATE,
  'cloudformation-stack-set-operation': STACK_SET_OPERATION,
} as const;
