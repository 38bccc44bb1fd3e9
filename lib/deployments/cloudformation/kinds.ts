import type { KindDefinition } from '../kind-definition';

/** How IAM names what the cancellation of a stack update takes. */
export const STACK_UPDATE = {
  cancelAction: 'cloudformation:CancelUpdateStack',
  readAction: 'cloudformation:DescribeStacks',
  eventsAction: 'cloudformation:DescribeStackEvents',
  /** The ARN of whatever stack has that name, after `arn:PARTITION:cloudformation:REGION:ACCOUNT:`. */
  resource: (stackName: string) => `stack/${stackName}/*`,
} as const;

const NAME = /^[A-Za-z][-A-Za-z0-9]*$/;

/** Says what is wrong with the name of a stack, or nothing. */
export function validateStackName(value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a string, not ${value === null ? 'null' : typeof value}`;
  if (value.length < 1 || value.length > 128) return `must have 1 to 128 characters, not ${value.length}`;
  if (!NAME.test(value)) return `must start with a letter and hold only letters, digits and '-', not '${value}'`;
  return undefined;
}

export const STACK_UPDATE_DEFINITION: KindDefinition = {
  identifierSets: [['stackName']],
  validate: (_name, value) => validateStackName(value),
  displayName: ({ stackName }) => `stack ${stackName}`,
};
