import { App, Duration, Stack } from 'aws-cdk-lib';
import { simulate } from '../../../emulator/testing/index';
import { DEPLOYMENT_KINDS } from '../../../lib/deployments/kinds';
import {
  AmplifyJob,
  AppConfigDeployment,
  AutoScalingInstanceRefresh,
  type CancellableDeployment,
  CodeBuildBuild,
  CodeDeployDeployment,
  CodePipelineExecution,
  DeploymentCancellation,
  EcsServiceDeployment,
  ElasticBeanstalkEnvironmentUpdate,
  ImageBuilderImage,
  ProtonDeployment,
  SageMakerPipelineExecution,
  SsmAutomationExecution,
  StackSetOperation,
  StackUpdate,
} from '../../../lib/index';

const ECS = EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: 'checkout' });

describe('a rehearsal', () => {
  test('is of every kind of deployment that there is', async () => {
    const deployments: [CancellableDeployment, string, string][] = [
      [
        ProtonDeployment.serviceInstance({ serviceName: 'a', serviceInstanceName: 'b' }),
        'service/a/service-instance/b',
        'CANCELLED',
      ],
      [ProtonDeployment.servicePipeline({ serviceName: 'a' }), 'service/a/pipeline', 'CANCELLED'],
      [ProtonDeployment.environment({ environmentName: 'c' }), 'environment/c', 'CANCELLED'],
      [ProtonDeployment.component({ componentName: 'd' }), 'component/d', 'CANCELLED'],
      [ECS, 'shop/checkout', 'ROLLBACK_SUCCESSFUL'],
      [
        EcsServiceDeployment.fromServiceName({ clusterName: 'shop', serviceName: 'cart' }),
        'shop/cart',
        'ROLLBACK_SUCCESSFUL',
      ],
      [StackUpdate.fromStackName('theirs'), 'theirs', 'UPDATE_ROLLBACK_COMPLETE'],
      [
        CodeDeployDeployment.fromDeploymentGroupName({ applicationName: 'e', deploymentGroupName: 'f' }),
        'e/f',
        'Stopped',
      ],
      [CodePipelineExecution.fromPipelineName('g'), 'g', 'Stopped'],
      [AutoScalingInstanceRefresh.fromAutoScalingGroupName('h'), 'h', 'RollbackSuccessful'],
      [
        AppConfigDeployment.fromEnvironmentId({ applicationId: 'appl123', environmentId: 'envi123' }),
        'appl123/envi123',
        'ROLLED_BACK',
      ],
      [CodeBuildBuild.fromProjectName('project'), 'project', 'STOPPED'],
      [SsmAutomationExecution.fromDocumentName('runbook'), 'runbook', 'Cancelled'],
      [StackSetOperation.fromStackSetName('set'), 'set', 'STOPPED'],
      [AmplifyJob.fromBranchName({ appId: 'd123', branchName: 'a/b' }), 'd123/a/b', 'CANCELLED'],
      [SageMakerPipelineExecution.fromPipelineName('model'), 'model', 'Stopped'],
      [ElasticBeanstalkEnvironmentUpdate.fromEnvironmentName('web-env'), 'web-env', 'Aborted'],
      [ImageBuilderImage.fromImagePipelineName('base'), 'base', 'CANCELLED'],
    ];
    const stack = new Stack(new App(), 'All');
    deployments.forEach(([deployment], index) => {
      new DeploymentCancellation(stack, `Cancel${index}`, { deployment });
    });
    const { stackStatus, cancellations, statuses } = await simulate(stack);
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(new Set(cancellations.map(({ kind }) => kind))).toEqual(new Set(DEPLOYMENT_KINDS));
    expect(cancellations.map(({ outcome }) => outcome)).toEqual(deployments.map(() => 'CANCELLED'));
    for (const [, resource, status] of deployments) {
      expect(statuses).toContainEqual(expect.objectContaining({ resource, status }));
    }
  });

  test('takes no real time, however long it takes', async () => {
    const stack = new Stack(new App(), 'Patient');
    new DeploymentCancellation(stack, 'Cancel', { deployment: ECS, timeout: Duration.minutes(45) });
    const { elapsedSeconds, cancellations, stackStatus } = await simulate(stack, { scenario: 'timeout' });
    expect(stackStatus).toBe('ROLLBACK_COMPLETE');
    expect(elapsedSeconds).toBeGreaterThanOrEqual(45 * 60);
    expect(cancellations).toEqual([
      expect.objectContaining({
        outcome: 'TIMED_OUT',
        deploymentStatus: 'ROLLBACK_REQUESTED',
        endedAtSeconds: 45 * 60,
      }),
    ]);
  });
});
