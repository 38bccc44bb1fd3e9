import { App, Duration, PropertyInjectors, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { inputOf, type Target } from '../../../emulator/aws/events';
import { StackRollbackRule, type StackRollbackRuleProps } from '../../../lib';
import { CLOUDFORMATION, deployment, INPUT, startedBy, WORKFLOW, withArns } from '../../helpers/pipeline-fixtures';
import { resolved } from '../../helpers/template';

const ID = 'arn:aws:cloudformation:us-east-1:111122223333:stack/web/0f9b';

function ruleOf(props: Partial<StackRollbackRuleProps>) {
  const stack = new Stack(new App(), 'Platform');
  new StackRollbackRule(stack, 'Watch', { deployment, ...props });
  const template = withArns(Template.fromStack(stack));
  const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
  return {
    template,
    properties: resolved(rule?.Properties) as { EventPattern: Pattern; Targets: Target[] },
  };
}

interface Pattern {
  readonly detail: {
    readonly 'stack-id': (string | { prefix: string })[];
    readonly 'status-details': { readonly status: string[] };
  };
}

/** Matches like EventBridge: strings, and prefixes. */
const matches = ({ detail }: Pattern, stackId: string, status: string): boolean =>
  detail['stack-id'].some((one) => (typeof one === 'string' ? one === stackId : stackId.startsWith(one.prefix))) &&
  detail['status-details'].status.includes(status);

test('it matches the events of stacks that begin to roll back', () => {
  expect(ruleOf({ stackNames: ['web'], stackIds: [ID] }).properties.EventPattern).toEqual({
    source: ['aws.cloudformation'],
    'detail-type': ['CloudFormation Stack Status Change'],
    detail: {
      'stack-id': [ID, { prefix: 'arn:aws:cloudformation:us-east-1:111122223333:stack/web/' }],
      'status-details': { status: ['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'] },
    },
  });
});

test.each([
  ['a creation that is rolled back', ID, 'ROLLBACK_IN_PROGRESS', true],
  ['an update that is rolled back', ID, 'UPDATE_ROLLBACK_IN_PROGRESS', true],
  ['the cleanup after a rollback', ID, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', false],
  ['a rollback that is over', ID, 'ROLLBACK_COMPLETE', false],
  ['an update that is over', ID, 'UPDATE_COMPLETE', false],
  ['a deletion', ID, 'DELETE_IN_PROGRESS', false],
  ['a stack with a longer name', ID.replace('web', 'web-canary'), 'ROLLBACK_IN_PROGRESS', false],
  ['a stack of another region', ID.replace('us-east-1', 'eu-west-1'), 'ROLLBACK_IN_PROGRESS', false],
])('%s: %s %s: %s', (_what, stackId, status, expected) => {
  expect(matches(ruleOf({ stackNames: ['web'] }).properties.EventPattern, stackId, status)).toBe(expected);
});

test('it starts the workflow of its own stack, and EventBridge may start no other', () => {
  const { template, properties } = ruleOf({ stackNames: ['web'], timeout: Duration.minutes(2) });
  expect(properties.Targets).toMatchObject([{ Arn: WORKFLOW, RetryPolicy: { MaximumEventAgeInSeconds: 60 } }]);
  const settings = { ...INPUT.settings, timeoutSeconds: 120 };
  const event = { source: 'aws.cloudformation', 'detail-type': '', detail: {}, time: '2026-10-01T12:00:00Z' };
  expect(properties.Targets.map((target) => JSON.parse(inputOf(target, event)))).toEqual([
    { ...INPUT, settings, requestedAt: event.time },
  ]);
  expect(startedBy(template)).toEqual({
    ...CLOUDFORMATION,
    DeploymentCancellationWorkflowStateMachineEventsRoleE92ECF52: [WORKFLOW],
  });
});

test.each([
  ['no stack', {}, 'stackNames or stackIds must contain at least one stack (at Platform/Watch)'],
  [
    'an ID in stackNames',
    { stackNames: [ID] },
    `stackNames must contain names of stacks, not '${ID}': use stackIds for IDs (at Platform/Watch)`,
  ],
  [
    'a name in stackIds',
    { stackIds: ['web'] },
    "stackIds must contain IDs of stacks, arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID, not 'web': use stackNames for names (at Platform/Watch)",
  ],
  [
    'an ARN of something else in stackIds',
    { stackIds: [ID.replace(':stack/', ':changeSet/')] },
    `stackIds must contain IDs of stacks, arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID, not '${ID.replace(':stack/', ':changeSet/')}': use stackNames for names (at Platform/Watch)`,
  ],
  [
    'the stack of the rule',
    { stackNames: ['Platform'] },
    'stackNames and stackIds must not contain the stack of the rule, Platform: its rollback could remove the rule, so declare the rule in another stack (at Platform/Watch)',
  ],
])('%s is rejected', (_what, props, message) => {
  expect(() => ruleOf(props)).toThrow(expect.objectContaining({ name: 'InvalidConfigurationError', message }));
});

test('a stack of the same app can be named by its tokens', () => {
  const app = new App();
  const web = new Stack(app, 'Web');
  const platform = new Stack(app, 'Platform');
  new StackRollbackRule(platform, 'Watch', { deployment, stackNames: [web.stackName] });
  expect(JSON.stringify(Template.fromStack(platform).toJSON())).toContain(':stack/Web/');
});

test('property injection can set properties', () => {
  const app = new App();
  PropertyInjectors.of(app).add({
    constructUniqueId: StackRollbackRule.PROPERTY_INJECTION_ID,
    inject: (props) => ({ ...props, stackNames: ['injected'] }),
  });
  const stack = new Stack(app, 'Platform');
  new StackRollbackRule(stack, 'Watch', { deployment });
  expect(JSON.stringify(Template.fromStack(stack).toJSON())).toContain(':stack/injected/');
});
