import { OnRollbackFailed } from '../../lib/contract/outcome';
import type { Options } from '../../lib/deployments/kind-definition';
import type { DeploymentKind } from '../../lib/deployments/kinds';
import { isStarted, type Lifecycle } from './stack-lifecycles';
import { isStackFleet } from './targets';

/** The options of the deployments of a run. */

/** The resource of every simulated stack. */
const SKIPPED = { resourcesToSkip: ['Service'] } as const;
const CONTINUE = { onRollbackFailed: OnRollbackFailed.CONTINUE } as const;

/**
 * The sets of options of each kind that has some. The templates declare the first one, which needs all permissions: then no
 * missing permission hides a request that the others do not allow.
 */
const OPTION_SETS: Readonly<Record<string, readonly [Options, ...Options[]]>> = {
  'appconfig-deployment': [{ allowRevert: true }, { allowRevert: false }],
  'autoscaling-instance-refresh': [{ rollback: false }],
  'cloudformation-stack-update': [
    { ...CONTINUE, ...SKIPPED, deleteOnCreate: true },
    { ...CONTINUE, ...SKIPPED },
    CONTINUE,
    { deleteOnCreate: true },
    { onRollbackFailed: OnRollbackFailed.FAIL, deleteOnCreate: false },
  ],
  'codepipeline-execution': [
    { abandon: false, abandonAfterSeconds: 30 },
    { abandon: false, abandonAfterSeconds: 5 },
    { abandon: true },
    { abandon: false },
  ],
};

/** The options that the templates declare for a kind; undefined if it has none. */
export function declaredOptions(kind: string): Options | undefined {
  return OPTION_SETS[kind]?.[0];
}

/** The sets of options that the deployments of a kind can have in a lifecycle. A fleet of stacks has none. */
export function optionSetsOf(kind: DeploymentKind, lifecycle: Lifecycle): readonly Options[] {
  if (isStackFleet({ lifecycle, kind })) return [];
  const sets = OPTION_SETS[kind] ?? [];
  return isReplaceable(lifecycle) ? sets : sets.slice(0, 1);
}

/** Whether the options are in the properties of a custom resource of the stack itself, in which they can be replaced. */
export function isReplaceable(lifecycle: Lifecycle): boolean {
  return !isStarted(lifecycle) && !isNested(lifecycle);
}

/** Whether the guard or the cancellation is in a nested stack, which has a workflow of its own. */
export function isNested(lifecycle: Lifecycle): boolean {
  return lifecycle.startsWith('nested-');
}
