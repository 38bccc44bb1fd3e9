// npx cdk synth --app "npx tsx examples/codepipeline-stage-failure.ts"
import { App, Stack } from 'aws-cdk-lib';
import { Artifact, Pipeline, PipelineType, Result } from 'aws-cdk-lib/aws-codepipeline';
import { CloudFormationCreateUpdateStackAction, S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CancelOnStageFailure, EcsServiceDeployment } from '../lib/index';

/** CodePipeline: the failure of a stage cancels the deployment, and then rolls the stage back. */
export const app = new App();

const stack = new Stack(app, 'Pipeline');
const templates = new Artifact();
const pipeline = new Pipeline(stack, 'Pipeline', { pipelineType: PipelineType.V2 });
pipeline.addStage({
  stageName: 'Source',
  actions: [
    new S3SourceAction({
      actionName: 'Templates',
      bucket: new Bucket(stack, 'Templates', { versioned: true }),
      bucketKey: 'templates.zip',
      output: templates,
      trigger: S3Trigger.NONE,
    }),
  ],
});
pipeline.addStage({
  stageName: 'Release',
  actions: [
    new CloudFormationCreateUpdateStackAction({
      actionName: 'Release',
      stackName: 'WebProd',
      templatePath: templates.atPath('web.json'),
      adminPermissions: false,
    }),
  ],
});
new CancelOnStageFailure(stack, 'CancelWhenReleaseFails', {
  pipeline,
  stageName: 'Release',
  deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
  result: Result.ROLLBACK,
});
