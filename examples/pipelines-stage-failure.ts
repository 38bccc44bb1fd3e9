// npx cdk synth --app "npx tsx examples/pipelines-stage-failure.ts"
import { App, Stack, Stage } from 'aws-cdk-lib';
import { PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { CancelOnStageFailure, EcsServiceDeployment } from '../lib/index';

/** CDK Pipelines: the failure of a stage cancels the deployment that it has started. */
export const app = new App();

const connectionArn = 'arn:aws:codeconnections:us-east-1:111122223333:connection/3a1b2c3d-0000-4000-8000-000000000000';
const stack = new Stack(app, 'Pipeline');
const pipelines = new CodePipeline(stack, 'Pipeline', {
  pipelineType: PipelineType.V2,
  synth: new ShellStep('Synth', {
    input: CodePipelineSource.connection('example/web', 'main', { connectionArn }),
    commands: ['npm ci', 'npx cdk synth'],
  }),
});
const production = new Stage(app, 'Production');
new Topic(new Stack(production, 'Release'), 'Orders');
pipelines.addStage(production);

// Creates the stages; nothing can be added to the pipeline after it.
pipelines.buildPipeline();
new CancelOnStageFailure(stack, 'CancelWhenProductionFails', {
  pipeline: pipelines.pipeline,
  stageName: 'Production',
  deployment: EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
});
