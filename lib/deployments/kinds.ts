import type { Deployment } from '../contract/cancellation';
import { AMPLIFY_KINDS } from './amplify/kinds';
import { APPCONFIG_KINDS } from './appconfig/kinds';
import { AUTOSCALING_KINDS } from './autoscaling/kinds';
import { AWS_API_KINDS } from './awsapi/kinds';
import { CLOUDFORMATION_KINDS } from './cloudformation/kinds';
import { CODEBUILD_KINDS } from './codebuild/kinds';
import { CODEDEPLOY_KINDS } from './codedeploy/kinds';
import { CODEPIPELINE_KINDS } from './codepipeline/kinds';
import { ECS_KINDS } from './ecs/kinds';
import { ELASTIC_BEANSTALK_KINDS } from './elasticbeanstalk/kinds';
import { IMAGEBUILDER_KINDS } from './imagebuilder/kinds';
import type { DeploymentDefinition, Identifiers, KindDefinition } from './kind-definition';
import { PROTON_KINDS } from './proton/kinds';
import { SAGEMAKER_KINDS } from './sagemaker/kinds';
import { SSM_KINDS } from './ssm/kinds';

/** The list of the kinds of deployment that names and IDs address. A kind has this name everywhere. */
export const KINDS = {
  ...ECS_KINDS,
  ...CLOUDFORMATION_KINDS,
  ...CODEDEPLOY_KINDS,
  ...CODEPIPELINE_KINDS,
  ...AUTOSCALING_KINDS,
  ...APPCONFIG_KINDS,
  ...ELASTIC_BEANSTALK_KINDS,
  ...CODEBUILD_KINDS,
  ...SSM_KINDS,
  ...AMPLIFY_KINDS,
  ...SAGEMAKER_KINDS,
  ...IMAGEBUILDER_KINDS,
  ...PROTON_KINDS,
} satisfies Readonly<Record<string, KindDefinition>>;

export type DeploymentKind = keyof typeof KINDS;
export const DEPLOYMENT_KINDS = Object.keys(KINDS) as readonly DeploymentKind[];

/** All kinds: those of the list, and those whose API a stack declares. */
const DEFINITIONS = { ...KINDS, ...AWS_API_KINDS } satisfies Readonly<Record<string, DeploymentDefinition>>;
export type DeclarableKind = keyof typeof DEFINITIONS;
export const DECLARABLE_KINDS = Object.keys(DEFINITIONS) as readonly DeclarableKind[];

export function isDeploymentKind(kind: string): kind is DeploymentKind {
  return Object.hasOwn(KINDS, kind);
}

type BeforeHyphen<Name> = Name extends `${infer Service}-${string}` ? Service : never;

/** The services whose deployments can be cancelled. The name of a kind begins with the name of its service. */
export type ServiceName = BeforeHyphen<DeploymentKind>;

/** The service of a kind of deployment or fleet: `proton` of `proton-service-instance`. */
export function serviceOf(kind: string): ServiceName {
  return kind.slice(0, kind.indexOf('-')) as ServiceName;
}

/** @throws if `kind` is not one of `KINDS` */
export function kindDefinition(kind: string): KindDefinition {
  if (isDeploymentKind(kind)) return KINDS[kind];
  throw new Error(`deployment kind must be one of ${DEPLOYMENT_KINDS.join(', ')}, not '${kind}'`);
}

/** @throws if `kind` is not one of `DECLARABLE_KINDS` */
export function deploymentDefinition(kind: string): DeploymentDefinition {
  if (Object.hasOwn(DEFINITIONS, kind)) return DEFINITIONS[kind as DeclarableKind];
  return kindDefinition(kind);
}

/** The name of a deployment for people. */
export function displayNameOf({ kind, identifiers }: Deployment): string {
  return deploymentDefinition(kind).displayName(identifiers);
}

/** The first set of identifiers that is given completely, or the last set. */
export function identifiersFor(kind: string, given: (name: string) => unknown): readonly string[] {
  const { identifierSets } = deploymentDefinition(kind);
  const complete = identifierSets.find((names) => names.every((name) => given(name) !== undefined));
  return complete ?? identifierSets.at(-1) ?? [];
}

/** Identifiers of a kind that address a deployment: those that are given, and samples in place of the others. */
export function sampleIdentifiers(
  kind: string,
  given: (name: string) => string | undefined = () => undefined,
): Identifiers {
  const { identifiers } = kindDefinition(kind);
  const value = (name: string) => given(name) ?? identifiers[name]?.sample;
  return Object.fromEntries(identifiersFor(kind, value).map((name) => [name, value(name) ?? '']));
}
