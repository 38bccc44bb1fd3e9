import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { ProduceActionOptions, StageDeployment, Step, Wave } from 'aws-cdk-lib/pipelines';

/** Warns of a step beside stages that deploy to another account or region than the one in which the step cancels. */
export function warnOfOtherEnvironment(step: Step, { pipeline, scope }: ProduceActionOptions): void {
  const own = Stack.of(scope);
  for (const { stageName, stacks } of pipeline.waves.flatMap((wave) => stagesWith(wave, step))) {
    for (const property of ['account', 'region'] as const) {
      const other = stacks.map((stack) => stack[property]).find((value) => isOther(value, own[property]));
      if (other === undefined) continue;
      Annotations.of(scope).addWarningV2(
        `cdk-deployment-cancellation:stepIn${property === 'account' ? 'Account' : 'Region'}OfPipeline`,
        `step ${step.id} cancels a deployment in ${property} ${own[property]}, that of the pipeline, and stage ${stageName} deploys to ${property} ${other}: declare the cancellation in a stack of the stage, or pass a workflow`,
      );
    }
  }
}

/** The stages that the step belongs to: those of its wave, or its own. */
function stagesWith({ pre, post, stages }: Wave, step: Step): StageDeployment[] {
  if ([...pre, ...post].includes(step)) return stages;
  return stages.filter((stage) => [...stage.pre, ...stage.post].includes(step));
}

/** Whether a value is known to be another one. */
function isOther(value: string | undefined, own: string): boolean {
  return value !== undefined && !Token.isUnresolved(own) && value !== own;
}
