import * as library from '../../lib/index';

test('the package exports the public classes and enums, and nothing internal', () => {
  expect(Object.keys(library).sort()).toEqual([
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
    'CodeDeployDeployment',
    'CodePipelineExecution',
    'CodePipelineFleet',
    'DeploymentCancellation',
    'DeploymentFleet',
    'EcsFleet',
    'EcsServiceDeployment',
    'FleetCancellation',
    'FleetWorkflow',
    'OnNotFound',
    'ProtonDeployment',
    'ProtonFleet',
    'StackRollbackRule',
    'StackUpdate',
  ]);
});
