import { Annotations, AspectPriority, Aspects, type IAspect, Stack, Token } from 'aws-cdk-lib';
import type { CfnPipeline, IStage } from 'aws-cdk-lib/aws-codepipeline';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ProduceActionOptions, StageDeployment, Step, Wave } from 'aws-cdk-lib/pipelines';
import type { Construct } from 'constructs';

type Property = 'account' | 'region';
type Place = { readonly [Name in Property]?: string };

/**
 * Warns of a step beside stages that deploy to another account or region than the one in which the step cancels.
 *
 * @param role the role that cancels, in its own account
 */
export function warnOfStepElsewhere(
  step: Step,
  { pipeline, scope }: ProduceActionOptions,
  role: IRole | undefined,
): void {
  for (const { stageName, stacks } of pipeline.waves.flatMap((wave) => stagesWith(wave, step))) {
    warn(scope, `step ${step.id}`, stageName, stacks, role);
  }
}

/**
 * Warns of an action beside actions of its stage that are in another account or region than the one in which it cancels.
 *
 * @param role the role that cancels, in its own account
 */
export function warnOfActionElsewhere(
  actionName: string,
  { pipeline, stageName }: IStage,
  scope: Construct,
  role: IRole | undefined,
): void {
  const resource = pipeline.node.defaultChild as CfnPipeline;
  const visit = (node: unknown) => {
    if (node !== resource) return;
    const stages: RenderedStage[] = Stack.of(pipeline).resolve(resource.stages);
    const actions = stages.find(({ name }) => name === stageName)?.actions ?? [];
    warn(scope, `action ${actionName}`, stageName, actions.map(placeOf), role);
  };
  const aspect: IAspect = { visit };
  // The actions of a stage are final only at synthesis.
  Aspects.of(pipeline).add(aspect, { priority: AspectPriority.READONLY });
}

interface RenderedStage {
  readonly name: string;
  readonly actions: readonly { readonly region?: string; readonly roleArn?: unknown }[];
}

/** The place of an action. Its account is that of its role. */
function placeOf({ region, roleArn }: RenderedStage['actions'][number]): Place {
  return { region, account: /:iam::(\d{12}):/.exec(JSON.stringify(roleArn) ?? '')?.[1] };
}

function warn(scope: Construct, subject: string, stageName: string, places: readonly Place[], role?: IRole): void {
  const { account, region } = Stack.of(scope);
  const own = { account: role?.env.account ?? account, region };
  const [kind] = subject.split(' ');
  for (const property of ['account', 'region'] as const) {
    const other = places.map((place) => place[property]).find((value) => isOther(value, own[property]));
    if (other === undefined) continue;
    const owner = property === 'account' && role ? 'its role' : 'the pipeline';
    Annotations.of(scope).addWarningV2(
      `cdk-deployment-cancellation:${kind}In${property === 'account' ? 'Account' : 'Region'}OfPipeline`,
      `${subject} cancels a deployment in ${property} ${own[property]}, that of ${owner}, and stage ${stageName} deploys to ${property} ${other}: declare the cancellation in a stack of the stage, or pass a workflow`,
    );
  }
}

/** The stages that the step belongs to: those of its wave, or its own. */
function stagesWith({ pre, post, stages }: Wave, step: Step): StageDeployment[] {
  if ([...pre, ...post].includes(step)) return stages;
  return stages.filter((stage) => [...stage.pre, ...stage.post].includes(step));
}

/** Whether a value is known to be another one. */
function isOther(value: string | undefined, own: string): boolean {
  return value !== undefined && !Token.isUnresolved(value) && !Token.isUnresolved(own) && value !== own;
}
