import { App, Duration, NestedStack, RemovalPolicies, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  type CancellableDeployment,
  CancellationWorkflow,
  CancelOnRollback,
  CodeDeployDeployment,
  CodePipelineExecution,
  DeploymentCancellation,
  EcsServiceDeployment,
  ProtonDeployment,
  StackUpdate,
} from '../../../lib/index';
import { idsOf, synthesize } from '../../helpers/template';

const deployment = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });
const TYPE = 'Custom::CancelOnRollback';

function guard(template: Template) {
  const [resource, ...others] = Object.values(template.findResources(TYPE));
  if (!resource || others.length > 0) throw new Error(`${others.length + 1} guards where one was expected`);
  return resource;
}

test('a guard is one resource beside the workflow, with the deployment and the conditions', () => {
  const template = synthesize((stack) => new CancelOnRollback(stack, 'Guard', { deployment, trigger: 'v1' }));
  expect(guard(template).Properties).toMatchObject({
    contractVersion: '1',
    deployment: { kind: 'proton-service-instance' },
    settings: { timeoutSeconds: 1800, failOn: [], onNotFound: 'succeed', includeStatusMessage: false },
    trigger: 'v1',
    cancelPreexisting: false,
    cancelOnStackDeletion: false,
    ServiceTimeout: '2700',
  });
  expect(template.findOutputs('*')).toEqual({});
});

test('it shares the workflow with the cancellations of the stack', () => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    new CancelOnRollback(stack, 'Guard', { deployment });
  });
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  template.resourceCountIs('AWS::Lambda::Function', 2);
});

test('without a trigger, it changes with every synthesis', () => {
  jest.useFakeTimers({ now: 1_000 });
  const trigger = () =>
    guard(synthesize((stack) => new CancelOnRollback(stack, 'Guard', { deployment }))).Properties.trigger;
  const first = trigger();
  jest.setSystemTime(2_000);
  expect(trigger()).not.toBe(first);
  jest.useRealTimers();
});

test('constructs that it protects are created after it', () => {
  const template = synthesize((stack) => {
    const bucket = new Bucket(stack, 'Bucket');
    new CancelOnRollback(stack, 'Guard', { deployment }).protect(bucket);
  });
  const [guardId] = idsOf(template, TYPE);
  const [bucket] = Object.values(template.findResources('AWS::S3::Bucket'));
  expect(bucket?.DependsOn).toContain(guardId);
});

test('it cannot protect its own parents, or constructs of other stacks', () => {
  synthesize((stack) => {
    const guard = new CancelOnRollback(stack, 'Guard', { deployment });
    const other = new Stack(stack.node.root, 'Other');
    expect(() => guard.protect(stack)).toThrow(
      'the guard cannot protect Stack, because it is a part of it (at Stack/Guard)',
    );
    expect(() => guard.protect(new Bucket(other, 'Bucket'))).toThrow(
      'Other/Bucket, because it is in another stack: declare a guard in that stack',
    );
    expect(() => guard.protect(new Bucket(new NestedStack(stack, 'Nested'), 'Bucket'))).not.toThrow();
  });
});

test('it has a policy of its own, named by the deployment, that lasts as long as the guard', () => {
  const idFor = (serviceInstanceName: string) => {
    const template = synthesize((stack) => {
      const other = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName });
      new CancelOnRollback(stack, 'Guard', { deployment: other, trigger: '1' });
    });
    const [id, ...more] = idsOf(template, 'AWS::IAM::Policy').filter((name) => name.startsWith('GuardPermission'));
    expect(more).toEqual([]);
    expect(guard(template).DependsOn).toContain(id);
    return id;
  };
  expect(idFor('web-prod')).toBe(idFor('web-prod'));
  expect(idFor('web-prod')).not.toBe(idFor('web-test'));
});

