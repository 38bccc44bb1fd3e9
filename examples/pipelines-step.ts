// npx cdk synth --app "npx tsx examples/pipelines-step.ts"
import { App, Stack, Stage } from 'aws-cdk-lib';
import { PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { CancelDeploymentStep, EcsServiceDeployment } from '../lib/index';

/** CDK Pipelines: cancels stale deployments before a stage and before a wave, and a canary after a stage. */
export const app = new App();

const connectionArn = 'arn:aws:codeconnections:us-east-1:111122223333:connection/3a1b2c3d-0000-4000-8000-000000000000';
const stack = new Stack(app, 'Pipeline');
const pipeline = new CodePipeline(stack, 'Pipeline', {
  pipelineType: PipelineType.V2,
  synth: new ShellStep('Synth', {
    input: CodePipelineSource.connection('example/web', 'main', { connectionArn }),
    commands: ['npm ci', 'npx cdk synth'],
  }),
});

const cancel = (id: string, clusterName: string) =>
  new CancelDeploymentStep(id, {
    deployment: EcsServiceDeployment.fromServiceName({ clusterName, serviceName: 'web' }),
  });

pipeline.addStage(release('Test'), {
  pre: [cancel('CancelStaleRelease', 'test')],
  post: [cancel('CancelCanary', 'canary')],
});
pipeline
  .addWave('Production', {
    pre: [cancel('CancelEurope', 'europe'), cancel('CancelAmerica', 'america')],
  })
  .addStage(release('Europe'));

function release(name: string): Stage {
  const stage = new Stage(app, name);
  new Topic(new Stack(stage, 'Release'), 'Orders');
  return stage;
}
