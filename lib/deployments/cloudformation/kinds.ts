import type { KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const validateStackName = stringValidator({
  pattern: /^[A-Za-z][-A-Za-z0-9]*$/,
  maxLength: 128,
  rule: "start with a letter and hold only letters, digits and '-'",
});

export const STACK_UPDATE = {
  className: 'StackUpdate',
  command: 'stack',
  label: 'stack',
  identifiers: { stackName: { validate: validateStackName, sample: 'web' } },
  identifierSets: [['stackName']],
  displayName: ({ stackName }) => `stack ${stackName}`,
  cancelAction: 'cloudformation:CancelUpdateStack',
  readAction: 'cloudformation:DescribeStacks',
  eventsAction: 'cloudformation:DescribeStackEvents',
  /** Every stack that has the name, one after the other. */
  resource: ({ stackName }) => `stack/${stackName}/*`,
  attributes: ['arn', 'createdAt', 'name'],
  consolePath: ({ identifiers: { stackName }, region }) =>
    `cloudformation/home?region=${region}#/stacks/events?stackId=${stackName}`,
  rollsBack: true,
} as const satisfies KindDefinition<'stackName'> & { readonly eventsAction: string };

export const CLOUDFORMATION_KINDS = { 'cloudformation-stack-update': STACK_UPDATE } as const;
