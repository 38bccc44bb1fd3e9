import { NestedStack, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { withParents } from '../../private/nested-stacks';
import { STACK_UPDATE } from './kinds';

/** Denies actions on the stack of `scope`, and on the root stack that contains it, which would wait for themselves. */
export function denyOnOwnStacks(
  actions: readonly string[],
  arn: (path: string) => string,
  scope: IConstruct,
): PolicyStatement {
  const family = withParents(Stack.of(scope));
  const known = family.filter((stack, index) => index === 0 || !NestedStack.isNestedStack(stack));
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: [...actions],
    resources: known.map(({ stackName }) => arn(STACK_UPDATE.resource({ stackName }))),
  });
}
