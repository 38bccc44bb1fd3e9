// npm start -- --scenario examples/step-functions-fragment
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, StateMachine, Succeed, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService, SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CancelDeploymentFragment, CancellationOutcome, ProtonDeployment } from '../lib/index';

/** Step Functions: a machine that goes on by how the cancellation ended. */
export const app = new App();

const stack = new Stack(app, 'StopAndGoOn');
const topic = new Topic(stack, 'OnCall');
const cancel = new CancelDeploymentFragment(stack, 'CancelWebProd', {
  deployment: ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' }),
});

// Half of it may be deployed: put the previous version back.
cancel.after(CancellationOutcome.CANCELLED).next(
  new CallAwsService(stack, 'PutPreviousVersionBack', {
    service: 'proton',
    action: 'updateServiceInstance',
    parameters: { ServiceName: 'web', Name: 'web-prod', DeploymentType: 'MINOR_VERSION', TemplateMinorVersion: '7' },
    iamResources: [stack.formatArn({ service: 'proton', resource: 'service/web/service-instance/web-prod' })],
  }),
);
// It is live: a person has to decide.
cancel.after(CancellationOutcome.COMPLETED_FIRST).next(
  new SnsPublish(stack, 'TellOnCall', {
    topic,
    message: TaskInput.fromText('web-prod went live before it could be stopped'),
  }),
);

new StateMachine(stack, 'StateMachine', {
  definitionBody: DefinitionBody.fromChainable(cancel.next(new Succeed(stack, 'NothingToDo'))),
});
