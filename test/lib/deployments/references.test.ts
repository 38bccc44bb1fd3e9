import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { CfnPipeline, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { BaseService, CfnService, Cluster, ExternalService, FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type CancellableDeployment,
  CodeDeployDeployment,
  CodePipelineExecution,
  EcsServiceDeployment,
} from '../../../lib';

const ARN = 'arn:aws:ecs:us-east-1:111122223333:service';
/** The ARN of `Web` in a template. Older versions of the CDK do not write it as a plain `Ref`. */
const WEB_ARN: unknown = (() => {
  const stack = new Stack();
  return stack.resolve(new CfnService(stack, 'Web', {}).serviceRef.serviceArn);
})();

test.each<[string, (stack: Stack) => CancellableDeployment, unknown]>([
  [
    'a service that is imported by its ARN',
    (stack) => EcsServiceDeployment.fromService(FargateService.fromFargateServiceArn(stack, 'Web', `${ARN}/prod/web`)),
    { clusterName: 'prod', serviceName: 'web' },
  ],
  [
    'a service that is imported by an ARN with its cluster',
    (stack) => EcsServiceDeployment.fromService(BaseService.fromServiceArnWithCluster(stack, 'Web', `${ARN}/prod/web`)),
    { clusterName: 'prod', serviceName: 'web' },
  ],
  [
    'a service that is imported by its attributes',
    (stack) => {
      const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', {
        clusterName: 'prod',
        vpc: new Vpc(stack, 'Vpc'),
      });
      return EcsServiceDeployment.fromService(
        ExternalService.fromExternalServiceAttributes(stack, 'Web', { cluster, serviceName: 'web' }),
      );
    },
    { clusterName: 'prod', serviceName: 'web' },
  ],
  [
    'a service of CloudFormation',
    (stack) => EcsServiceDeployment.fromService(new CfnService(stack, 'Web', {})),
    {
      clusterName: { 'Fn::Select': [1, { 'Fn::Split': ['/', WEB_ARN] }] },
      serviceName: { 'Fn::Select': [2, { 'Fn::Split': ['/', WEB_ARN] }] },
    },
  ],
  [
    'a pipeline that is imported by its ARN',
    (stack) =>
      CodePipelineExecution.fromPipeline(
        Pipeline.fromPipelineArn(stack, 'Imported', 'arn:aws:codepipeline:us-east-1:111122223333:release'),
      ),
    { pipelineName: 'release' },
  ],
  [
    'a pipeline of CloudFormation',
    (stack) => CodePipelineExecution.fromPipeline(new CfnPipeline(stack, 'Release', { roleArn: 'r', stages: [] })),
    { pipelineName: { Ref: 'Release' } },
  ],
  [
    'a deployment group of CloudFormation',
    (stack) =>
      CodeDeployDeployment.fromDeploymentGroup(
        new CfnDeploymentGroup(stack, 'Group', { applicationName: 'shop', serviceRoleArn: 'r' }),
      ),
    { applicationName: 'shop', deploymentGroupName: { Ref: 'Group' } },
  ],
])('%s names its deployment', (_what, create, identifiers) => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  const deployment = create(stack);
  expect(stack.resolve(deployment._toContract().identifiers)).toEqual(identifiers);
  expect(() => deployment.policyStatements(stack)).not.toThrow();
});

test('a service whose ARN does not contain its cluster is rejected', () => {
  const service = FargateService.fromFargateServiceArn(new NestedStack(new Stack(), 'Nested'), 'Web', `${ARN}/web`);
  expect(() => EcsServiceDeployment.fromService(service)).toThrow(
    `service must have an ARN that contains its cluster, not '${ARN}/web': use fromServiceName`,
  );
});
