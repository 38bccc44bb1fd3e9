import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
import { CancellationWorkflow } from '../../lib/index';
import { pipelineStackIdOf, STACK_NAME, stepsOf } from './stack-lifecycles';
import { anotherOf, fleetOf, listOf, type Subject, targetOf } from './targets';

/** The part of a schedule that decides about the templates. */
export interface Variant extends Subject {
  readonly encryptionKey: boolean;
}

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
  const { lifecycle, kind, encryptionKey } = variant;
  // The validation takes seconds, and other tests validate the templates.
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const subjects = {
    deployment: deploymentOf(targetOf(kind)),
    another: deploymentOf(anotherOf(kind)),
    listed: listOf(kind).map(deploymentOf),
    fleet: fleetOf(kind),
  };
  for (const [index, step] of stepsOf(lifecycle).entries()) {
    if (!('build' in step)) continue;
    const stack = new Stack(app, idOf(variant, index), { stackName: STACK_NAME });
    if (encryptionKey) {
      const key = new Key(stack, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
      CancellationWorkflow.of(stack, { encryptionKey: key });
    }
    step.build?.(stack, subjects);
  }
  app.synth();
  return new Assembly(outdir);
}

const nameOf = ({ lifecycle, kind, encryptionKey }: Variant) =>
  `${lifecycle}-${kind}${encryptionKey ? '-encrypted' : ''}`;
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
    const { timeoutSeconds } = settings;
    Object.assign(Properties.settings, guard ? { timeoutSeconds } : settings);
    if (timeoutSeconds !== undefined) Properties.ServiceTimeout = timeoutSeconds + RESPONSE_MARGIN_SECONDS;
  }
  return { stackName: STACK_NAME, template };
}

interface Template<Resource> {
  readonly Resources: Readonly<Record<string, Resource>>;
}

interface CancellationResource {
  readonly Type: string;
  readonly Properties: { settings: object; ServiceTimeout: number };
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
