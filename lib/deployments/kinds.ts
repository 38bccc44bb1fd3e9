import type { Deployment, DeploymentKind } from '../contract/cancellation';
import { STACK_UPDATE_DEFINITION } from './cloudformation/kinds';
import { CODEDEPLOY_KIND_DEFINITIONS } from './codedeploy/kinds';
import { CODEPIPELINE_KIND_DEFINITIONS } from './codepipeline/kinds';
import { ECS_KIND_DEFINITIONS } from './ecs/kinds';
import type { KindDefinition } from './kind-definition';
import { PROTON_KIND_DEFINITIONS } from './proton/kinds';

export const KINDS: Readonly<Record<DeploymentKind, KindDefinition>> = {
  ...PROTON_KIND_DEFINITIONS,
  ...ECS_KIND_DEFINITIONS,
  'cloudformation-stack-update': STACK_UPDATE_DEFINITION,
  ...CODEDEPLOY_KIND_DEFINITIONS,
  ...CODEPIPELINE_KIND_DEFINITIONS,
};

/** What a person calls that which is deployed. */
export function subjectOf({ kind, names }: Deployment): string {
  return KINDS[kind].subject(names);
}

/** The names that a deployment is addressed by, among those that are given: of the last way if none is complete. */
export function namesThatAddress(kind: DeploymentKind, given: (name: string) => unknown): readonly string[] {
  const { addressedBy } = KINDS[kind];
  return addressedBy.find((names) => names.every((name) => given(name) !== undefined)) ?? addressedBy.at(-1) ?? [];
}
