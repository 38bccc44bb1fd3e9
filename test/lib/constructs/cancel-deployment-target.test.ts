import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { inputOf, type Target } from '../../../emulator/aws/events';
import { CancelDeploymentTarget, type CancelDeploymentTargetProps, ProtonDeployment } from '../../../lib';
import {
  CLOUDFORMATION,
  DEPLOYMENT_ROLE,
  deployment,
  INPUT,
  logicalIdOf,
  MAY_CANCEL,
  startedBy,
  WORKFLOW,
  withArns,
} from '../../helpers/pipeline-fixtures';
import { permissionsOf, resolved, synthesize } from '../../helpers/template';

type EventTarget = Target & { readonly RoleArn: string };

const EVENT = { source: 'test', 'detail-type': 'Test', detail: {}, time: '2026-10-01T12:00:00Z' };

function synthesised(...targets: Partial<CancelDeploymentTargetProps>[]) {
  const template = withArns(
    synthesize((stack) => {
      new Rule(stack, 'Rule', {
        eventPattern: { source: ['test'] },
        targets: targets.map((props) => new CancelDeploymentTarget({ deployment, ...props })),
      });
    }),
  );
  const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
  return { template, targets: resolved(rule?.Properties.Targets) as EventTarget[] };
}

test('it starts the workflow of the stack with the input that cancels, and with the time of the event', () => {
  const { targets } = synthesised({});
  expect(targets).toEqual([
    {
      Id: 'Target0',
      Arn: WORKFLOW,
      InputTransformer: expect.any(Object),
      RoleArn: expect.any(String),
      RetryPolicy: { MaximumEventAgeInSeconds: 60 },
    },
  ]);
  expect(targets.map((target) => JSON.parse(inputOf(target, EVENT)))).toEqual([{ ...INPUT, requestedAt: EVENT.time }]);
});

test('EventBridge may start this state machine, and nothing else', () => {
  const { template, targets } = synthesised({});
  const role = logicalIdOf(targets[0]?.RoleArn ?? '');
  expect(startedBy(template)).toEqual({ ...CLOUDFORMATION, [role]: [WORKFLOW] });
  expect(permissionsOf(template, role)).toEqual([`states:StartExecution on ${WORKFLOW}`]);
  const { Properties } = template.findResources('AWS::IAM::Role')[role] ?? {};
  expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
    { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' } },
  ]);
  expect(permissionsOf(template, DEPLOYMENT_ROLE)).toContain(MAY_CANCEL);
});

test('retries, maximum age and dead-letter queue can be set', () => {
  const template = synthesize((stack) => {
    const target = new CancelDeploymentTarget({
      deployment,
      maxEventAge: Duration.minutes(5),
      retryAttempts: 2,
      deadLetterQueue: new Queue(stack, 'Queue'),
    });
    new Rule(stack, 'Rule', { eventPattern: { source: ['test'] }, targets: [target] });
  });
  const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
  expect(resolved(rule?.Properties.Targets)).toMatchObject([
    {
      RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2 },
      DeadLetterConfig: { Arn: 'Queue4A7E3555.Arn' },
    },
  ]);
});

test('two targets of one rule cancel two deployments with one workflow', () => {
  const other = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-canary' });
  const { template, targets } = synthesised({}, { deployment: other });
  expect(
    targets.map((target) => JSON.parse(inputOf(target, EVENT)).deployment.identifiers.serviceInstanceName),
  ).toEqual(['web-prod', 'web-canary']);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
});
