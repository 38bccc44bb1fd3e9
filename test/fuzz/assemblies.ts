import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { deploymentOf } from '../../bin/context';
import type { StackRequest } from '../../emulator/aws/cloudformation/cloudformation';
import { Assembly } from '../../emulator/simulation/assembly';
import {
  type CancellationSettings,
  GUARD_RESOURCE_TYPE,
  RESOURCE_TYPE,
  RESPONSE_MARGIN_SECONDS,
} from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import type { Options } from '../../lib/deployments/kind-definition';
import { CancellationWorkflow } from '../../lib/index';
import { declaredDeploymentOf } from './declared-apis';
import { declaredOptions, isReplaceable } from './options';
import type { Schedule } from './schedule';
import {
  isFleet,
  isList,
  type Lifecycle,
  pipelineStackIdOf,
  STACK_NAME,
  type Subjects,
  stepsOf,
} from './stack-lifecycles';
import { anotherOf, FLEET_TAG, fleetOf, isStackFleet, listOf, type Subject, type Target, targetOf } from './targets';

/** The part of a schedule that decides about the templates. Of the options, it matters only whether there are any. */
export type Variant = Subject & Pick<Schedule, 'encryptionKey' | 'role' | 'notifies' | 'declared' | 'options'>;

/**
 * The synthesized stacks. Each variant is synthesized when it is used first. All share one directory, and so the code of the
 * functions: then warm sandboxes can be reused for another variant.
 */
export class Assemblies {
  private readonly byVariant = new Map<string, Assembly>();

  constructor(private readonly outdir: string) {}

  of(variant: Variant): Assembly {
    const name = nameOf(variant);
    const assembly = this.byVariant.get(name) ?? synthesize(this.outdir, variant);
    this.byVariant.set(name, assembly);
    return assembly;
  }
}

function synthesize(outdir: string, variant: Variant): Assembly {
  const { lifecycle, encryptionKey, role, notifies } = variant;
  // The validation takes seconds, and other tests validate the templates.
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const subjects = subjectsOf(variant);
  for (const [index, step] of stepsOf(lifecycle).entries()) {
    if (!('build' in step)) continue;
    const stack = new Stack(app, idOf(variant, index), { stackName: STACK_NAME });
    if (encryptionKey) {
      const key = new Key(stack, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
      CancellationWorkflow.of(stack, { encryptionKey: key });
    }
    if (notifies) CancellationWorkflow.of(stack).onOutcome('Notify');
    const calledAs = role ? { role: roleIn(stack, lifecycle, subjects), externalId: EXTERNAL_ID } : undefined;
    step.build?.(stack, { ...subjects, calledAs });
  }
  app.synth();
  return new Assembly(outdir);
}

function subjectsOf({ kind, declared, options }: Variant): Subjects {
  const given = hasOptions({ options }) ? declaredOptions(kind) : undefined;
  const deploymentFor = (target: Target) => {
    if (target.kind !== kind) return deploymentOf(target);
    return declared ? declaredDeploymentOf(target) : deploymentOf({ ...target, options: given });
  };
  return {
    deployment: deploymentFor(targetOf(kind)),
    another: deploymentOf(anotherOf(kind)),
    listed: listOf(kind).map(deploymentFor),
    fleet: fleetOf(kind, given),
  };
}

/** A role that may cancel, and that the deployment function may assume. */
function roleIn(stack: Stack, lifecycle: Lifecycle, { deployment, another, listed, fleet }: Subjects): Role {
  const called = isList(lifecycle) ? listed : fleet && isFleet(lifecycle) ? [fleet] : [deployment, another];
  const statements = called.flatMap((one) => one.policyStatements(stack));
  return new Role(stack, ROLE_ID, {
    assumedBy: new ArnPrincipal(CancellationWorkflow.of(stack).deploymentRole.roleArn),
    externalIds: [EXTERNAL_ID],
    inlinePolicies: { Cancel: new PolicyDocument({ statements }) },
  });
}

/** The logical ID of the role begins with this. */
export const ROLE_ID = 'Canceller';
export const EXTERNAL_ID = 'fuzz-1234';

const hasOptions = ({ options }: Pick<Variant, 'options'>) => Object.keys(options).length > 0;

function nameOf(variant: Variant): string {
  const { lifecycle, kind, encryptionKey, role, notifies, declared } = variant;
  const flags = { encrypted: encryptionKey, role, notifies, declared, options: hasOptions(variant) };
  const set = Object.entries(flags).flatMap(([name, isSet]) => (isSet ? [name] : []));
  return [lifecycle, kind, ...set].join('-');
}

const idOf = (variant: Variant, step: number) => `${nameOf(variant)}-${step}`;

/** The stack of a step, with these settings of its cancellations. Guards take only the timeout. */
export function stackOf(
  assembly: Assembly,
  variant: Variant,
  step: number,
  settings: Partial<CancellationSettings>,
): StackRequest {
  const template = structuredClone(templateOf(assembly, idOf(variant, step))) as Template<CancellationResource>;
  for (const { Type, Properties } of Object.values(template.Resources)) {
    const guard = Type === GUARD_RESOURCE_TYPE;
    if (!guard && Type !== RESOURCE_TYPE && Type !== FLEET_RESOURCE_TYPE) continue;
    if (hasOptions(variant) && isReplaceable(variant.lifecycle)) replaceOptions(Properties, variant);
    const { timeoutSeconds } = settings;
    Object.assign(Properties.settings, guard ? { timeoutSeconds } : settings);
    if (timeoutSeconds !== undefined) Properties.ServiceTimeout = timeoutSeconds + RESPONSE_MARGIN_SECONDS;
  }
  const tags = isStackFleet(variant) ? { [FLEET_TAG.key]: FLEET_TAG.value } : undefined;
  return { stackName: STACK_NAME, template, tags };
}

interface Template<Resource> {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface CancellationResource {
  readonly Type: string;
  readonly Properties: CancellationProperties;
}

interface CancellationProperties {
  readonly settings: object;
  ServiceTimeout: number;
  readonly deployment?: WithOptions;
  readonly fleet?: WithOptions & { readonly deployments?: readonly WithOptions[] };
}

interface WithOptions {
  readonly kind: string;
  options?: Options;
}

/** Replaces the options of the deployments of the kind. A list has one of them. */
function replaceOptions({ deployment, fleet }: CancellationProperties, { kind, options }: Variant): void {
  const listed = fleet && (fleet.deployments?.filter((one) => one.kind === kind) ?? [fleet]);
  for (const one of deployment ? [deployment] : (listed ?? [])) one.options = options;
}

function templateOf({ stacks }: Assembly, id: string): unknown {
  const stack = stacks.find((candidate) => candidate.id === id);
  if (!stack) throw new Error(`the assembly has no stack ${id}`);
  return stack.template;
}

interface PipelineResource {
  readonly Type: string;
  readonly Properties: {
    readonly Stages: readonly {
      readonly Actions: readonly { readonly Configuration: { readonly Input?: string } }[];
    }[];
  };
}

/** The input with which the action of the pipeline starts the workflow. */
export function actionInputOf(assembly: Assembly, variant: Variant): string {
  const id = pipelineStackIdOf(idOf(variant, 0));
  const { Resources } = templateOf(assembly, id) as Template<PipelineResource>;
  const pipeline = Object.values(Resources).find(({ Type }) => Type === 'AWS::CodePipeline::Pipeline');
  const input = pipeline?.Properties.Stages.at(-1)?.Actions[0]?.Configuration.Input;
  if (input === undefined) throw new Error(`the pipeline of ${id} has no action with an input`);
  return input;
}
