import * as library from '../../lib/index';

test('the package exports the public classes and enums, and nothing internal', () => {
  expect(Object.keys(library).sort()).toEqual([
    'AppConfigDeployment',
    'AutoScalingInstanceRefresh',
    'CancelDeploymentAction',
    'CancelDeploymentFragment',
    'CancelDeploymentStep',
    'CancelDeploymentTarget',
    'CancelDeploymentTask',
    'CancelOnRollback',
    'CancelOnStageFailure',
    'CancellableDeployment',
    'CancellableFleet',
    'CancellationDashboard',
    'CancellationOutcome',
    'CancellationWorkflow',
    'CodeBuildBuild',
    'CodeDeployDeployment',
    'CodePipelineExecution',
    'DeploymentCancellation',
    'DeploymentFleet',
    'EcsServiceDeployment',
    'FleetCancellation',
    'FleetWorkflow',
    'OnNotFound',
    'ProtonDeployment',
    'ProtonFleet',
    'SsmAutomationExecution',
    'StackRollbackRule',
    'StackUpdate',
  ]);
});
