import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { evaluate, type PolicyDocument } from '../../../emulator/aws/iam';
import { CodePipelineExecution, DeploymentCancellation } from '../../../lib';
import { permissionsOf, policiesOf, synthesize } from '../../helpers/template';

const ENV = { account: '111122223333', region: 'us-east-1' };
const ARN = 'arn:aws:codepipeline:us-east-1:111122223333';
const ID = '0a1b2c3d-1111-4222-8333-444455556666';
const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const RELEASE = CodePipelineExecution.fromPipelineName('release');
const template = (deployment: CodePipelineExecution) =>
  synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });

test('has a contract with its names and options, and a display name', () => {
  expect(RELEASE._toContract()).toEqual({
    kind: 'codepipeline-execution',
    identifiers: { pipelineName: 'release' },
    options: { abandon: false },
  });
  expect(RELEASE.displayName).toBe('pipeline release');
  const one = CodePipelineExecution.fromPipelineName('release', { executionId: ID, abandon: true });
  expect(one._toContract()).toEqual({
    kind: 'codepipeline-execution',
    identifiers: { pipelineName: 'release', executionId: ID },
    options: { abandon: true },
  });
  expect(one.displayName).toBe(`execution ${ID} of pipeline release`);
});

test('an option of another type is rejected, as from JavaScript', () => {
  const options = JSON.parse('{"abandon":"yes"}');
  expect(() => CodePipelineExecution.fromPipelineName('release', options)).toThrow(
    'abandon must be true or false, not "yes"',
  );
});

test('has a contract with the time after which it is abandoned', () => {
  const later = CodePipelineExecution.fromPipelineName('release', { abandonAfter: Duration.minutes(5) });
  expect(later._toContract().options).toEqual({ abandon: false, abandonAfterSeconds: 300 });
  expect(CodePipelineExecution._fromContract(later._toContract())._toContract()).toEqual(later._toContract());
});

test.each([
  [{ abandonAfter: Duration.seconds(0) }, 'abandonAfter must be a literal duration of whole seconds from 1 second'],
  [{ abandonAfter: Duration.millis(1500) }, 'abandonAfter must be a literal duration of whole seconds from 1 second'],
  [{ abandonAfter: Duration.days(2) }, 'abandonAfter must be a literal duration of whole seconds from 1 second'],
  [{ abandonAfter: '5m' as never }, "not '5m': use Duration"],
  [{ abandonAfter: Duration.minutes(5), abandon: true }, 'abandonAfter takes effect only without abandon'],
])('the way to stop %j is rejected', (options, problem) => {
  expect(() => CodePipelineExecution.fromPipelineName('release', options)).toThrow(problem);
});

test('a time that is not less than the timeout is rejected, and the cancellation is named', () => {
  const deployment = CodePipelineExecution.fromPipelineName('release', { abandonAfter: Duration.minutes(30) });
  expect(() => template(deployment)).toThrow(
    /^abandonAfter must be less than the timeout, 1800 seconds, not 1800 seconds \(at \w+\/Cancellation\)$/,
  );
});

test.each(['a', 'A.b@c-d_9', 'x'.repeat(100)])('a pipeline may have the name %s', (pipelineName) => {
  expect(() => CodePipelineExecution.fromPipelineName(pipelineName)).not.toThrow();
});

test.each([
  ['', 'must have 1 to 100 characters, not 0'],
  ['x'.repeat(101), 'must have 1 to 100 characters, not 101'],
  ['rel*', "must be a name that holds only letters, digits and . @ - _, not 'rel*'"],
  [`${ARN}:release`, `must be a name that holds only letters, digits and . @ - _, not '${ARN}:release'`],
])('a pipeline with the name %j is rejected', (pipelineName, problem) => {
  expect(() => CodePipelineExecution.fromPipelineName(pipelineName)).toThrow(
    expect.objectContaining({ name: 'InvalidConfigurationError', message: `pipelineName ${problem}` }),
  );
});

test('an invalid ID is rejected, and a token is accepted', () => {
  expect(() => CodePipelineExecution.fromPipelineName('release', { executionId: 'latest' })).toThrow(
    "executionId must be the ID of an execution, a UUID in lowercase, not 'latest'",
  );
  const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Id');
  expect(() => CodePipelineExecution.fromPipelineName(valueAsString, { executionId: valueAsString })).not.toThrow();
});

test('a pipeline of the CDK is addressed by its name, and rejected in another region', () => {
  const stack = new Stack(new App(), 'Stack', { env: ENV });
  const imported = (region: string, id: string) =>
    Pipeline.fromPipelineArn(stack, id, `arn:aws:codepipeline:${region}:111122223333:release`);
  const deployment = CodePipelineExecution.fromPipeline(imported('us-east-1', 'Near'));
  expect(deployment._toContract()).toEqual(RELEASE._toContract());
  const far = CodePipelineExecution.fromPipeline(imported('eu-west-1', 'Far'));
  expect(() => new DeploymentCancellation(stack, 'Cancellation', { deployment: far })).toThrow(
    /^the region of pipeline release is eu-west-1, and that of the stack is us-east-1/,
  );
});

test('the deployment function may stop and read executions of this pipeline', () => {
  const permissions = permissionsOf(template(RELEASE), DEPLOYMENT_ROLE).filter((one) => one.includes('codepipeline'));
  expect(permissions).toEqual([
    `codepipeline:GetPipelineExecution on ${ARN}:release`,
    `codepipeline:ListPipelineExecutions on ${ARN}:release`,
    `codepipeline:StopPipelineExecution on ${ARN}:release`,
  ]);
});

test.each([
  ['codepipeline:StopPipelineExecution', 'release2'],
  ['codepipeline:StartPipelineExecution', 'release'],
  ['codepipeline:RetryStageExecution', 'release/Deploy'],
  ['codepipeline:PutApprovalResult', 'release/Deploy/Approve'],
  ['codepipeline:GetPipeline', 'release'],
])('it may not %s on %s', (action, path) => {
  const policies: PolicyDocument[] = policiesOf(template(RELEASE), DEPLOYMENT_ROLE);
  expect(evaluate(policies, { action, resource: `${ARN}:${path}` })).toBe('denied');
});