test.each<[string, CancellableDeployment]>([
  ['c9fa89fe', EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' })],
  ['ede968c4', StackUpdate.fromStackName('web')],
  ['af10d300', CodeDeployDeployment.fromDeploymentGroupName({ applicationName: 'shop', deploymentGroupName: 'web' })],
  ['42a8fd8e', CodePipelineExecution.fromPipelineName('release')],
  ['80d01dbc', CodePipelineExecution.fromPipelineName('release', { abandon: true })],
  ['b3af0369', ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' })],
])('the logical ID of its policy ends in a hash of the kind, the identifiers and the options: %s', (hash, each) => {
  const template = synthesize((stack) => new CancelOnRollback(stack, 'Guard', { deployment: each }));
  const ids = idsOf(template, 'AWS::IAM::Policy').filter((name) => name.startsWith('GuardPermission'));
  expect(ids).toEqual([expect.stringMatching(new RegExp(`^GuardPermission${hash}`))]);
});

test.each([
  [{ timeout: Duration.minutes(46) }, 'timeout must be a literal duration'],
  [{ endpoint: 'ftp://proton' }, 'endpoint must be an http or https URL'],
])('it refuses %p', (props, message) => {
  expect(() => synthesize((stack) => new CancelOnRollback(stack, 'Guard', { deployment, ...props }))).toThrow(message);
});

/** The stacks whose status the workflow of a stack may read, as ARNs without account and region. */
function readableStacks(template: Template): unknown[] {
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => Action === 'cloudformation:DescribeStacks')
    .flatMap(({ Resource }) => Resource)
    .map((arn) => arn['Fn::Join']?.[1].at(-1) ?? arn)
    .sort();
}

test('it may read the status of its own stack only', () => {
  const template = synthesize((stack) => new CancelOnRollback(stack, 'Guard', { deployment }));
  expect(readableStacks(template)).toEqual([{ Ref: 'AWS::StackId' }]);
});

const NESTED = 'NestedNestedStackNestedNestedStackResource';

test.each([
  [1, [':stack/Stack/*']],
  [2, [':stack/Stack/*', `:stack/Stack-${NESTED}DEFDAA4D-*/*`]],
  [3, [':stack/Stack/*', `:stack/Stack-${NESTED}DEFDAA4D-*/*`, `:stack/Stack-${NESTED.slice(0, 36)}*-${NESTED}*/*`]],
])('%i levels down, it may also read the status of the stacks that it is nested in', (levels, parents) => {
  let nested: Stack | undefined;
  synthesize((stack) => {
    nested = stack;
    for (let level = 0; level < levels; level++) nested = new NestedStack(nested, 'Nested');
    new CancelOnRollback(nested, 'Guard', { deployment });
  });
  expect(readableStacks(Template.fromStack(nested as Stack))).toEqual([...parents, { Ref: 'AWS::StackId' }].sort());
});

test('a nested stack without a guard may read its own status only', () => {
  let nested: NestedStack | undefined;
  synthesize((stack) => {
    nested = new NestedStack(stack, 'Nested');
    CancellationWorkflow.of(nested).inputFor(deployment);
  });
  expect(readableStacks(Template.fromStack(nested as NestedStack))).toEqual([{ Ref: 'AWS::StackId' }]);
});

describe('a guard whose deployment refers to a construct', () => {
  const withService = () => {
    const stack = new Stack(new App(), 'Stack');
    const taskDefinition = new FargateTaskDefinition(stack, 'Task');
    taskDefinition.addContainer('App', { image: ContainerImage.fromRegistry('app') });
    const service = new FargateService(stack, 'Web', { cluster: new Cluster(stack, 'Cluster'), taskDefinition });
    const names = (serviceName: string) => ({ clusterName: service.cluster.clusterName, serviceName });
    return { stack, service, names };
  };

  test('cannot protect it, and says what to do', () => {
    const { stack, service, names } = withService();
    const message =
      'the guard cannot protect Stack/Web, because its deployment refers to Stack/Web/Service: name it instead, such as with EcsServiceDeployment.fromServiceName, and set the same name on the construct (at Stack/';
    for (const [id, target] of [
      ['One', EcsServiceDeployment.fromService(service)],
      ['Two', EcsServiceDeployment.fromServiceName(names(service.serviceName))],
    ] as const) {
      const guarding = new CancelOnRollback(stack, id, { deployment: target });
      expect(() => guarding.protect(service)).toThrow(message);
    }
  });

  test('can protect what the deployment only belongs to', () => {
    const { stack, service, names } = withService();
    const guarding = new CancelOnRollback(stack, 'Guard', {
      deployment: EcsServiceDeployment.fromServiceName(names('web')),
    });
    expect(() => guarding.protect(service)).not.toThrow();
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});

describe('a guard warns', () => {
  const warningsOf = (build: (stack: Stack, guarding: CancelOnRollback) => unknown) => {
    const stack = new Stack(new App(), 'Stack');
    const web = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
    build(stack, new CancelOnRollback(stack, 'Guard', { deployment: web }));
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('cdk-deployment-cancellation'))
      .map(({ id, entry }) => `${id}: ${String(entry.data).replace(/:.*\[ack/, ' [ack')}`);
  };
  const PROTECTS_NOTHING =
    '/Stack/Guard: the guard protects nothing, so that a deployment may start before the guard is armed, and is then not cancelled [ack: cdk-deployment-cancellation:guardProtectsNothing]';
  const RETAINED =
    '/Stack/Guard: the guard is retained, so that CloudFormation does not notify it when the creation of the stack is rolled back [ack: cdk-deployment-cancellation:guardIsRetained]';

  test('if it protects nothing', () => {
    expect(warningsOf(() => undefined)).toEqual([PROTECTS_NOTHING]);
  });

  test('not if it protects something, or something depends on it', () => {
    expect(warningsOf((stack, guarding) => guarding.protect(new Bucket(stack, 'Bucket')))).toEqual([]);
    expect(warningsOf((stack, guarding) => new Bucket(stack, 'Bucket').node.addDependency(guarding))).toEqual([]);
  });

  test('if its removal policy is to retain it, also if that is set for the stack', () => {
    expect(
      warningsOf((stack, guarding) => {
        RemovalPolicies.of(stack).retain();
        guarding.protect(new Bucket(stack, 'Bucket'));
      }),
    ).toEqual([RETAINED]);
    expect(
      warningsOf((stack, guarding) => {
        RemovalPolicies.of(stack).destroy();
        guarding.protect(new Bucket(stack, 'Bucket'));
      }),
    ).toEqual([]);
  });
});
