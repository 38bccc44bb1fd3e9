// npm start -- --scenario examples/fleet
import { App, Duration, Stack } from 'aws-cdk-lib';
import {
  CancellationOutcome,
  CodeDeployDeployment,
  CodePipelineFleet,
  DeploymentFleet,
  EcsFleet,
  FleetCancellation,
  StackFleet,
  StackUpdate,
} from '../lib/index';

/** Fleets: the deployments of a cluster, the executions of a pipeline, the updates of the stacks with a tag, and a list. Each has a summary as a stack output. */
export const app = new App();

const stack = new Stack(app, 'StopEverything');
new FleetCancellation(stack, 'CancelCluster', {
  fleet: EcsFleet.fromClusterName('prod'),
  timeout: Duration.minutes(20),
  failOn: [CancellationOutcome.CANCEL_FAILED],
  trigger: '2026-11-24, the release that drops the index',
});
new FleetCancellation(stack, 'CancelPipeline', {
  fleet: CodePipelineFleet.fromPipelineName('release'),
  maxConcurrency: 100,
});
new FleetCancellation(stack, 'CancelTeam', { fleet: StackFleet.fromTag('team', 'reports') });
new FleetCancellation(stack, 'CancelSome', {
  fleet: DeploymentFleet.fromDeployments([
    CodeDeployDeployment.fromDeploymentGroupName({ applicationName: 'shop', deploymentGroupName: 'web' }),
    StackUpdate.fromStackName('web-prod'),
  ]),
});
