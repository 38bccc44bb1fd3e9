import { App, Stack } from 'aws-cdk-lib';
import { DeploymentCancellation, ProtonDeployment } from '../lib/index';

/** What `npm start` runs on the embedded cloud, and `cdk deploy` on AWS. */
const app = new App();

/** A name from the context, `-c name=value`. */
function context(name: string, fallback: string): string {
  const value: unknown = app.node.tryGetContext(name) ?? fallback;
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`context ${name} must be a text, not ${JSON.stringify(value)}: give it as -c ${name}=…`);
}

const serviceName = () => context('serviceName', 'web');
const serviceInstanceName = () => context('serviceInstanceName', 'web-prod');
const environmentName = () => context('environmentName', 'prod');
const componentName = () => context('componentName', 'bucket');

const DEPLOYMENTS: Readonly<Record<string, () => ProtonDeployment>> = {
  'service-instance': () =>
    ProtonDeployment.serviceInstance({
      serviceName: serviceName(),
      serviceInstanceName: serviceInstanceName(),
    }),
  'service-pipeline': () => ProtonDeployment.servicePipeline({ serviceName: serviceName() }),
  environment: () => ProtonDeployment.environment({ environmentName: environmentName() }),
  component: () => ProtonDeployment.component({ componentName: componentName() }),
};

const kind = context('kind', 'service-instance');
const deployment = Object.hasOwn(DEPLOYMENTS, kind) && DEPLOYMENTS[kind];
if (!deployment) throw new Error(`context kind must be one of ${Object.keys(DEPLOYMENTS).join(', ')}, not '${kind}'`);

const stack = new Stack(app, 'CancelDeployment', {
  description: `Cancels the deployment of an AWS Proton ${kind.replace('-', ' ')}`,
});
new DeploymentCancellation(stack, 'Cancellation', {
  deployment: deployment(),
  trigger: app.node.tryGetContext('trigger'),
});
