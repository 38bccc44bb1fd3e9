import { App, CfnParameter, Stack, type StackProps } from 'aws-cdk-lib';
import {
  BaseService,
  CfnService,
  Cluster,
  ContainerImage,
  DeploymentControllerType,
  FargateService,
  FargateTaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { aws_ecs as ecs } from 'aws-cdk-lib/interfaces';
import { evaluate, type PolicyDocument } from '../../../emulator/aws/iam';
import { DeploymentCancellation, DeploymentFleet, EcsServiceDeployment, ProtonDeployment } from '../../../lib';
import { RESOURCE_TYPE } from '../../../lib/contract/cancellation';
import { permissionsOf, policiesOf, resolved, synthesize } from '../../helpers/template';

const ARN = 'arn:aws:ecs:us-east-1:111122223333';
const ONE = `${ARN}:service-deployment/prod/web/r9i43YFjvgF_xlg7m2eJ1r`;
const ENV = { account: '111122223333', region: 'us-east-1' };
const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const WEB = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });

const stackIn = (env: StackProps['env'], app = new App(), id = 'Stack') => new Stack(app, id, { env });
const statementsOf = (deployment: EcsServiceDeployment, stack = stackIn(ENV)) =>
  deployment.policyStatements(stack).map((statement) => resolved(stack.resolve(statement.toStatementJson())));

