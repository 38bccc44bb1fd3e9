import { PropertyInjectors } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CancellationWorkflowOptions } from '../cancellation-workflow-options';

/**
 * Applies the nearest property injector of the class to the options of a workflow. `propertyInjectable` of the CDK cannot
 * be used, because a workflow has no public constructor.
 */
export function injectOptions(
  classId: string,
  options: CancellationWorkflowOptions,
  scope: Construct,
  id: string,
): CancellationWorkflowOptions {
  const injector = [...scope.node.scopes]
    .reverse()
    .filter((parent) => PropertyInjectors.hasPropertyInjectors(parent))
    .map((parent) => PropertyInjectors.of(parent).for(classId))
    .find((found) => found !== undefined);
  return injector ? injector.inject(options, { scope, id }) : options;
}
