import { App, Aws, CfnParameter, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { evaluate, type PolicyDocument } from '../../../emulator/aws/iam';
import {
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  ProtonDeployment,
  StackUpdate,
} from '../../../lib';
import { idsOf, policiesOf, resolved, synthesize } from '../../helpers/template';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const ARN = 'arn:aws:cloudformation:us-east-1:111122223333:stack';

const stackIn = (app: App, id: string, env?: { account?: string; region?: string }) => new Stack(app, id, { env });

/** The statements of the role of the deployment function. */
function deploymentPolicy(template: Template): PolicyDocument[] {
  const [roleId = ''] = idsOf(template, 'AWS::IAM::Role').filter((id) => /WorkflowDeploymentRole/.test(id));
  return policiesOf(template, roleId);
}

test('has a contract with its kind and name', () => {
  const update = StackUpdate.fromStackName('web');
  expect(update._toContract()).toEqual({ kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' } });
  expect(update.displayName).toBe('stack web');
});

test('a stack of the CDK is addressed by its name', () => {
  const app = new App();
  const { displayName } = StackUpdate.fromStack(new Stack(app, 'Web', { stackName: 'web-prod' }));
  expect(displayName).toBe('stack web-prod');
});

describe('the name of a stack', () => {
  test.each(['a', 'Web-1-', 'x'.repeat(128)])('%s is a name', (stackName) => {
    expect(() => StackUpdate.fromStackName(stackName)).not.toThrow();
  });

  const rule = "must start with a letter and hold only letters, digits and '-', not";
  test.each([
    ['', 'must have 1 to 128 characters, not 0'],
    ['x'.repeat(129), 'must have 1 to 128 characters, not 129'],
    ['1web', `${rule} '1web'`],
    ['-web', `${rule} '-web'`],
    ['web_prod', `${rule} 'web_prod'`],
    ['web*', `${rule} 'web*'`],
    ['web/*', `${rule} 'web/*'`],
    ['web\n', `${rule} 'web\n'`],
    ['arn:aws:cloudformation:us-east-1:111122223333:stack/web/0aa1', `${rule} 'arn:aws:cloudformation:`],
  ])('%j is rejected with the reason', (stackName, problem) => {
    expect(() => StackUpdate.fromStackName(stackName)).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: expect.stringContaining(`stackName ${problem}`),
      }),
    );
  });

  test('may be a token', () => {
    const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Name');
    expect(() => StackUpdate.fromStackName(valueAsString)).not.toThrow();
  });
});

