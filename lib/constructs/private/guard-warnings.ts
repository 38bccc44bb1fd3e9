import {
  Annotations,
  AspectPriority,
  Aspects,
  CfnDeletionPolicy,
  type CfnResource,
  type IAspect,
  Stack,
} from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Warns at synthesis of a guard that cannot do its work: when the constructs of the app, their dependencies and their
 * removal policies are final.
 */
export function warnOfUselessGuard(guard: IConstruct, resource: CfnResource): void {
  const visit = (node: IConstruct) => {
    if (node !== resource) return;
    if (!isProtecting(guard)) {
      warn(
        guard,
        'guardProtectsNothing',
        'the guard protects nothing, so that a deployment may start before the guard is armed, and is then not cancelled: call guard.protect(…) with the constructs that start a deployment, and those that may fail after it',
      );
    }
    if (isRetained(resource)) {
      warn(
        guard,
        'guardIsRetained',
        'the guard is retained, so that CloudFormation does not notify it when the creation of the stack is rolled back: give it the removal policy DESTROY',
      );
    }
  };
  const aspect: IAspect = { visit };
  // Aspects of the stack visit the resource before this one, and the guard before its resource.
  Aspects.of(resource).add(aspect, { priority: AspectPriority.READONLY });
}

/** Whether another construct depends on the guard or a part of it. */
function isProtecting(guard: IConstruct): boolean {
  const parts = new Set(guard.node.findAll());
  const others = Stack.of(guard)
    .node.root.node.findAll()
    .filter((construct) => !parts.has(construct));
  return others.some(({ node }) => node.dependencies.some((dependency) => parts.has(dependency)));
}

function isRetained({ cfnOptions: { deletionPolicy } }: CfnResource): boolean {
  return deletionPolicy !== undefined && deletionPolicy !== CfnDeletionPolicy.DELETE;
}

function warn(guard: IConstruct, id: string, message: string): void {
  Annotations.of(guard).addWarningV2(`cdk-deployment-cancellation:${id}`, message);
}
