// npm start -- --scenario examples/rollback-from-outside
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EcsServiceDeployment, StackRollbackRule } from '../lib/index';

/** The stack of a platform team cancels the deployment in flight when the stack of an application team rolls back. */
export const app = new App();

const application = new Stack(app, 'WebApplication');
new Topic(application, 'Orders');

const platform = new Stack(app, 'Platform');
new StackRollbackRule(platform, 'CancelWeb', {
  stackNames: [application.stackName],
  deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
});