describe('a service that is addressed by its names', () => {
  test('has a contract with its kind and names, and a display name', () => {
    expect(WEB._toContract()).toEqual({
      kind: 'ecs-service-deployment',
      identifiers: { clusterName: 'prod', serviceName: 'web' },
    });
    expect(WEB.displayName).toBe('ecs service prod/web');
  });

  test('needs permission to stop and read its own service deployments, in its account and region', () => {
    const stack = stackIn({ account: '999999999999', region: 'eu-west-1' });
    const [both, list] = WEB.policyStatements(stack).map((one) => stack.resolve(one.toStatementJson()));
    const arn = (path: string) => ({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:ecs:eu-west-1:999999999999:${path}`]],
    });
    expect(both).toEqual({
      Effect: 'Allow',
      Action: ['ecs:StopServiceDeployment', 'ecs:ContinueServiceDeployment', 'ecs:DescribeServiceDeployments'],
      Resource: [arn('service/prod/web'), arn('service-deployment/prod/web/*')],
    });
    expect(list).toEqual({ Effect: 'Allow', Action: 'ecs:ListServiceDeployments', Resource: arn('service/prod/web') });
  });

  test.each(['a', 'A-b_9', '-', '_', 'x'.repeat(255)])('may have the name %s', (name) => {
    expect(() => EcsServiceDeployment.fromServiceName({ clusterName: name, serviceName: name })).not.toThrow();
  });

  const rule = "must be a name that holds only letters, digits, '-' and '_', not";
  test.each([
    ['', 'must have 1 to 255 characters, not 0'],
    ['x'.repeat(256), 'must have 1 to 255 characters, not 256'],
    ['web*', `${rule} 'web*'`],
    ['web prod', `${rule} 'web prod'`],
    ['prod/web', `${rule} 'prod/web'`],
    ['web\n', `${rule} 'web\n'`],
    [`${ARN}:service/prod/web`, `${rule} '${ARN}:service/prod/web'`],
  ])('is rejected with the name %j', (name, problem) => {
    const refused = (what: string) =>
      expect.objectContaining({ name: 'InvalidConfigurationError', message: `${what} ${problem}` });
    expect(() => EcsServiceDeployment.fromServiceName({ clusterName: name, serviceName: 'web' })).toThrow(
      refused('clusterName'),
    );
    expect(() => EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: name })).toThrow(
      refused('serviceName'),
    );
  });

  test('may have names that are tokens', () => {
    const { valueAsString } = new CfnParameter(new Stack(new App(), 'Stack'), 'Name');
    expect(() =>
      EcsServiceDeployment.fromServiceName({ clusterName: valueAsString, serviceName: valueAsString }),
    ).not.toThrow();
  });
});

describe('a service of the CDK', () => {
  test('is addressed by the names of its resource', () => {
    const stack = stackIn(ENV);
    const deployment = EcsServiceDeployment.fromService(fargateService(stack));
    const { kind, identifiers } = stack.resolve(deployment._toContract());
    expect(kind).toBe('ecs-service-deployment');
    expect(identifiers).toEqual({
      clusterName: { Ref: expect.stringMatching(/^Cluster/) },
      serviceName: { 'Fn::GetAtt': [expect.stringMatching(/^Web/), 'Name'] },
    });
    expect(JSON.stringify(statementsOf(deployment, stack))).toMatch(
      /:service-deployment\/Cluster\w+\/Web\w+\.Name\/\*"/,
    );
  });

  test('may be in another stack in the same environment, and may be imported', () => {
    const app = new App();
    const service = fargateService(stackIn(ENV, app, 'Theirs'));
    expect(() => statementsOf(EcsServiceDeployment.fromService(service), stackIn(ENV, app, 'Mine'))).not.toThrow();
    const stack = stackIn(ENV);
    const imported = BaseService.fromServiceArnWithCluster(stack, 'Imported', `${ARN}:service/prod/web`);
    const deployment = EcsServiceDeployment.fromService(imported);
    expect(deployment._toContract()).toEqual(WEB._toContract());
    expect(statementsOf(deployment, stack)).toEqual(statementsOf(WEB, stack));
  });

  test.each([
    ['region', 'eu-west-1', 'eu-west-1', '111122223333'],
    ['account', '999999999999', 'us-east-1', '999999999999'],
  ])('is rejected at synthesis if it is in another %s than the stack', (what, its, region, account) => {
    const stack = stackIn(ENV);
    const arn = `arn:aws:ecs:${region}:${account}:service/prod/web`;
    const deployment = EcsServiceDeployment.fromService(BaseService.fromServiceArnWithCluster(stack, 'Theirs', arn));
    expect(() => new DeploymentCancellation(stack, 'Cancellation', { deployment })).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: expect.stringContaining(
          `the ${what} of ecs service prod/web is ${its}, and that of the stack is ${ENV[what as 'region']}: declare its cancellation in a stack of ${its} (at Stack/`,
        ),
      }),
    );
  });

  test('is accepted if the environment of the stack is unknown', () => {
    const stack = new Stack(new App(), 'Stack');
    const imported = BaseService.fromServiceArnWithCluster(stack, 'Imported', `${ARN}:service/prod/web`);
    expect(() => statementsOf(EcsServiceDeployment.fromService(imported), stack)).not.toThrow();
  });
});

describe('one service deployment', () => {
  const one = EcsServiceDeployment.fromServiceDeploymentArn(ONE);

  test('has a contract with its ARN, and a display name', () => {
    expect(one._toContract()).toEqual({ kind: 'ecs-service-deployment', identifiers: { serviceDeploymentArn: ONE } });
    expect(one.displayName).toBe('ecs service deployment prod/web/r9i43YFjvgF_xlg7m2eJ1r');
  });

  test('needs permission to stop and read no other service deployment', () => {
    const service = `${ARN}:service/prod/web`;
    expect(statementsOf(one)).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecs:StopServiceDeployment', 'ecs:ContinueServiceDeployment', 'ecs:DescribeServiceDeployments'],
        Resource: [service, ONE],
      },
      { Effect: 'Allow', Action: 'ecs:ListServiceDeployments', Resource: service },
    ]);
  });

  test('may be a token, which contains the service', () => {
    const stack = stackIn(ENV);
    const { valueAsString } = new CfnParameter(stack, 'One');
    const deployment = EcsServiceDeployment.fromServiceDeploymentArn(valueAsString);
    const [both] = deployment.policyStatements(stack).map((each) => stack.resolve(each.toStatementJson()));
    const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': ['/', { Ref: 'One' }] }] });
    expect(both.Resource).toEqual([
      {
        'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, ':ecs:us-east-1:111122223333:service/', part(1), '/', part(2)],
        ],
      },
      { Ref: 'One' },
    ]);
  });

  test.each(['', 'x', `${ARN}:service/prod/web`, `${ONE}*`, `${ONE}/x`, ONE.replace('web', '*'), `${ONE}\n`])(
    'is refused if its ARN is %j',
    (arn) => {
      expect(() => EcsServiceDeployment.fromServiceDeploymentArn(arn)).toThrow(
        /^serviceDeploymentArn must be arn:PARTITION:ecs:/,
      );
    },
  );

  test.each([
    [ONE.replace('us-east-1', 'eu-west-1'), 'the region of ecs service deployment'],
    [ONE.replace('111122223333', '999999999999'), 'the account of ecs service deployment'],
  ])('is rejected at synthesis if it is in another environment than the stack: %s', (arn, problem) => {
    expect(() => statementsOf(EcsServiceDeployment.fromServiceDeploymentArn(arn))).toThrow(problem);
  });
});

describe('the role of the deployment function', () => {
  const permissions = (...deployments: EcsServiceDeployment[]) =>
    permissionsOf(
      synthesize((stack) => {
        for (const [index, deployment] of deployments.entries()) {
          new DeploymentCancellation(stack, `Cancellation${index}`, { deployment });
        }
      }),
      DEPLOYMENT_ROLE,
    ).filter((permission) => !permission.startsWith('logs:'));

  test('may stop and read the service deployments of the service only', () => {
    expect(permissions(WEB)).toEqual([
      `ecs:ContinueServiceDeployment on ${ARN}:service-deployment/prod/web/*`,
      `ecs:ContinueServiceDeployment on ${ARN}:service/prod/web`,
      `ecs:DescribeServiceDeployments on ${ARN}:service-deployment/prod/web/*`,
      `ecs:DescribeServiceDeployments on ${ARN}:service/prod/web`,
      `ecs:ListServiceDeployments on ${ARN}:service/prod/web`,
      `ecs:StopServiceDeployment on ${ARN}:service-deployment/prod/web/*`,
      `ecs:StopServiceDeployment on ${ARN}:service/prod/web`,
    ]);
  });

  test('may do the same to a service deployment that is addressed by its ARN', () => {
    expect(permissions(EcsServiceDeployment.fromServiceDeploymentArn(ONE))).toEqual([
      `ecs:ContinueServiceDeployment on ${ONE}`,
      `ecs:ContinueServiceDeployment on ${ARN}:service/prod/web`,
      `ecs:DescribeServiceDeployments on ${ONE}`,
      `ecs:DescribeServiceDeployments on ${ARN}:service/prod/web`,
      `ecs:ListServiceDeployments on ${ARN}:service/prod/web`,
      `ecs:StopServiceDeployment on ${ONE}`,
      `ecs:StopServiceDeployment on ${ARN}:service/prod/web`,
    ]);
  });

  test.each([
    ['ecs:StopServiceDeployment', 'service-deployment/prod/web2/x'],
    ['ecs:StopServiceDeployment', 'service-deployment/prod2/web/x'],
    ['ecs:UpdateService', 'service/prod/web'],
    ['ecs:StopTask', 'task/prod/x'],
    ['ecs:ListServiceDeployments', 'service/prod/other'],
    ['proton:GetDeployment', 'service/prod/web'],
  ])('may not %s on %s', (action, path) => {
    const template = synthesize((stack) => {
      new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB });
    });
    const policies: PolicyDocument[] = policiesOf(template, DEPLOYMENT_ROLE);
    expect(evaluate(policies, { action, resource: `${ARN}:${path}` })).toBe('denied');
  });
});

test('the custom resource has the names of the service', () => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB });
  });
  template.hasResourceProperties(RESOURCE_TYPE, {
    deployment: { kind: 'ecs-service-deployment', identifiers: { clusterName: 'prod', serviceName: 'web' } },
  });
});

test('a fleet may list it with a deployment of Proton, and several deployments of one service by their ARNs', () => {
  const proton = ProtonDeployment.environment({ environmentName: 'prod' });
  const another = EcsServiceDeployment.fromServiceDeploymentArn(`${ONE}2`);
  const fleet = DeploymentFleet.fromDeployments([
    WEB,
    proton,
    EcsServiceDeployment.fromServiceDeploymentArn(ONE),
    another,
  ]);
  expect(fleet._toContract()).toMatchObject({ deployments: [WEB._toContract(), proton._toContract(), {}, {}] });
  expect(() =>
    DeploymentFleet.fromDeployments([
      WEB,
      EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' }),
    ]),
  ).toThrow('a fleet must list a deployment once, not twice: ecs service prod/web');
});

function fargateService(stack: Stack): FargateService {
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('web', { image: ContainerImage.fromRegistry('web') });
  return new FargateService(stack, 'Web', { cluster: new Cluster(stack, 'Cluster'), taskDefinition });
}

describe('a service whose deployment controller is not ECS', () => {
  const cluster = (stack: Stack) => new Cluster(stack, 'Cluster');
  const services: Readonly<Record<string, (stack: Stack, type: DeploymentControllerType) => ecs.IServiceRef>> = {
    'a service': (stack, type) =>
      new FargateService(stack, 'Web', {
        cluster: cluster(stack),
        taskDefinition: taskDefinition(stack),
        minHealthyPercent: 100,
        deploymentController: { type },
      }),
    'a CfnService': (stack, type) =>
      new CfnService(stack, 'Web', { cluster: 'prod', serviceName: 'web', deploymentController: { type } }),
  };
  const taskDefinition = (stack: Stack) => {
    const task = new FargateTaskDefinition(stack, 'Task');
    task.addContainer('web', { image: ContainerImage.fromRegistry('web') });
    return task;
  };
  const INSTEAD = {
    CODE_DEPLOY: 'use CodeDeployDeployment with the deployment group of the service',
    EXTERNAL: 'stop its deployment where it was started, or use the deployment controller ECS',
  } as const;

  test.each(
    Object.keys(services).flatMap((what) =>
      (['CODE_DEPLOY', 'EXTERNAL'] as const).map((type) => [what, type] as const),
    ),
  )('is rejected with what to use instead: %s with %s', (what, type) => {
    const service = services[what]?.(new Stack(new App(), 'Stack'), DeploymentControllerType[type]);
    expect(() => EcsServiceDeployment.fromService(service as ecs.IServiceRef)).toThrow(
      expect.objectContaining({
        name: 'InvalidConfigurationError',
        message: `service Stack/Web has the deployment controller ${type}, and only ECS has service deployments: ${INSTEAD[type]}`,
      }),
    );
  });

  test('is accepted if it is ECS, or not known', () => {
    const stack = new Stack(new App(), 'Stack');
    const ofEcs = services['a service']?.(stack, DeploymentControllerType.ECS) as ecs.IServiceRef;
    expect(() => EcsServiceDeployment.fromService(ofEcs)).not.toThrow();
    const arn = `${ARN}:service/prod/web`;
    const imported = FargateService.fromFargateServiceArn(stack, 'Imported', arn);
    expect(() => EcsServiceDeployment.fromService(imported as never)).not.toThrow();
  });
});
