// npm start -- --scenario examples/rollback-by-hand
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { CancellationOutcome, DeploymentCancellation, ProtonDeployment } from '../lib/index';

/**
 * A stack for the bad day: cancels the release that is under way, and then puts the previous version of the template back.
 * Deployed again with another incident, it does so again: `-c incident=INC-1234 -c previousMinorVersion=7`.
 */
export const app = new App();

const serviceName = 'web';
const serviceInstanceName = 'web-prod';
const incident: string = app.node.tryGetContext('incident') ?? 'INC-1';
const templateMinorVersion: string = app.node.tryGetContext('previousMinorVersion') ?? '7';

const stack = new Stack(app, 'RollBackWebProd', {
  description: 'Cancels the release of web-prod and puts the previous one back',
});

const cancellation = new DeploymentCancellation(stack, 'CancelRelease', {
  deployment: ProtonDeployment.serviceInstance({ serviceName, serviceInstanceName }),
  trigger: incident,
  // Someone else's deployment is under way: nothing is to be put back over it.
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
// Proton refuses to deploy while a deployment is in flight: the cancelled one has to be over first.
previous.node.addDependency(cancellation);

new CfnOutput(stack, 'Outcome', { value: cancellation.outcome });
