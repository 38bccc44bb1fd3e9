import { App, Duration, Stack } from 'aws-cdk-lib';
import { Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  CancelDeploymentAction,
  CancelDeploymentFragment,
  CancelDeploymentTarget,
  CancelDeploymentTask,
  type CancellableDeployment,
  CancellationWorkflow,
  CancelOnRollback,
  CancelOnStageFailure,
  CodeDeployDeployment,
  CodePipelineExecution,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  StackRollbackRule,
  StackUpdate,
} from '../../../lib';
import { approval, pipelineWith } from '../../helpers/pipeline-fixtures';

/** What JavaScript passes where a type is expected. */
const wrongly = <T>(value: unknown) => value as T;

const stackWithBucket = () => {
  const stack = new Stack(new App(), 'Stack');
  return { stack, bucket: new Bucket(stack, 'Mine') };
};

const DECLARED: readonly [string, string, (stack: Stack, deployment: CancellableDeployment) => unknown][] = [
  ['a cancellation', 'Stack/It', (stack, deployment) => new DeploymentCancellation(stack, 'It', { deployment })],
  ['a guard', 'Stack/It', (stack, deployment) => new CancelOnRollback(stack, 'It', { deployment })],
  ['a task', 'Stack/It', (stack, deployment) => new CancelDeploymentTask(stack, 'It', { deployment })],
  [
    'an action',
    'Stack/Pipeline/Stop/It',
    (stack, deployment) =>
      pipelineWith(stack, [
        { stageName: 'Stop', actions: [new CancelDeploymentAction({ actionName: 'It', deployment })] },
      ]),
  ],
  [
    'a target',
    'Stack/It',
    (stack, deployment) =>
      new Rule(stack, 'It', {
        schedule: Schedule.rate(Duration.days(1)),
        targets: [new CancelDeploymentTarget({ deployment })],
      }),
  ],
  ['a fragment', 'Stack/It', (stack, deployment) => new CancelDeploymentFragment(stack, 'It', { deployment })],
  [
    'a rule',
    'Stack/It',
    (stack, deployment) => new StackRollbackRule(stack, 'It', { stackNames: ['theirs'], deployment }),
  ],
  [
    'a failed stage',
    'Stack/It',
    (stack, deployment) => {
      const pipeline = pipelineWith(stack, [{ stageName: 'Stop', actions: [approval()] }]);
      return new CancelOnStageFailure(stack, 'It', { pipeline, stageName: 'Stop', deployment });
    },
  ],
  [
    'a task of an imported workflow',
    'Stack/It',
    (stack, deployment) => {
      const workflow = CancellationWorkflow.fromStateMachineName(stack, 'Imported', 'cancel');
      return new CancelDeploymentTask(stack, 'It', { deployment, workflow });
    },
  ],
];

describe.each(DECLARED)('%s', (_what, path, declare) => {
  test.each<[string, (bucket: Bucket) => unknown, string]>([
    ['nothing', () => undefined, 'undefined'],
    ['an object', () => ({}), '{}'],
    ['a name', () => 'web', "'web'"],
    ['another construct', (bucket) => bucket, 'construct Stack/Mine'],
    ['a class', () => EcsServiceDeployment, 'the function or class EcsServiceDeployment'],
    ['an object of another class', () => Duration.days(1), 'an object of class Duration'],
  ])('rejects %s in place of a deployment, and names the construct', (_value, create, described) => {
    const { stack, bucket } = stackWithBucket();
    expect(() => declare(stack, wrongly(create(bucket)))).toThrow(
      `deployment must be a CancellableDeployment, such as EcsServiceDeployment.fromService(…), not ${described} (at ${path})`,
    );
  });
});

// The stack of an imported workflow checks it itself.
test.each(DECLARED.filter(([what]) => !what.includes('imported')))(
  '%s names the construct in an error about the environment of the deployment',
  (_what, path, declare) => {
    const far = 'arn:aws:ecs:eu-west-1:111122223333:service-deployment/prod/web/1';
    const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
    expect(() => declare(stack, EcsServiceDeployment.fromServiceDeploymentArn(far))).toThrow(
      `the region of ecs service deployment prod/web/1 is eu-west-1, and that of the stack is us-east-1: declare its cancellation in a stack of eu-west-1 (at ${path})`,
    );
  },
);

