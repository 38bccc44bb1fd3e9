export { CancelDeploymentAction, type CancelDeploymentActionProps } from './constructs/cancel-deployment-action';
export { CancelDeploymentFragment, type CancelDeploymentFragmentProps } from './constructs/cancel-deployment-fragment';
export type { CancelDeploymentProps } from './constructs/cancel-deployment-props';
export { CancelDeploymentStep } from './constructs/cancel-deployment-step';
export { CancelDeploymentTarget, type CancelDeploymentTargetProps } from './constructs/cancel-deployment-target';
export { CancelDeploymentTask, type CancelDeploymentTaskProps } from './constructs/cancel-deployment-task';
export { CancelOnRollback, type CancelOnRollbackProps } from './constructs/cancel-on-rollback';
export { CancelOnStageFailure, type CancelOnStageFailureProps } from './constructs/cancel-on-stage-failure';
export { CancellationDashboard, type CancellationDashboardProps } from './constructs/cancellation-dashboard';
export type { IDeploymentAttributes } from './constructs/deployment-attributes';
export { DeploymentCancellation, type DeploymentCancellationProps } from './constructs/deployment-cancellation';
export { FleetCancellation, type FleetCancellationProps } from './constructs/fleet-cancellation';
export { StackRollbackRule, type StackRollbackRuleProps } from './constructs/stack-rollback-rule';
export { CancellationOutcome, OnNotFound, OnRollbackFailed } from './contract/outcome';
export { type AmplifyBranchProps, AmplifyJob, type AmplifyJobOptions } from './deployments/amplify/amplify-job';
export {
  AppConfigDeployment,
  type AppConfigDeploymentOptions,
  type AppConfigEnvironmentProps,
} from './deployments/appconfig/app-config-deployment';
export {
  AutoScalingInstanceRefresh,
  type AutoScalingInstanceRefreshOptions,
} from './deployments/autoscaling/auto-scaling-instance-refresh';
export {
  type AwsApiCall,
  AwsApiDeployment,
  type AwsApiDeploymentProps,
  type AwsApiRead,
  type AwsApiStatuses,
} from './deployments/awsapi/aws-api-deployment';
export { CancellableDeployment } from './deployments/cancellable-deployment';
export { CancellableFleet } from './deployments/cancellable-fleet';
export { StackFleet } from './deployments/cloudformation/stack-fleet';
export { StackSetOperation, type StackSetOperationOptions } from './deployments/cloudformation/stack-set-operation';
export { StackUpdate, type StackUpdateOptions } from './deployments/cloudformation/stack-update';
export { CodeBuildBuild, type CodeBuildBuildOptions } from './deployments/codebuild/codebuild-build';
export { CodeDeployDeployment, type CodeDeployDeploymentProps } from './deployments/codedeploy/codedeploy-deployment';
export {
  CodePipelineExecution,
  type CodePipelineExecutionOptions,
} from './deployments/codepipeline/codepipeline-execution';
export { CodePipelineFleet, type CodePipelineFleetOptions } from './deployments/codepipeline/codepipeline-fleet';
export { DeploymentFleet } from './deployments/deployment-fleet';
export { EcsFleet } from './deployments/ecs/ecs-fleet';
export { EcsServiceDeployment, type EcsServiceDeploymentProps } from './deployments/ecs/ecs-service-deployment';
export { ElasticBeanstalkEnvironmentUpdate } from './deployments/elasticbeanstalk/elastic-beanstalk-environment-update';
export { ImageBuilderImage } from './deployments/imagebuilder/image-builder-image';
export {
  type ProtonComponentProps,
  ProtonDeployment,
  type ProtonEnvironmentProps,
  type ProtonServiceInstanceProps,
  type ProtonServicePipelineProps,
} from './deployments/proton/proton-deployment';
export { ProtonFleet } from './deployments/proton/proton-fleet';
export {
  SageMakerPipelineExecution,
  type SageMakerPipelineExecutionOptions,
} from './deployments/sagemaker/sagemaker-pipeline-execution';
export { SsmAutomationExecution } from './deployments/ssm/ssm-automation-execution';
export type { CancellationAlarmOptions } from './workflow/cancellation-alarm-options';
export type { CancellationOptions } from './workflow/cancellation-options';
export { CancellationWorkflow } from './workflow/cancellation-workflow';
export type { CancellationWorkflowOptions } from './workflow/cancellation-workflow-options';
export type { FleetCancellationOptions } from './workflow/fleet-cancellation-options';
export { FleetWorkflow } from './workflow/fleet-workflow';
export type { ICancellationWorkflow } from './workflow/i-cancellation-workflow';
