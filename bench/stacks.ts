import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Architecture, determineLatestNodeRuntime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  StateMachine,
  Succeed,
  TaskInput,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { CancellationWorkflow, DeploymentCancellation, ProtonDeployment } from '../lib/index';

export const ROOT = join(__dirname, '..');

/** The largest number of outputs of a stack. */
const MAX_OUTPUTS = 200;

/** The names of the n-th service instance. The runs cancel the first. */
export const instanceNames = (index: number) => ({
  serviceName: 'web',
  serviceInstanceName: `web-prod-${String(index).padStart(4, '0')}`,
});

/** Adds resources to a stack that cancel so many deployments. */
export type Design = (stack: Stack, cancellations: number) => void;

/** Synthesizes one stack with the feature flags that the CDK recommends for a new app. */
export function synthesize(outdir: string, design: Design, cancellations: number): void {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ outdir, context });
  design(new Stack(app, 'Stack'), cancellations);
  app.synth();
}

export const ours: Design = (stack, cancellations) => {
  for (let index = 0; index < cancellations; index++) {
    new DeploymentCancellation(stack, `Cancellation${index}`, {
      deployment: ProtonDeployment.serviceInstance(instanceNames(index)),
      output: cancellations <= MAX_OUTPUTS,
    });
  }
};

/** Our state machine with a timeout that is longer than CloudFormation waits. */
export const oursLong: Design = (stack) => {
  const workflow = CancellationWorkflow.of(stack);
  const deployment = ProtonDeployment.serviceInstance(instanceNames(0));
  const input = workflow.inputFor(deployment, { timeout: Duration.hours(24) });
  new CfnOutput(stack, START_OUTPUT, { value: workflow.stateMachine.stateMachineArn });
  new CfnOutput(stack, INPUT_OUTPUT, { value: stack.toJsonString(input) });
};

/** The provider framework at its best: one provider for all, the SDK bundled, small functions, logs with a retention. */
export const framework =
  (queryInterval?: Duration): Design =>
  (stack, cancellations) => {
    const indexes = Array.from({ length: cancellations }, (_, index) => index);
    const { cancel, poll } = handlers(stack, indexes);
    const provider = new Provider(stack, 'Provider', {
      onEventHandler: cancel,
      isCompleteHandler: poll,
      queryInterval,
      totalTimeout: Duration.hours(1),
      logGroup: logGroup(stack, 'ProviderLogs'),
    });
    for (const index of indexes) {
      const resource = new CustomResource(stack, `Cancellation${index}`, {
        resourceType: 'Custom::Cancellation',
        serviceToken: provider.serviceToken,
        properties: instanceNames(index),
      });
      if (cancellations <= MAX_OUTPUTS) {
        new CfnOutput(stack, `Status${index}`, { value: resource.getAttString('deploymentStatus') });
      }
    }
  };

/** The output with the ARN of the state machine to start. */
export const START_OUTPUT = 'Start';

/** The output with its input. Default: an empty object. */
export const INPUT_OUTPUT = 'Input';

/** A state machine that waits and polls in a loop, as in the examples of Step Functions. It is no custom resource. */
export const waitLoop =
  (every: Duration): Design =>
  (stack) => {
    const { cancel, poll } = handlers(stack, [0]);
    const payload = TaskInput.fromObject({ RequestType: 'Create', ResourceProperties: instanceNames(0) });
    const task = (id: string, lambdaFunction: NodejsFunction) =>
      new LambdaInvoke(stack, id, { lambdaFunction, payload, payloadResponseOnly: true });
    const wait = new Wait(stack, 'Wait', { time: WaitTime.duration(every) });
    const over = new Choice(stack, 'Over?').when(
      Condition.booleanEquals('$.IsComplete', true),
      new Succeed(stack, 'Succeeded'),
    );
    wait.next(task('Poll', poll).next(over.otherwise(wait)));
    const definitionBody = DefinitionBody.fromChainable(task('Cancel', cancel).next(wait));
    const { stateMachineArn } = new StateMachine(stack, 'Machine', { definitionBody });
    new CfnOutput(stack, START_OUTPUT, { value: stateMachineArn });
  };

function handlers(stack: Stack, indexes: readonly number[]) {
  const handler = (id: string, entry: string, action: string) => {
    const lambda = new NodejsFunction(stack, id, {
      entry: join(__dirname, 'peer', entry),
      depsLockFilePath: join(ROOT, 'package-lock.json'),
      runtime: determineLatestNodeRuntime(stack),
      architecture: Architecture.ARM_64,
      memorySize: 128,
      timeout: Duration.seconds(30),
      logGroup: logGroup(stack, `${id}Logs`),
      bundling: { minify: true, bundleAwsSDK: true },
    });
    const resources = indexes.map((index) => {
      const { serviceName, serviceInstanceName } = instanceNames(index);
      const resourceName = `${serviceName}/service-instance/${serviceInstanceName}`;
      return stack.formatArn({ service: 'proton', resource: 'service', resourceName });
    });
    for (const resource of resources) {
      lambda.addToRolePolicy(new PolicyStatement({ actions: [action], resources: [resource] }));
    }
    return lambda;
  };
  return {
    cancel: handler('OnEvent', 'on-event.ts', 'proton:CancelServiceInstanceDeployment'),
    poll: handler('IsComplete', 'is-complete.ts', 'proton:GetServiceInstance'),
  };
}

function logGroup(stack: Stack, id: string): LogGroup {
  return new LogGroup(stack, id, { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
}
