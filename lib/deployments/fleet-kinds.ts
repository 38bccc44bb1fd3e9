import { CLOUDFORMATION_FLEETS } from './cloudformation/fleet-kinds';
import { CODEPIPELINE_FLEETS } from './codepipeline/fleet-kinds';
import { ECS_FLEETS } from './ecs/fleet-kinds';
import type { FleetKindDefinition } from './kind-definition';
import { PROTON_FLEETS } from './proton/fleet-kinds';

/** The list of the kinds of fleet that a service lists. Deployments that are listed in the stack are no kind of their own. */
export const FLEET_KINDS = {
  ...ECS_FLEETS,
  ...CODEPIPELINE_FLEETS,
  ...CLOUDFORMATION_FLEETS,
  ...PROTON_FLEETS,
} satisfies Readonly<Record<string, FleetKindDefinition>>;

export type FleetKind = keyof typeof FLEET_KINDS;

function isFleetKind(kind: string): kind is FleetKind {
  return Object.hasOwn(FLEET_KINDS, kind);
}

/** @throws if `kind` is not one of `FLEET_KINDS` */
export function fleetKindDefinition(kind: string): FleetKindDefinition {
  if (isFleetKind(kind)) return FLEET_KINDS[kind];
  throw new Error(`fleet kind must be one of ${Object.keys(FLEET_KINDS).join(', ')}, not '${kind}'`);
}
