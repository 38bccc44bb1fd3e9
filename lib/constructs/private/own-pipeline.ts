import { Stack } from 'aws-cdk-lib';
import type { CfnPipeline, IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import type { IConstruct } from 'constructs';
import type { CancellableDeployment } from '../../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../../private/errors';

/**
 * Checks that a pipeline does not cancel its own execution, and then waits for itself.
 *
 * @throws if it does. An execution that is abandoned or named by its ID is not waited for, or is another one
 */
export function refuseOwnPipeline(deployment: CancellableDeployment, pipeline: IPipeline, scope: IConstruct): void {
  const { kind, identifiers, options = {} } = deployment._toContract();
  const { abandon, abandonAfterSeconds } = options;
  if (
    kind !== 'codepipeline-execution' ||
    abandon ||
    abandonAfterSeconds !== undefined ||
    identifiers.executionId !== undefined
  )
    return;
  const text = (name: string | undefined) => JSON.stringify(Stack.of(scope).resolve(name));
  const resource = pipeline.node.defaultChild as CfnPipeline | undefined;
  const names = [pipeline.pipelineName, resource?.name].filter((name) => name !== undefined).map(text);
  if (!names.includes(text(identifiers.pipelineName))) return;
  throw new InvalidConfigurationError(
    `pipeline ${pipeline.node.path} cannot cancel its own execution: the execution would wait for the cancellation, and the cancellation for the execution; use abandon or abandonAfter, or name another execution with executionId`,
    scope,
  );
}
