import { App, CfnParameter, Stack, type StackProps } from 'aws-cdk-lib';
import {
  CfnDeploymentGroup,
  EcsApplication,
  EcsDeploymentGroup,
  LambdaApplication,
  LambdaDeploymentGroup,
  ServerApplication,
  ServerDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { evaluate, type PolicyDocument } from '../../../emulator/aws/iam';
import { CodeDeployDeployment, DeploymentCancellation, DeploymentFleet, ProtonDeployment } from '../../../lib';
import { RESOURCE_TYPE } from '../../../lib/contract/cancellation';
import { permissionsOf, policiesOf, resolved, synthesize } from '../../helpers/template';

const ARN = 'arn:aws:codedeploy:us-east-1:111122223333';
const GROUP = `${ARN}:deploymentgroup:shop/web`;
const ONE = 'd-A1B2C3D4E';
const NAMES = { applicationName: 'shop', deploymentGroupName: 'web' };
const ENV = { account: '111122223333', region: 'us-east-1' };
const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const WEB = CodeDeployDeployment.fromDeploymentGroupName(NAMES);

const stackIn = (env: StackProps['env'], app = new App(), id = 'Stack') => new Stack(app, id, { env });
const statementsOf = (deployment: CodeDeployDeployment, stack = stackIn(ENV)) =>
  deployment.policyStatements(stack).map((statement) => resolved(stack.resolve(statement.toStatementJson())));

describe('a deployment group that is addressed by its names', () => {
  test('has a contract with its kind and names, and a display name', () => {
    expect(WEB._toContract()).toEqual({ kind: 'codedeploy-deployment', identifiers: NAMES });
    expect(WEB.displayName).toBe('codedeploy deployment group shop/web');
  });

  test('needs permission to read its own deployments, and to stop deployments, in its account and region', () => {
    const stack = stackIn({ account: '999999999999', region: 'eu-west-1' });
    expect(WEB.policyStatements(stack).map((one) => stack.resolve(one.toStatementJson()))).toEqual([
      {
        Effect: 'Allow',
        Action: [
          'codedeploy:GetDeployment',
          'codedeploy:ListDeployments',
          'codedeploy:BatchGetDeployments',
          'codedeploy:GetDeploymentGroup',
        ],
        Resource: {
          'Fn::Join': [
            '',
            ['arn:', { Ref: 'AWS::Partition' }, ':codedeploy:eu-west-1:999999999999:deploymentgroup:shop/web'],
          ],
        },
      },
      {
        Effect: 'Allow',
        Action: 'codedeploy:StopDeployment',
        Resource: '*',
        Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
      },
    ]);
  });

  test.each(['a', 'A.b_9+=,@-', '-', 'x'.repeat(100)])('may have the name %s', (name) => {
    expect(() =>
      CodeDeployDeployment.fromDeploymentGroupName({ applicationName: name, deploymentGroupName: name }),
    ).not.toThrow();
  });

  const rule = 'must be a name that holds only letters, digits and . _ + = , @ -, not';
  test.each([
    ['', 'must have 1 to 100 characters, not 0'],
    ['x'.repeat(101), 'must have 1 to 100 characters, not 101'],
    ['web*', `${rule} 'web*'`],
    ['web prod', `${rule} 'web prod'`],
    ['shop/web', `${rule} 'shop/web'`],
    ['web\n', `${rule} 'web\n'`],
    [GROUP, `${rule} '${GROUP}'`],
  ])('is rejected with the name %j', (name, problem) => {
    const refused = (what: string) =>
      expect.objectContaining({ name: 'InvalidConfigurationError', message: `${what} ${problem}` });
    expect(() => CodeDeployDeployment.fromDeploymentGroupName({ ...NAMES, applicationName: name })).toThrow(
      refused('applicationName'),
    );
    expect(() => CodeDeployDeployment.fromDeploymentGroupName({ ...NAMES, deploymentGroupName: name })).toThrow(
      refused('deploymentGroupName'),
    );
  });

  test('may have names that are tokens', () => {
    const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Name');
    const names = { applicationName: valueAsString, deploymentGroupName: valueAsString };
    expect(() => CodeDeployDeployment.fromDeploymentGroupName(names)).not.toThrow();
  });
});

describe('a deployment group of the CDK', () => {
  test.each<[string, (stack: Stack) => CodeDeployDeployment]>([
    [
      'of servers',
      (stack) =>
        CodeDeployDeployment.fromDeploymentGroup(
          new ServerDeploymentGroup(stack, 'Group', { application: new ServerApplication(stack, 'App') }),
        ),
    ],
    [
      'in a template',
      (stack) => {
        const { applicationName } = new ServerApplication(stack, 'App');
        return CodeDeployDeployment.fromDeploymentGroup(
          new CfnDeploymentGroup(stack, 'Group', {
            applicationName,
            serviceRoleArn: 'arn:aws:iam::111122223333:role/r',
          }),
        );
      },
    ],
  ])('%s is addressed by the names of its resource', (_, make) => {
    const stack = stackIn(ENV);
    const { kind, identifiers } = stack.resolve(make(stack)._toContract());
    expect({ kind, identifiers }).toEqual({
      kind: 'codedeploy-deployment',
      identifiers: {
        applicationName: { Ref: expect.stringMatching(/^App/) },
        deploymentGroupName: { Ref: expect.stringMatching(/^Group/) },
      },
    });
  });

  test.each<[string, (stack: Stack) => CodeDeployDeployment]>([
    [
      'of servers',
      (stack) =>
        CodeDeployDeployment.fromDeploymentGroup(
          ServerDeploymentGroup.fromServerDeploymentGroupAttributes(stack, 'Group', {
            application: ServerApplication.fromServerApplicationName(stack, 'App', 'shop'),
            deploymentGroupName: 'web',
          }),
        ),
    ],
    [
      'of a function',
      (stack) =>
        CodeDeployDeployment.fromDeploymentGroup(
          LambdaDeploymentGroup.fromLambdaDeploymentGroupAttributes(stack, 'Group', {
            application: LambdaApplication.fromLambdaApplicationName(stack, 'App', 'shop'),
            deploymentGroupName: 'web',
          }),
        ),
    ],
    [
      'of an ECS service',
      (stack) =>
        CodeDeployDeployment.fromDeploymentGroup(
          EcsDeploymentGroup.fromEcsDeploymentGroupAttributes(stack, 'Group', {
            application: EcsApplication.fromEcsApplicationName(stack, 'App', 'shop'),
            deploymentGroupName: 'web',
          }),
        ),
    ],
  ])('may be an imported one %s', (_, make) => {
    const stack = stackIn(ENV);
    const deployment = make(stack);
    expect(deployment._toContract()).toEqual(WEB._toContract());
    expect(statementsOf(deployment, stack)).toEqual(statementsOf(WEB, stack));
  });

  test('may be in another stack in the same environment', () => {
    const app = new App();
    const theirs = stackIn(ENV, app, 'Theirs');
    const application = new ServerApplication(theirs, 'App');
    const group = new ServerDeploymentGroup(theirs, 'Group', { application });
    const deployment = CodeDeployDeployment.fromDeploymentGroup(group);
    expect(() => statementsOf(deployment, stackIn(ENV, app, 'Mine'))).not.toThrow();
  });

  test.each([
    ['region', { ...ENV, region: 'eu-west-1' }],
    ['account', { ...ENV, account: '999999999999' }],
  ] as const)('is refused at synthesis if it is of another %s than the stack', (what, env) => {
    const app = new App();
    const theirs = stackIn(env, app, 'Theirs');
    const group = ServerDeploymentGroup.fromServerDeploymentGroupAttributes(theirs, 'Group', {
      application: ServerApplication.fromServerApplicationName(theirs, 'App', 'shop'),
      deploymentGroupName: 'web',
    });
    const deployment = CodeDeployDeployment.fromDeploymentGroup(group);
    const mine = stackIn(ENV, app, 'Mine');
    expect(() => new DeploymentCancellation(mine, 'Cancellation', { deployment })).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: expect.stringContaining(
          `the ${what} of codedeploy deployment group shop/web is ${env[what]}, and that of the stack is ${ENV[what]}: declare its cancellation in a stack of ${env[what]} (at Mine/`,
        ),
      }),
    );
  });
});

