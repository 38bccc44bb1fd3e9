// npm start -- --scenario examples/rollback-by-hand
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { CancellationOutcome, DeploymentCancellation, EcsServiceDeployment } from '../lib/index';

/**
 * Cancels the deployment in flight, and then deploys a task definition that is known to work, also if the deployment was
 * faster. To do it again, deploy the stack with another incident: `-c incident=INC-1234 -c taskDefinition=web:7`.
 */
export const app = new App();

const clusterName = 'prod';
const serviceName = 'web';
const incident: string = app.node.tryGetContext('incident') ?? 'INC-1';
const taskDefinition: string = app.node.tryGetContext('taskDefinition') ?? 'web:7';

const stack = new Stack(app, 'RollBackWeb', {
  description: 'Cancels the release of web and deploys a version that is known to work',
});

const cancellation = new DeploymentCancellation(stack, 'CancelRelease', {
  deployment: EcsServiceDeployment.fromServiceName({ clusterName, serviceName }),
  trigger: incident,
  // A newer deployment is in flight: do not replace it.
  failOn: [CancellationOutcome.SUPERSEDED],
});

const putBack = {
  service: 'ecs',
  action: 'UpdateService',
  parameters: { cluster: clusterName, service: serviceName, taskDefinition },
  physicalResourceId: PhysicalResourceId.of(incident),
};
const previous = new AwsCustomResource(stack, 'PutPreviousVersionBack', {
  onCreate: putBack,
  onUpdate: putBack,
  installLatestAwsSdk: false,
  policy: AwsCustomResourcePolicy.fromStatements([
    new PolicyStatement({
      actions: ['ecs:UpdateService'],
      resources: [
        stack.formatArn({ service: 'ecs', resource: 'service', resourceName: `${clusterName}/${serviceName}` }),
      ],
    }),
  ]),
});
// A deployment that starts earlier would be the one that is cancelled.
previous.node.addDependency(cancellation);

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });
