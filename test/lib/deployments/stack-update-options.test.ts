import { App, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { parseDeployment } from '../../../lambda/parse';
import { DeploymentCancellation, OnRollbackFailed, StackUpdate, type StackUpdateOptions } from '../../../lib';
import { idsOf, policiesOf, synthesize } from '../../helpers/template';

const ARN = 'arn:aws:cloudformation:us-east-1:111122223333:stack';
const READS = ['cloudformation:DescribeStackEvents', 'cloudformation:DescribeStacks'];
const CONTINUE = { onRollbackFailed: OnRollbackFailed.CONTINUE };

/** The statements about CloudFormation in the role of the deployment function. */
function statementsFor(...options: readonly StackUpdateOptions[]) {
  const template = synthesize((stack) => {
    for (const [index, one] of options.entries()) {
      const deployment = StackUpdate.fromStackName(`web${index}`, one);
      new DeploymentCancellation(stack, `C${index}`, { deployment, output: false });
    }
  });
  const [roleId = ''] = idsOf(template, 'AWS::IAM::Role').filter((id) => /WorkflowDeploymentRole/.test(id));
  const statements = policiesOf(template, roleId).flatMap(({ Statement }) => Statement);
  return statements.filter((statement) => JSON.stringify(statement).includes('cloudformation:'));
}

const actions = (...names: readonly string[]) => [...names.map((name) => `cloudformation:${name}`), ...READS].sort();

test('without options the contract is as before', () => {
  const plain = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } };
  expect(StackUpdate.fromStackName('web', {})._toContract()).toEqual(plain);
  expect(StackUpdate.fromStack(new Stack(new App(), 'web'), {})._toContract()).toEqual(plain);
});

test.each<StackUpdateOptions>([
  CONTINUE,
  { ...CONTINUE, resourcesToSkip: ['Queue', 'Nested-1.Topic'] },
  { deleteOnCreate: true },
  { ...CONTINUE, deleteOnCreate: true },
])('the contract has the options, and the handlers read them: %j', (options) => {
  const deployment = StackUpdate.fromStackName('web', options)._toContract();
  expect(deployment.options).toEqual(options);
  const defaults = { onRollbackFailed: 'fail', resourcesToSkip: [], deleteOnCreate: false };
  expect(parseDeployment(deployment).options).toEqual({ ...defaults, ...options });
  // CloudFormation turns every scalar into a string.
  const strings = JSON.parse(JSON.stringify(deployment).replace(/:true/g, ':"true"'));
  expect(parseDeployment(strings).options).toEqual({ ...defaults, ...options });
  expect(StackUpdate._fromContract(deployment)._toContract()).toEqual(deployment);
});

test('the template has the options', () => {
  const template = synthesize((stack) => {
    const deployment = StackUpdate.fromStackName('web', { ...CONTINUE, resourcesToSkip: ['Queue'] });
    new DeploymentCancellation(stack, 'C', { deployment, output: false });
  });
  const [resource] = Object.values(template.findResources('Custom::DeploymentCancellation'));
  expect(resource?.Properties.deployment.options).toEqual({ onRollbackFailed: 'continue', resourcesToSkip: ['Queue'] });
});

describe('the permissions', () => {
  test.each<[string, StackUpdateOptions, string[]]>([
    ['no option', {}, ['CancelUpdateStack']],
    ['the defaults', { onRollbackFailed: OnRollbackFailed.FAIL, deleteOnCreate: false }, ['CancelUpdateStack']],
    ['continue', CONTINUE, ['CancelUpdateStack', 'ContinueUpdateRollback']],
    ['delete', { deleteOnCreate: true }, ['CancelUpdateStack', 'DeleteStack']],
    ['both', { ...CONTINUE, deleteOnCreate: true }, ['CancelUpdateStack', 'ContinueUpdateRollback', 'DeleteStack']],
  ])('with %s are no others', (_case, options, requests) => {
    const denied = requests.map((name) => `cloudformation:${name}`);
    expect(statementsFor(options)).toEqual([
      { Effect: 'Allow', Action: actions(...requests), Resource: `${ARN}/web0/*` },
      { Effect: 'Deny', Action: denied.length === 1 ? denied[0] : denied, Resource: `${ARN}/Stack/*` },
    ]);
  });

  test('of an option are only on the stack that has it', () => {
    const allowed = statementsFor({}, { deleteOnCreate: true }).filter(({ Effect }) => Effect === 'Allow');
    const deleting = allowed.filter((statement) => JSON.stringify(statement).includes('DeleteStack'));
    expect(deleting.map(({ Resource }) => Resource)).toEqual([`${ARN}/web1/*`]);
  });
});

describe('an option that is not valid is refused', () => {
  const bad = (options: object) => () => StackUpdate.fromStackName('web', options as StackUpdateOptions);

  test.each<[object, string]>([
    [{ onRollbackFailed: 'CONTINUE' }, 'onRollbackFailed must be one of fail, continue, not "CONTINUE"'],
    [{ deleteOnCreate: 'yes' }, 'deleteOnCreate must be true or false, not "yes"'],
    [{ ...CONTINUE, resourcesToSkip: 'Queue' }, 'resourcesToSkip must be a list, not "Queue"'],
    [{ ...CONTINUE, resourcesToSkip: ['*'] }, 'resourcesToSkip must be the logical ID of a resource'],
    [{ ...CONTINUE, resourcesToSkip: ['a.b.c'] }, 'resourcesToSkip must be the logical ID of a resource'],
    [{ ...CONTINUE, resourcesToSkip: [''] }, 'resourcesToSkip must have 1 to 255 characters, not 0'],
    [{ resourcesToSkip: ['Queue'] }, 'resourcesToSkip takes effect only with onRollbackFailed continue'],
  ])('%j', (options, message) => {
    expect(bad(options)).toThrow(
      expect.objectContaining({ name: 'InvalidConfigurationError', message: expect.stringContaining(message) }),
    );
    const deployment = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' }, options };
    expect(() => parseDeployment(deployment)).toThrow(expect.objectContaining({ name: 'InvalidRequestError' }));
  });

  test('unless it is a token, which the handlers check', () => {
    const token = Fn.importValue('Id');
    expect(bad({ ...CONTINUE, resourcesToSkip: [token] })).not.toThrow();
    expect(bad({ ...CONTINUE, resourcesToSkip: [Lazy.string({ produce: () => 'Queue' })] })).not.toThrow();
  });
});
