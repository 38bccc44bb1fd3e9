// npm start -- --scenario examples/rollback-by-hand
import { Annotations, App, CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { CancellationOutcome, DeploymentCancellation, ProtonDeployment } from '../lib/index';

/**
 * Cancels the deployment in flight, and then deploys the previous version of the template. To do it again, deploy the stack
 * with another incident: `-c incident=INC-1234 -c previousMinorVersion=7`.
 */
export const app = new App();

const serviceName = 'web';
const serviceInstanceName = 'web-prod';
const incident: string = app.node.tryGetContext('incident') ?? 'INC-1';
const templateMinorVersion: string = app.node.tryGetContext('previousMinorVersion') ?? '7';

const stack = new Stack(app, 'RollBackWebProd', {
  description: 'Cancels the release of web-prod and puts the previous one back',
});
// AWS no longer offers Proton, so this example is for the emulator.
Annotations.of(stack).acknowledgeWarning('cdk-deployment-cancellation:serviceEnded');

const cancellation = new DeploymentCancellation(stack, 'CancelRelease', {
  deployment: ProtonDeployment.serviceInstance({ serviceName, serviceInstanceName }),
  trigger: incident,
  // A newer deployment is in flight: do not deploy the previous version over it.
  failOn: [CancellationOutcome.SUPERSEDED],
});

const putBack = {
  service: 'proton',
  action: 'UpdateServiceInstance',
  parameters: { serviceName, name: serviceInstanceName, deploymentType: 'MINOR_VERSION', templateMinorVersion },
  physicalResourceId: PhysicalResourceId.of(incident),
};
const previous = new AwsCustomResource(stack, 'PutPreviousVersionBack', {
  onCreate: putBack,
  onUpdate: putBack,
  installLatestAwsSdk: false,
  policy: AwsCustomResourcePolicy.fromStatements([
    new PolicyStatement({
      actions: ['proton:UpdateServiceInstance'],
      resources: [
        stack.formatArn({
          service: 'proton',
          resource: `service/${serviceName}/service-instance/${serviceInstanceName}`,
        }),
      ],
    }),
  ]),
});
// Proton rejects a deployment while another one is in flight.
previous.node.addDependency(cancellation);

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });
