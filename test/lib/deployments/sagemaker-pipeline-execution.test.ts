import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnPipeline } from 'aws-cdk-lib/aws-sagemaker';
import { DeploymentCancellation, SageMakerPipelineExecution } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const ARN = 'arn:aws:sagemaker:us-east-1:111122223333:pipeline';
const ID = 'abcdefghij01';

const permissions = (deployment: SageMakerPipelineExecution) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('sagemaker:'));
};

test('the executions of this pipeline may be read and stopped, in both ways to write its ARN', () => {
  expect(permissions(SageMakerPipelineExecution.fromPipelineName('train'))).toEqual([
    `sagemaker:DescribePipelineExecution on ${ARN}/train/execution/*`,
    `sagemaker:ListPipelineExecutions on ${ARN}/train`,
    `sagemaker:StopPipelineExecution on ${ARN}/train/execution/*`,
  ]);
  expect(permissions(SageMakerPipelineExecution.fromPipelineName('Train', { executionId: ID }))).toEqual([
    `sagemaker:DescribePipelineExecution on ${ARN}/Train/execution/${ID}`,
    `sagemaker:DescribePipelineExecution on ${ARN}/train/execution/${ID}`,
    `sagemaker:StopPipelineExecution on ${ARN}/Train/execution/${ID}`,
    `sagemaker:StopPipelineExecution on ${ARN}/train/execution/${ID}`,
  ]);
});

test('a pipeline of the CDK is addressed by its name', () => {
  const stack = new Stack(new App(), 'Stack');
  const pipeline = new CfnPipeline(stack, 'Pipeline', { pipelineDefinition: {}, pipelineName: 'train', roleArn: 'r' });
  const deployment = SageMakerPipelineExecution.fromPipeline(pipeline, { executionId: ID });
  expect(stack.resolve(deployment._toContract())).toEqual({
    kind: 'sagemaker-pipeline-execution',
    identifiers: { pipelineName: { Ref: 'Pipeline' }, executionId: ID },
  });
});

test('a name that is a token is allowed as it is', () => {
  const stack = new Stack(new App(), 'Stack');
  const { valueAsString } = new CfnParameter(stack, 'Name');
  const [statement] = SageMakerPipelineExecution.fromPipelineName(valueAsString).policyStatements(stack);
  expect(statement?.resources).toHaveLength(1);
});

test('an execution has its ID in its name', () => {
  const { displayName } = SageMakerPipelineExecution.fromPipelineName('train', { executionId: ID });
  expect(displayName).toBe(`execution ${ID} of sagemaker pipeline train`);
});

test('what is no pipeline, name or ID is rejected', () => {
  expect(() => SageMakerPipelineExecution.fromPipeline(JSON.parse('"train"'))).toThrow(
    "pipeline must be a CfnPipeline of aws-sagemaker, not 'train': use fromPipelineName for a name",
  );
  for (const name of ['', '-a', 'a-', 'a_b', 'a*', 'x'.repeat(257)]) {
    expect(() => SageMakerPipelineExecution.fromPipelineName(name)).toThrow(/^pipelineName must /);
  }
  for (const executionId of ['', '*', 'a/b', `${ARN}/train/execution/${ID}`]) {
    expect(() => SageMakerPipelineExecution.fromPipelineName('train', { executionId })).toThrow(/^executionId must /);
  }
});
