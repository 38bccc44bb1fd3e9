// npm start -- --scenario examples/workflow-of-another-stack
import { App, CfnOutput, Fn, Stack } from 'aws-cdk-lib';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CancelDeploymentTask, CancellationWorkflow, EcsServiceDeployment } from '../lib/index';

/** A workflow that the stack of another team may start. It may cancel only the deployments of its own stack. */
export const app = new App();

const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
const exportName = 'cancellation-workflow';

const platform = new Stack(app, 'Platform');
const workflow = CancellationWorkflow.of(platform);
// Only its own stack can add permissions to a workflow.
new CfnOutput(platform, 'Input', { value: platform.toJsonString(workflow.inputFor(deployment)) });
new CfnOutput(platform, 'Workflow', { value: workflow.stateMachine.stateMachineArn, exportName });

const team = new Stack(app, 'Team');
team.node.addDependency(platform);
const theirs = CancellationWorkflow.fromStateMachineArn(team, 'Theirs', Fn.importValue(exportName));
new StateMachine(team, 'StateMachine', {
  definitionBody: DefinitionBody.fromChainable(
    new CancelDeploymentTask(team, 'CancelWeb', { deployment, workflow: theirs }),
  ),
});