describe('one deployment', () => {
  const one = CodeDeployDeployment.fromDeploymentId(ONE);

  test('has a contract with its ID, and a display name', () => {
    expect(one._toContract()).toEqual({ kind: 'codedeploy-deployment', identifiers: { deploymentId: ONE } });
    expect(one.displayName).toBe('codedeploy deployment d-A1B2C3D4E');
  });

  test('may be a token', () => {
    const stack = stackIn(ENV);
    const deployment = CodeDeployDeployment.fromDeploymentId(new CfnParameter(stack, 'One').valueAsString);
    expect(stack.resolve(deployment._toContract().identifiers)).toEqual({ deploymentId: { Ref: 'One' } });
    expect(statementsOf(deployment)).toEqual(statementsOf(one));
  });

  test.each(['', 'd-', 'd-A1B2C3D4', 'd-A1B2C3D4EF', 'd-a1b2c3d4e', 'A1B2C3D4E', `${ONE}\n`, 'd-A1B2C3D4*', GROUP])(
    'is refused if its id is %j',
    (id) => {
      expect(() => CodeDeployDeployment.fromDeploymentId(id)).toThrow(
        `deploymentId must be 'd-' and 9 capital letters and digits, not '${id}'`,
      );
    },
  );
});

describe('the role of the deployment function', () => {
  const STOP = 'codedeploy:StopDeployment on * if {"StringEquals":{"aws:RequestedRegion":"us-east-1"}}';
  const withCancellations = (...deployments: CodeDeployDeployment[]) =>
    synthesize((stack) => {
      for (const [index, deployment] of deployments.entries()) {
        new DeploymentCancellation(stack, `Cancellation${index}`, { deployment });
      }
    });
  const permissions = (...deployments: CodeDeployDeployment[]) =>
    permissionsOf(withCancellations(...deployments), DEPLOYMENT_ROLE).filter((one) => !one.startsWith('logs:'));

  test('may read the deployments to the group only, and stop deployments in its region', () => {
    expect(permissions(WEB)).toEqual([
      `codedeploy:BatchGetDeployments on ${GROUP}`,
      `codedeploy:GetDeployment on ${GROUP}`,
      `codedeploy:GetDeploymentGroup on ${GROUP}`,
      `codedeploy:ListDeployments on ${GROUP}`,
      STOP,
    ]);
  });

  test('may read the deployments to every group for a deployment that is addressed by its ID', () => {
    expect(permissions(CodeDeployDeployment.fromDeploymentId(ONE))).toEqual([
      `codedeploy:GetDeployment on ${ARN}:deploymentgroup:*`,
      STOP,
    ]);
  });

  test('may not stop deployments in another region', () => {
    const policies: PolicyDocument[] = policiesOf(withCancellations(WEB), DEPLOYMENT_ROLE);
    const stop = (region: string) => ({
      action: 'codedeploy:StopDeployment',
      resource: '*',
      context: { 'aws:RequestedRegion': region },
    });
    expect(evaluate(policies, stop('us-east-1'))).toBe('allowed');
    expect(evaluate(policies, stop('eu-west-1'))).toBe('denied');
  });

  test.each([
    ['codedeploy:GetDeployment', 'deploymentgroup:shop/web2'],
    ['codedeploy:GetDeployment', 'deploymentgroup:shop2/web'],
    ['codedeploy:GetDeployment', 'deploymentgroup:shop/other'],
    ['codedeploy:CreateDeployment', 'deploymentgroup:shop/web'],
    ['codedeploy:ContinueDeployment', 'deploymentgroup:shop/web'],
    ['codedeploy:DeleteDeploymentGroup', 'deploymentgroup:shop/web'],
    ['codedeploy:GetApplication', 'application:shop'],
    ['ecs:StopServiceDeployment', 'deploymentgroup:shop/web'],
    ['proton:GetDeployment', 'deploymentgroup:shop/web'],
  ])('may not %s on %s', (action, path) => {
    const policies: PolicyDocument[] = policiesOf(withCancellations(WEB), DEPLOYMENT_ROLE);
    const context = { 'aws:RequestedRegion': 'us-east-1' };
    expect(evaluate(policies, { action, resource: `${ARN}:${path}`, context })).toBe('denied');
  });
});

test('the custom resource has the names of the group', () => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB });
  });
  template.hasResourceProperties(RESOURCE_TYPE, { deployment: { kind: 'codedeploy-deployment', identifiers: NAMES } });
});

test('a fleet may list it with a deployment of Proton, and several deployments of one group by their IDs', () => {
  const proton = ProtonDeployment.environment({ environmentName: 'prod' });
  const [one, another] = [
    CodeDeployDeployment.fromDeploymentId(ONE),
    CodeDeployDeployment.fromDeploymentId('d-A1B2C3D4F'),
  ];
  const fleet = DeploymentFleet.fromDeployments([WEB, proton, one, another]);
  expect(fleet._toContract()).toMatchObject({ deployments: [WEB._toContract(), proton._toContract(), {}, {}] });
  expect(() => DeploymentFleet.fromDeployments([WEB, CodeDeployDeployment.fromDeploymentGroupName(NAMES)])).toThrow(
    'a fleet must list a deployment once, not twice: codedeploy deployment group shop/web',
  );
});
