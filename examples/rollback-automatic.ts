// npm start -- --scenario examples/rollback-automatic
import { Annotations, App, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { CancelOnRollback, ProtonDeployment } from '../lib/index';

/** A guard: if the stack rolls back, the deployment that the stack has started is cancelled. */
export const app = new App();

const serviceName = 'web';
const serviceInstanceName = 'web-prod';
const version = '4.2.0';

const stack = new Stack(app, 'Release');
// AWS no longer offers Proton, so this example is for the emulator.
Annotations.of(stack).acknowledgeWarning('cdk-deployment-cancellation:serviceEnded');

// Starts the deployment.
const start = {
  service: 'proton',
  action: 'UpdateServiceInstance',
  parameters: { serviceName, name: serviceInstanceName, deploymentType: 'CURRENT_VERSION' },
  physicalResourceId: PhysicalResourceId.of(version),
};
const release = new AwsCustomResource(stack, 'StartDeployment', {
  onCreate: start,
  onUpdate: start,
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

const guard = new CancelOnRollback(stack, 'CancelWebProd', {
  deployment: ProtonDeployment.serviceInstance({ serviceName, serviceInstanceName }),
  trigger: version,
});
guard.protect(release);
