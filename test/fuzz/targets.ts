import { simulationOf } from '../../emulator/simulation/service-simulation';
import { stopOptionsOf } from '../../lib/deployments/codepipeline/stop-options';
import type { IdentifierDefinition, Identifiers, Options } from '../../lib/deployments/kind-definition';
import { DEPLOYMENT_KINDS, type DeploymentKind, kindDefinition, sampleIdentifiers } from '../../lib/deployments/kinds';
import { type CancellableFleet, CodePipelineFleet, EcsFleet, ProtonFleet, StackFleet } from '../../lib/index';
import { declaredTarget } from './declared-apis';
import type { FleetBehavior } from './schedule';
import { isFleet, isList, type Lifecycle } from './stack-lifecycles';

/** The resources of a run whose deployments can be cancelled. */

export interface Target {
  readonly kind: DeploymentKind;
  readonly identifiers: Identifiers;
}

/** The part of a schedule that decides what is cancelled. */
export interface Subject {
  readonly lifecycle: Lifecycle;
  /** The kind of the deployment that is cancelled, or of the first one of a list. */
  readonly kind: DeploymentKind;
}

/** The largest number of deployments in a fleet, and the number of deployments in a list. */
export const FLEET_SIZE = 3;

export function targetOf(kind: DeploymentKind): Target {
  return { kind, identifiers: sampleIdentifiers(kind) };
}

/** A resource that does not exist. */
export function anotherOf(kind: DeploymentKind): Target {
  return renamed(targetOf(kind), 'another');
}

/** Resources of three kinds: the first one of the given kind. */
export function listOf(kind: DeploymentKind): readonly Target[] {
  const first = DEPLOYMENT_KINDS.indexOf(kind);
  return Array.from({ length: FLEET_SIZE }, (_, index) => {
    const next = DEPLOYMENT_KINDS[(first + index) % DEPLOYMENT_KINDS.length] ?? kind;
    return renamed(targetOf(next), String(index));
  });
}

/** The resources of a run, in the order of their behaviors. */
export function targetsOf({ lifecycle, kind }: Subject): readonly Target[] {
  if (isList(lifecycle)) return listOf(kind);
  const target = targetOf(kind);
  if (!isFleet(lifecycle)) return [target];
  return Array.from({ length: FLEET_SIZE }, (_, index) => memberOf(target, index));
}

/** A member of the fleet of a kind. Those of a pipeline are executions of one resource. */
function memberOf({ kind, identifiers }: Target, index: number): Target {
  const { serviceName = '', stackName = '' } = identifiers;
  switch (kind) {
    case 'cloudformation-stack-update':
      return { kind, identifiers: { stackName: `${stackName}-${index}` } };
    case 'ecs-service-deployment':
      return { kind, identifiers: { ...identifiers, serviceName: `${serviceName}-${index}` } };
    case 'proton-service-instance':
      return { kind, identifiers: { serviceName, serviceInstanceName: `${serviceName}-${index}` } };
    default:
      return { kind, identifiers };
  }
}

/** The kinds whose service lists fleets. */
export const FLEET_MEMBER_KINDS = [
  'cloudformation-stack-update',
  'codepipeline-execution',
  'ecs-service-deployment',
  'proton-service-instance',
] as const satisfies readonly DeploymentKind[];

/** The tag of the stacks of a fleet. */
export const FLEET_TAG = { key: 'team', value: 'web' };

/** Whether stacks with a tag are the fleet of a run. The stack that waits for their cancellation has the tag as well. */
export function isStackFleet({ lifecycle, kind }: Subject): boolean {
  return isFleet(lifecycle) && kind === 'cloudformation-stack-update';
}

/** Whether the deployments of a resource are in the fleet. */
export function isMember({ membership = 'tagged' }: FleetBehavior): boolean {
  return membership === 'tagged' || membership === 'loses-tag';
}

/** The fleet with the members of a kind; undefined if no service lists it. */
export function fleetOf(kind: DeploymentKind, options?: Options): CancellableFleet | undefined {
  const { clusterName = '', pipelineName = '', serviceName = '' } = sampleIdentifiers(kind);
  switch (kind) {
    case 'cloudformation-stack-update':
      return StackFleet.fromTag(FLEET_TAG.key, FLEET_TAG.value);
    case 'codepipeline-execution':
      return CodePipelineFleet.fromPipelineName(pipelineName, stopOptionsOf(options));
    case 'ecs-service-deployment':
      return EcsFleet.fromClusterName(clusterName);
    case 'proton-service-instance':
      return ProtonFleet.fromServiceName(serviceName);
    default:
      return undefined;
  }
}

/** The resource of a run with a path in its simulated service. */
export function targetAt(subject: Subject, path: string): Target | undefined {
  return targetsOf(subject).find((target) => pathOf(target) === path);
}

/** The path of a resource in its simulated service. Its deployment may be addressed as a declared API. */
export function pathOf(deployment: { readonly kind: string; readonly identifiers: Identifiers }): string {
  const target = declaredTarget(deployment);
  return simulationOf(target.kind).path(target);
}

/** A target with other names: with a suffix, or, where an ID has a fixed length, with another last letter. */
function renamed({ kind, identifiers }: Target, suffix: string): Target {
  const definitions: Readonly<Record<string, IdentifierDefinition>> = kindDefinition(kind).identifiers;
  const names = Object.entries(identifiers).map(([name, value]) => {
    const candidates = [`${value}-${suffix}`, `${value.slice(0, -1)}${suffix.charAt(0)}`];
    return [name, candidates.find((candidate) => definitions[name]?.validate(candidate) === undefined)];
  });
  return { kind, identifiers: Object.fromEntries(names) };
}
