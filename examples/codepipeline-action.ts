// npx cdk synth --app "npx tsx examples/codepipeline-action.ts"
import { App, Stack } from 'aws-cdk-lib';
import { Artifact, Pipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { ManualApprovalAction, S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CancelDeploymentAction, EcsServiceDeployment } from '../lib/index';

/** CodePipeline: a pipeline that cancels a deployment after a manual approval. */
export const app = new App();

const stack = new Stack(app, 'EmergencyStop');
const source = new S3SourceAction({
  actionName: 'Request',
  bucket: new Bucket(stack, 'Requests', { versioned: true }),
  bucketKey: 'stop.zip',
  output: new Artifact(),
  trigger: S3Trigger.NONE,
});
new Pipeline(stack, 'Pipeline', {
  pipelineType: PipelineType.V2,
  stages: [
    { stageName: 'Request', actions: [source] },
    {
      stageName: 'Stop',
      actions: [
        new ManualApprovalAction({ actionName: 'Approve', runOrder: 1 }),
        new CancelDeploymentAction({
          actionName: 'CancelWeb',
          runOrder: 2,
          deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
          output: new Artifact('HowItEnded'),
        }),
      ],
    },
  ],
});
