import {
  App,
  CfnCondition,
  CfnOutput,
  CfnResource,
  CustomResource,
  Fn,
  NestedStack,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  Code,
  DockerImageCode,
  DockerImageFunction,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogRetention, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { LambdaDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { simulate } from '../../../emulator/testing/index';
import { DeploymentCancellation, EcsServiceDeployment } from '../../../lib/index';

const newStack = () => new Stack(new App(), 'Shop');

function cancel(stack: Stack, serviceName = 'checkout', clusterName = 'shop'): void {
  const deployment = EcsServiceDeployment.fromServiceName({ clusterName, serviceName });
  new DeploymentCancellation(stack, 'Cancel', { deployment });
}

function customResource(code: string): Stack {
  const stack = newStack();
  const runtime = Runtime.NODEJS_22_X;
  const handler = new LambdaFunction(stack, 'Handler', {
    runtime,
    handler: 'index.handler',
    code: Code.fromInline(code),
  });
  const resource = new CustomResource(stack, 'Resource', { serviceToken: handler.functionArn });
  new CfnOutput(stack, 'Value', { value: resource.getAttString('Value') });
  return stack;
}

test('weak references to another stack are resolved', async () => {
  const app = new App({ context: { '@aws-cdk/core:defaultCrossStackReferences': 'weak' } });
  const platform = new Stack(app, 'Platform');
  const parameter = new CfnResource(platform, 'Topic', { type: 'AWS::SNS::Topic', properties: { TopicName: 'cart' } });
  const team = new Stack(app, 'Team');
  cancel(team, parameter.getAtt('TopicName').toString());
  const identifiers = { clusterName: 'shop', serviceName: 'cart' };
  const { stackStatus, cancellations } = await simulate(app, {
    deployments: [{ kind: 'ecs-service-deployment', identifiers }],
  });
  expect(stackStatus).toBe('CREATE_COMPLETE');
  expect(cancellations).toEqual([expect.objectContaining({ identifiers, outcome: 'CANCELLED' })]);
});

test('a stack without resources is passed over', async () => {
  const app = new App();
  new Stack(app, 'Empty');
  cancel(new Stack(app, 'Shop'), 'cart');
  const { stackStatus, stackEvents } = await simulate(app);
  expect(stackStatus).toBe('CREATE_COMPLETE');
  expect(stackEvents.map(({ logicalId }) => logicalId)).not.toContain('Empty');
});

test('the values of Parameter Store are those of the option', async () => {
  const stack = newStack();
  cancel(stack, 'checkout', StringParameter.valueForStringParameter(stack, '/shop/cluster'));
  const { cancellations } = await simulate(stack, { parameters: { '/shop/cluster': 'prod' } });
  expect(cancellations).toEqual([
    expect.objectContaining({ identifiers: { clusterName: 'prod', serviceName: 'checkout' }, outcome: 'CANCELLED' }),
  ]);
});

test.each([
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-north-1', 'aws-cn'],
  ['eusc-de-east-1', 'aws-eusc'],
])('a stack in %s is in the partition %s', async (region, partition) => {
  const stack = new Stack(new App(), 'There', { env: { account: '111122223333', region } });
  cancel(stack);
  new CfnOutput(stack, 'Id', { value: stack.stackId });
  const { outputs, cancellations } = await simulate(stack);
  expect(outputs.Id).toMatch(`arn:${partition}:cloudformation:${region}:111122223333:stack/There/`);
  expect(cancellations[0]?.outcome).toBe('CANCELLED');
});

test('a resource and its outputs with a false condition are left out', async () => {
  const stack = newStack();
  const condition = new CfnCondition(stack, 'Never', { expression: Fn.conditionEquals('a', 'b') });
  const bucket = new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket' });
  bucket.cfnOptions.condition = condition;
  new CfnOutput(stack, 'Name', { value: bucket.ref, condition });
  cancel(stack);
  const { stackStatus, outputs, stackEvents } = await simulate(stack);
  expect(stackStatus).toBe('CREATE_COMPLETE');
  expect(outputs).not.toHaveProperty('Name');
  expect(stackEvents.some(({ logicalId }) => logicalId === 'Bucket')).toBe(false);
});

test('inline Node.js code runs', async () => {
  const { outputs } = await simulate(
    customResource(`const response = require('cfn-response');
exports.handler = (event, context) => response.send(event, context, response.SUCCESS, { Value: 'ran' });`),
  );
  expect(outputs.Value).toBe('ran');
});

test('the error of a function is in the reason of the failure', async () => {
  const { stackStatus, statusReason } = await simulate(
    customResource("exports.handler = async () => { throw new Error('no table'); };"),
  );
  expect(stackStatus).toBe('ROLLBACK_FAILED');
  expect(statusReason).toContain('the function Shop/Handler failed with Error: no table');
});

test('the cause of a failure in a nested stack is in the reason', async () => {
  const stack = newStack();
  const nested = new NestedStack(stack, 'Nested');
  cancel(nested);
  const { stackStatus, statusReason } = await simulate(stack, { scenario: 'access-denied' });
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('not allowed to call ecs:StopServiceDeployment');
});

test('a resource that never gets a response is named as the cause', async () => {
  const { stackStatus, statusReason } = await simulate(customResource('exports.handler = async () => {};'));
  expect(stackStatus).toBe('ROLLBACK_FAILED');
  expect(statusReason).toContain('CloudFormation did not receive a response from your Custom Resource');
});

test('a parameter of Parameter Store without a value is named in the reason of the failure', async () => {
  const stack = newStack();
  cancel(stack);
  new CfnOutput(stack, 'Cluster', { value: StringParameter.valueForStringParameter(stack, '/shop/cluster') });
  const { stackStatus, statusReason } = await simulate(stack);
  expect(stackStatus).toBe('ROLLBACK_COMPLETE');
  expect(statusReason).toContain('Unable to fetch parameters [/shop/cluster] from parameter store');
});

test('an unknown option is refused', async () => {
  const options: object = { scenarios: 'cancelled' };
  await expect(simulate(newStack(), options)).rejects.toThrow(
    "there is no option of a simulation 'scenarios'; there are consistency, delivery, deployments, ",
  );
});

describe('a function that cannot be run', () => {
  const withPython = () => {
    const stack = newStack();
    const code = Code.fromInline('def handler(event, context): pass');
    new LambdaFunction(stack, 'Resizer', { runtime: Runtime.PYTHON_3_13, handler: 'index.handler', code });
    cancel(stack);
    return stack;
  };

  test('is refused before the deployment, with the option that helps', async () => {
    await expect(simulate(withPython())).rejects.toThrow(
      "the emulator cannot run Shop/Resizer (the runtime python3.13): if they do not matter here, add stubFunctions: ['Shop/Resizer']",
    );
  });

  test('may be a container image', async () => {
    const stack = newStack();
    const code = DockerImageCode.fromEcr(Repository.fromRepositoryName(stack, 'Images', 'resizer'));
    new DockerImageFunction(stack, 'Resizer', { code });
    await expect(simulate(stack)).rejects.toThrow(
      "the emulator cannot run Shop/Resizer (a container image): if they do not matter here, add stubFunctions: ['Shop/Resizer']",
    );
    expect((await simulate(stack, { stubFunctions: ['Shop/Resizer'] })).stackStatus).toBe('CREATE_COMPLETE');
  });

  test.each(['Shop/Resizer', '*'])('is a stub with stubFunctions %s', async (path) => {
    expect((await simulate(withPython(), { stubFunctions: [path] })).stackStatus).toBe('CREATE_COMPLETE');
  });

  test('has to exist to be a stub', async () => {
    await expect(simulate(withPython(), { stubFunctions: ['Shop/Rezizer'] })).rejects.toThrow(
      'stubFunctions has Shop/Rezizer, but there is no such function; there are Shop/Resizer',
    );
  });
});

describe('the helper of the CDK', () => {
  const helpers: readonly [string, (stack: Stack) => void][] = [
    [
      'Custom::S3AutoDeleteObjects',
      (stack) => new Bucket(stack, 'Files', { autoDeleteObjects: true, removalPolicy: RemovalPolicy.DESTROY }),
    ],
    [
      'Custom::S3BucketNotifications',
      (stack) => {
        const [runtime, code] = [Runtime.NODEJS_22_X, Code.fromInline('exports.handler = async () => {};')];
        const onUpload = new LambdaFunction(stack, 'OnUpload', { runtime, handler: 'index.handler', code });
        new Bucket(stack, 'Files').addEventNotification(EventType.OBJECT_CREATED, new LambdaDestination(onUpload));
      },
    ],
    [
      'Custom::LogRetention',
      (stack) => new LogRetention(stack, 'Logs', { logGroupName: 'a', retention: RetentionDays.ONE_DAY }),
    ],
  ];

  test('cr.Provider runs, and waits until its resource is complete', async () => {
    const stack = newStack();
    const nodeFunction = (id: string, code: string) =>
      new LambdaFunction(stack, id, {
        runtime: Runtime.NODEJS_22_X,
        handler: 'index.handler',
        code: Code.fromInline(code),
      });
    const { serviceToken } = new Provider(stack, 'Provider', {
      onEventHandler: nodeFunction('OnEvent', 'exports.handler = async () => ({});'),
      isCompleteHandler: nodeFunction(
        'IsComplete',
        "let calls = 0; exports.handler = async () => (++calls > 2 ? { IsComplete: true, Data: { Value: 'ran' } } : { IsComplete: false });",
      ),
    });
    const resource = new CustomResource(stack, 'Resource', { serviceToken });
    new CfnOutput(stack, 'Value', { value: resource.getAttString('Value') });
    expect((await simulate(stack)).outputs.Value).toBe('ran');
  });

  test.each(helpers)('%s is refused with its name, and stubbed by it', async (type, add) => {
    const stack = newStack();
    add(stack);
    cancel(stack);
    await expect(simulate(stack)).rejects.toThrow(`'${type}'`);
    const stubResourceTypes = [type, 'AWS::S3::*'];
    const { stackStatus, cancellations } = await simulate(stack, { stubResourceTypes });
    expect(stackStatus).toBe('CREATE_COMPLETE');
    expect(cancellations.map(({ outcome }) => outcome)).toEqual(['CANCELLED']);
  });
});
