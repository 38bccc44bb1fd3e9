// npm start -- --scenario examples/step-functions-fragment
import { Annotations, App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, StateMachine, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CancelDeploymentFragment, CancellationOutcome, ProtonDeployment } from '../lib/index';

/** Step Functions: a state machine that continues by the outcome of the cancellation. */
export const app = new App();

const stack = new Stack(app, 'StopAndGoOn');
// AWS no longer offers Proton, so this example is for the emulator.
Annotations.of(stack).acknowledgeWarning('cdk-deployment-cancellation:serviceEnded');
const topic = new Topic(stack, 'OnCall');
const cancel = new CancelDeploymentFragment(stack, 'CancelWebProd', {
  deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
});

// A part of it may be deployed: deploy the previous version.
cancel.after(CancellationOutcome.CANCELLED).next(
  new CallAwsService(stack, 'PutPreviousVersionBack', {
    service: 'proton',
    action: 'updateServiceInstance',
    parameters: { ServiceName: 'web', Name: 'web-prod', DeploymentType: 'MINOR_VERSION', TemplateMinorVersion: '7' },
    iamResources: [stack.formatArn({ service: 'proton', resource: 'service/web/service-instance/web-prod' })],
  }),
);
// It is live: notify a person.
cancel.after(CancellationOutcome.COMPLETED_FIRST).next(
  new SnsPublish(stack, 'TellOnCall', {
    topic,
    message: TaskInput.fromText('web-prod went live before it could be stopped'),
  }),
);

new StateMachine(stack, 'StateMachine', {
  definitionBody: DefinitionBody.fromChainable(cancel.next(new Succeed(stack, 'NothingToDo'))),
});
