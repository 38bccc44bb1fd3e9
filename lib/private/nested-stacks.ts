import type { Stack } from 'aws-cdk-lib';

/** A stack and the stacks that it is nested in, the outermost last. */
export function withParents(stack: Stack): Stack[] {
  const { nestedStackParent } = stack;
  return [stack, ...(nestedStackParent ? withParents(nestedStackParent) : [])];
}

/**
 * How CloudFormation names a nested stack: `PARENT-LOGICALID-SUFFIX`. If the first two are too long together, it truncates
 * them, and leaves at least half of the length to each.
 */
const NESTED_NAME = { maxLength: 86, suffixLength: 13, minPartLength: 42 } as const;

/** A pattern, with `*`, of the names that CloudFormation may give a stack. The name of an outermost stack is known. */
export function stackNamePattern(stack: Stack): string {
  const { nestedStackParent: parent, nestedStackResource: resource } = stack;
  if (!parent || !resource) return stack.stackName;
  return nestedNamePattern(stackNamePattern(parent), parent.resolve(resource.logicalId));
}

function nestedNamePattern(parent: string, logicalId: string): string {
  const { maxLength, suffixLength, minPartLength } = NESTED_NAME;
  const pattern = `${parent}-${logicalId}`;
  if (pattern.replaceAll('*', '*'.repeat(suffixLength)).length <= maxLength) return `${pattern}-*`;
  const [knownParent = ''] = parent.split('*');
  return `${knownParent.slice(0, minPartLength)}*-${logicalId.slice(0, minPartLength)}*`;
}
