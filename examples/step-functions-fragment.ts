// npm start -- --scenario examples/step-functions-fragment
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, StateMachine, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CancelDeploymentFragment, CancellationOutcome, EcsServiceDeployment } from '../lib/index';

/** Step Functions: a state machine that continues by the outcome of the cancellation. */
export const app = new App();

const stack = new Stack(app, 'StopAndGoOn');
const topic = new Topic(stack, 'OnCall');
const cancel = new CancelDeploymentFragment(stack, 'CancelWeb', {
  deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
});

// It is live: deploy the previous version.
cancel.after(CancellationOutcome.COMPLETED_FIRST).next(
  new CallAwsService(stack, 'PutPreviousVersionBack', {
    service: 'ecs',
    action: 'updateService',
    parameters: { Cluster: 'prod', Service: 'web', TaskDefinition: 'web:7' },
    iamResources: [stack.formatArn({ service: 'ecs', resource: 'service', resourceName: 'prod/web' })],
  }),
);
// Amazon ECS has rolled it back: notify a person.
cancel.after(CancellationOutcome.CANCELLED).next(
  new SnsPublish(stack, 'TellOnCall', {
    topic,
    message: TaskInput.fromText('the deployment of web was stopped and rolled back'),
  }),
);

new StateMachine(stack, 'StateMachine', {
  definitionBody: DefinitionBody.fromChainable(cancel.next(new Succeed(stack, 'NothingToDo'))),
});
