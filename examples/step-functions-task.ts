// npm start -- --scenario examples/step-functions-task
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { DefinitionBody, JsonPath, StateMachine, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { SnsPublish } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { CancelDeploymentTask, EcsServiceDeployment } from '../lib/index';

/** Step Functions: a state machine that cancels a deployment and notifies people of the result. */
export const app = new App();

const stack = new Stack(app, 'StopAndTell');
const topic = new Topic(stack, 'OnCall');
const tell = (id: string, message: string) =>
  new SnsPublish(stack, id, { topic, message: TaskInput.fromText(message) });

const cancel = new CancelDeploymentTask(stack, 'CancelWeb', {
  deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
  resultPath: '$.cancellation',
});
// The cause of a failed nested execution is JSON with the error and the cause of that execution.
cancel.addCatch(tell('TellFailure', JsonPath.format('not cancelled: {}', JsonPath.stringAt('$.error.Cause'))), {
  resultPath: '$.error',
});
new StateMachine(stack, 'StateMachine', {
  definitionBody: DefinitionBody.fromChainable(
    cancel.next(tell('TellResult', JsonPath.format('cancelled: {}', JsonPath.stringAt('$.cancellation.reason')))),
  ),
});