describe('the role of the deployment function', () => {
  const template = () =>
    synthesize((stack) => new DeploymentCancellation(stack, 'C', { deployment: StackUpdate.fromStackName('web') }));

  test('may cancel and read the stack with that name, but never cancel its own stack', () => {
    const statements = deploymentPolicy(template()).flatMap(({ Statement }) => Statement);
    expect(statements.filter((statement) => !JSON.stringify(statement).includes('logs:'))).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'cloudformation:CancelUpdateStack',
          'cloudformation:DescribeStackEvents',
          'cloudformation:DescribeStacks',
        ],
        Resource: `${ARN}/web/*`,
      },
      { Effect: 'Deny', Action: 'cloudformation:CancelUpdateStack', Resource: `${ARN}/Stack/*` },
    ]);
  });

  test.each([
    ['allowed', 'CancelUpdateStack', 'web/1'],
    ['allowed', 'DescribeStacks', 'web/1'],
    ['allowed', 'DescribeStackEvents', 'web/1'],
    ['denied', 'CancelUpdateStack', 'web-2/1'],
    ['denied', 'DescribeStacks', 'web-2/1'],
    ['denied', 'CancelUpdateStack', 'Stack/0aa1'],
    ['denied', 'DeleteStack', 'web/1'],
    ['denied', 'UpdateStack', 'web/1'],
    ['denied', 'ContinueUpdateRollback', 'web/1'],
    ['denied', 'GetTemplate', 'web/1'],
  ])('%s: %s of %s', (effect, action, name) => {
    const request = { action: `cloudformation:${action}`, resource: `${ARN}/${name}` };
    expect(evaluate(deploymentPolicy(template()), request)).toBe(effect);
  });

  test('may do so in the partition, region and account of its own stack', () => {
    const stack = new Stack(new App(), 'Stack', { env: ENV });
    const [allowed] = StackUpdate.fromStackName('web').policyStatements(stack);
    expect(stack.resolve(allowed?.toStatementJson()).Resource).toEqual({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudformation:eu-west-1:111122223333:stack/web/*']],
    });
  });

  test('has one statement for several stacks, beside the statements of other kinds', () => {
    const many = synthesize((stack) => {
      new FleetCancellation(stack, 'Fleet', {
        fleet: DeploymentFleet.fromDeployments([
          StackUpdate.fromStackName('web'),
          StackUpdate.fromStackName('api'),
          ProtonDeployment.environment({ environmentName: 'prod' }),
        ]),
      });
    });
    const statements = deploymentPolicy(many).flatMap(({ Statement }) => Statement);
    expect(statements.filter(({ Effect }) => Effect === 'Deny')).toHaveLength(1);
    expect(JSON.stringify(statements)).toContain('proton:CancelEnvironmentDeployment');
    for (const name of ['web', 'api']) {
      const request = { action: 'cloudformation:CancelUpdateStack', resource: `${ARN}/${name}/1` };
      expect(evaluate(deploymentPolicy(many), request)).toBe('allowed');
    }
  });
});

describe('a stack cannot cancel itself', () => {
  const own =
    'a stack cannot cancel its own update: it would wait for itself; declare the cancellation in another stack';
  const cancel = (stack: Stack, deployment: StackUpdate) =>
    new DeploymentCancellation(stack, 'C', { deployment, output: false });

  test.each<[string, (stack: Stack) => StackUpdate]>([
    ['as an object', (stack) => StackUpdate.fromStack(stack)],
    ['by its name', () => StackUpdate.fromStackName('Own')],
    ['by its name as a token', () => StackUpdate.fromStackName(Aws.STACK_NAME)],
  ])('%s', (_how, update) => {
    const stack = new Stack(new App(), 'Own');
    expect(() => cancel(stack, update(stack))).toThrow(
      expect.objectContaining({ name: 'InvalidConfigurationError', message: expect.stringContaining(own) }),
    );
  });

  test('if the name is only known at deployment, the role denies it', () => {
    const template = synthesize((stack) => {
      cancel(stack, StackUpdate.fromStackName(Fn.select(1, Fn.split('/', Aws.STACK_ID))));
    });
    const request = { action: 'cloudformation:CancelUpdateStack', resource: `${ARN}/Stack/0aa1` };
    expect(evaluate(deploymentPolicy(template), request)).toBe('denied');
  });

  test('nor a stack that it is nested in, at any depth', () => {
    const root = new Stack(new App(), 'Root');
    const inner = new NestedStack(new NestedStack(root, 'Middle'), 'Inner');
    const parents = 'a stack cannot cancel the update of Root, in which it is nested';
    expect(() => StackUpdate.fromStack(root).policyStatements(inner)).toThrow(parents);
    expect(() => StackUpdate.fromStackName('Root').policyStatements(inner)).toThrow(parents);
    expect(() => StackUpdate.fromStackName(Aws.STACK_NAME).policyStatements(inner)).toThrow(own);
  });

  test('the role of a nested stack denies the outermost stack as well', () => {
    const root = new Stack(new App(), 'Root');
    const inner = new NestedStack(new NestedStack(root, 'Middle'), 'Inner');
    cancel(inner, StackUpdate.fromStackName('web'));
    const denied = deploymentPolicy(Template.fromStack(inner))
      .flatMap(({ Statement }) => Statement)
      .filter(({ Effect }) => Effect === 'Deny')
      .map(({ Resource }) => resolved(Resource));
    expect(denied).toEqual([[`${ARN}/Stack/*`, `${ARN}/Root/*`]]);
  });

  test('not even in a fleet', () => {
    const stack = new Stack(new App(), 'Own');
    const fleet = DeploymentFleet.fromDeployments([StackUpdate.fromStackName('web'), StackUpdate.fromStack(stack)]);
    expect(() => new FleetCancellation(stack, 'Fleet', { fleet })).toThrow(own);
  });
});

test('a nested stack is rejected, with the stack to use instead', () => {
  const nested = new NestedStack(new NestedStack(new Stack(new App(), 'Root'), 'Middle'), 'Inner');
  expect(() => StackUpdate.fromStack(nested)).toThrow(
    'a nested stack cannot be cancelled by itself: use the stack that it is nested in, Root (at Root/Middle/Inner)',
  );
});

describe('a stack of the CDK', () => {
  test.each([
    [{ ...ENV, region: 'us-east-1' }, 'us-east-1, and that of the stack is eu-west-1'],
    [{ ...ENV, account: '999999999999' }, '999999999999, and that of the stack is 111122223333'],
  ])('in %j is rejected if the stack that cancels is elsewhere', (env, message) => {
    const app = new App();
    const update = StackUpdate.fromStack(stackIn(app, 'Web', env));
    expect(() => update.policyStatements(stackIn(app, 'Own', ENV))).toThrow(
      expect.objectContaining({ name: 'InvalidConfigurationError', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    ['is in the same place', ENV, ENV],
    ['is in a place that is known when it is deployed only', undefined, undefined],
    ['may be in the same place', ENV, undefined],
  ])('that %s is accepted', (_what, its, own) => {
    const app = new App();
    const update = StackUpdate.fromStack(stackIn(app, 'Web', its));
    expect(() => update.policyStatements(stackIn(app, 'Own', own))).not.toThrow();
  });
});
