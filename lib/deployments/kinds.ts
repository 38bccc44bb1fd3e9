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
export function displayNameOf({ kind, identifiers }: Deployment): string {
  return KINDS[kind].displayName(identifiers);
}

/** The names that a deployment is addressed by, among those that are given: of the last way if none is complete. */
export function identifiersFor(kind: DeploymentKind, given: (name: string) => unknown): readonly string[] {
  const { identifierSets } = KINDS[kind];
  return (
    identifierSets.find((identifiers) => identifiers.every((name) => given(name) !== undefined)) ??
    identifierSets.at(-1) ??
    []
  );
}
