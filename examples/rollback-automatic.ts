// npm start -- --scenario examples/rollback-automatic
import { App, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources';
import { CancelOnRollback, EcsServiceDeployment } from '../lib/index';

/** A guard: if the stack rolls back, the deployment that the stack has started is cancelled. */
export const app = new App();

const clusterName = 'prod';
const serviceName = 'web';
const version = '4.2.0';

const stack = new Stack(app, 'Release');

// Starts the deployment, and does not wait for it.
const start = {
  service: 'ecs',
  action: 'UpdateService',
  parameters: { cluster: clusterName, service: serviceName, forceNewDeployment: true },
  physicalResourceId: PhysicalResourceId.of(version),
};
const release = new AwsCustomResource(stack, 'StartDeployment', {
  onCreate: start,
  onUpdate: start,
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

const guard = new CancelOnRollback(stack, 'CancelWeb', {
  deployment: EcsServiceDeployment.fromServiceName({ clusterName, serviceName }),
  trigger: version,
});
guard.protect(release);