test.each<[string, (value: unknown) => unknown, string]>([
  [
    'EcsServiceDeployment.fromService',
    (value) => EcsServiceDeployment.fromService(wrongly(value)),
    'service must be an Amazon ECS service of the CDK, such as a FargateService, not WRONG: use fromServiceName for names',
  ],
  [
    'CodePipelineExecution.fromPipeline',
    (value) => CodePipelineExecution.fromPipeline(wrongly(value)),
    'pipeline must be a Pipeline of aws-codepipeline, not WRONG: use fromPipelineName for a name, and, for CDK Pipelines, pipeline.pipeline after buildPipeline()',
  ],
  [
    'CodeDeployDeployment.fromDeploymentGroup',
    (value) => CodeDeployDeployment.fromDeploymentGroup(wrongly(value)),
    'deploymentGroup must be a deployment group of the CDK, such as a ServerDeploymentGroup, not WRONG: use fromDeploymentGroupName for names',
  ],
  [
    'StackUpdate.fromStack',
    (value) => StackUpdate.fromStack(wrongly(value)),
    'stack must be a Stack of the CDK, not WRONG: use fromStackName for a name',
  ],
])('%s rejects what is something else, with what to pass', (_name, create, message) => {
  const { bucket } = stackWithBucket();
  for (const [value, described] of [
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, '{}'],
    ['web', "'web'"],
    [bucket, 'construct Stack/Mine'],
  ] as const) {
    expect(() => create(value)).toThrow(message.replace('WRONG', described));
  }
});

test('a failed stage rejects what is no pipeline of the app, and names itself in an error about an option', () => {
  const { stack, bucket } = stackWithBucket();
  const deployment = StackUpdate.fromStackName('theirs');
  const add = (id: string, props: object) =>
    new CancelOnStageFailure(stack, id, wrongly({ stageName: 'Stop', deployment, ...props }));
  for (const [index, [pipeline, described]] of [
    [undefined, 'undefined'],
    [{}, '{}'],
    ['release', "'release'"],
    [bucket, 'construct Stack/Mine'],
    [
      Pipeline.fromPipelineArn(stack, 'Theirs', 'arn:aws:codepipeline:us-east-1:111122223333:r'),
      'construct Stack/Theirs',
    ],
  ].entries()) {
    expect(() => add(`It${index}`, { pipeline })).toThrow(
      `pipeline must be a Pipeline of aws-codepipeline that the app creates, not ${described}: for CDK Pipelines, pass pipeline.pipeline after buildPipeline() (at Stack/It${index})`,
    );
  }
  const pipeline = pipelineWith(stack, [{ stageName: 'Stop', actions: [approval()] }]);
  expect(() => add('Late', { pipeline, timeout: 60 })).toThrow(
    'timeout must be a literal duration of whole seconds from 1 second to 45 minutes, not 60: use Duration, such as Duration.minutes(5) (at Stack/Late)',
  );
});

test('names that are missing are rejected', () => {
  expect(() => EcsServiceDeployment.fromServiceName(wrongly({ clusterName: 'prod' }))).toThrow(
    'serviceName must be a string, not undefined',
  );
  expect(() => StackUpdate.fromStackName(wrongly(7))).toThrow('stackName must be a string, not number');
});

test('a fleet rejects what is no fleet, and a list rejects what is no deployment', () => {
  const { stack } = stackWithBucket();
  expect(() => new FleetCancellation(stack, 'Fleet', wrongly({}))).toThrow(
    'fleet must be a CancellableFleet, such as DeploymentFleet.fromDeployments([…]), not undefined (at Stack/Fleet)',
  );
  expect(() => DeploymentFleet.fromDeployments(wrongly([{}]))).toThrow('deployment must be a CancellableDeployment');
  expect(() => DeploymentFleet.fromDeployments(wrongly('web'))).toThrow(
    "deployments must be a list of deployments, not 'web'",
  );
});
