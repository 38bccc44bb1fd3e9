import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CancellationWorkflow, DeploymentCancellation, EcsServiceDeployment, FleetWorkflow } from '../../../lib';
import { RESOURCE_TYPE } from '../../../lib/contract/cancellation';

function templateOf(build: (stack: Stack) => void): Template {
  const stack = new Stack(new App(), 'Stack');
  build(stack);
  return Template.fromStack(stack);
}

/** The logical IDs of the resources that a resource waits for, directly or through others. */
function dependenciesOf(template: Template, resource: { readonly DependsOn?: readonly string[] } = {}): string[] {
  const resources: Readonly<Record<string, typeof resource>> = template.toJSON().Resources;
  return (resource.DependsOn ?? []).flatMap((id) => [id, ...dependenciesOf(template, resources[id])]);
}

const definitionsOf = (template: Template) =>
  JSON.stringify(template.findResources('AWS::StepFunctions::StateMachine'));

test('a workflow without onOutcome puts no events, and is not allowed to', () => {
  const template = templateOf((stack) => CancellationWorkflow.of(stack));
  expect(definitionsOf(template)).not.toContain('putEvents');
  expect(JSON.stringify(template)).not.toContain('events:PutEvents');
});

test('onOutcome returns a rule for the events of its workflow, without those of guards that are armed', () => {
  const template = templateOf((stack) => {
    const target = new SnsTopic(new Topic(stack, 'Topic'));
    CancellationWorkflow.of(stack).onOutcome('Notify', { target, description: 'for the on-call engineer' });
  });
  const rules = template.findResources('AWS::Events::Rule', {
    Properties: { EventPattern: { source: ['cdk-deployment-cancellation'] } },
  });
  const [rule, ...others] = Object.values(rules);
  expect(others).toEqual([]);
  const { Description, EventPattern, Targets } = rule?.Properties ?? {};
  expect(Description).toBe('for the on-call engineer');
  expect(EventPattern['detail-type']).toEqual(['Deployment Cancellation Ended']);
  expect(EventPattern.detail.stateMachineArn).toEqual([{ Ref: expect.stringMatching(/WorkflowStateMachine/) }]);
  expect(EventPattern.detail.outcome).toContain('TIMED_OUT');
  expect(EventPattern.detail.outcome).not.toContain('ARMED');
  expect(Targets).toHaveLength(1);
});

test('a cancellation waits for the permission to put its event, also if the rule was added after it', () => {
  const template = templateOf((stack) => {
    const deployment = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    CancellationWorkflow.of(stack).onOutcome('Notify');
  });
  const [permission] = Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) =>
    id.includes('Notifications'),
  );
  const [cancellation] = Object.values(template.findResources(RESOURCE_TYPE));
  expect(permission).toBeDefined();
  expect(dependenciesOf(template, cancellation)).toContain(permission);
});

test('the pattern of the options narrows that of the rule', () => {
  const template = templateOf((stack) => {
    CancellationWorkflow.of(stack).onOutcome('Notify', { eventPattern: { detail: { failed: [true] } } });
  });
  template.hasResourceProperties('AWS::Events::Rule', {
    EventPattern: { source: ['cdk-deployment-cancellation'], detail: { failed: [true] } },
  });
  const ofOutcome = templateOf((stack) => {
    CancellationWorkflow.of(stack).onOutcome('Notify', { eventPattern: { detail: { outcome: ['TIMED_OUT'] } } });
  });
  ofOutcome.hasResourceProperties('AWS::Events::Rule', { EventPattern: { detail: { outcome: ['TIMED_OUT'] } } });
});

test('the state machine may put events on the default bus only, however many rules there are', () => {
  const template = templateOf((stack) => {
    const workflow = CancellationWorkflow.of(stack);
    workflow.onOutcome('One');
    workflow.onOutcome('Two');
    FleetWorkflow.of(stack);
  });
  const policies = template.findResources('AWS::IAM::Policy', {
    Properties: { PolicyDocument: { Statement: [{ Action: 'events:PutEvents' }] } },
  });
  const [policy, ...others] = Object.values(policies);
  expect(others).toEqual([]);
  expect(policy?.Properties.Roles).toHaveLength(1);
  expect(JSON.stringify(policy?.Properties.PolicyDocument.Statement[0].Resource)).toContain(':event-bus/default');
});

test('a fleet workflow puts its own events, also without those of the cancellation workflow', () => {
  const template = templateOf((stack) => {
    const target = new SnsTopic(new Topic(stack, 'Topic'));
    FleetWorkflow.of(stack).onOutcome('Notify', { target, eventPattern: { detail: { failed: [true] } } });
  });
  const rules = template.findResources('AWS::Events::Rule', {
    Properties: { EventPattern: { source: ['cdk-deployment-cancellation'] } },
  });
  const [rule, ...others] = Object.values(rules);
  expect(others).toEqual([]);
  expect(rule?.Properties.EventPattern['detail-type']).toEqual(['Deployment Cancellation Ended']);
  expect(rule?.Properties.EventPattern.detail).toEqual({
    stateMachineArn: [{ Ref: expect.stringMatching(/^FleetCancellationWorkflowStateMachine/) }],
    failed: [true],
  });
  const machines = Object.entries(template.findResources('AWS::StepFunctions::StateMachine'));
  const putting = machines.filter(([, machine]) => JSON.stringify(machine).includes('putEvents'));
  expect(putting.map(([id]) => id)).toEqual([expect.stringMatching(/^FleetCancellationWorkflowStateMachine/)]);
});

test('the rules of both workflows are independent', () => {
  const template = templateOf((stack) => {
    CancellationWorkflow.of(stack).onOutcome('Notify');
    FleetWorkflow.of(stack).onOutcome('Notify');
  });
  const arns = Object.values(template.findResources('AWS::Events::Rule')).flatMap(
    ({ Properties }) => Properties.EventPattern.detail.stateMachineArn ?? [],
  );
  expect(new Set(arns.map(({ Ref }: { Ref: string }) => Ref)).size).toBe(2);
});

test.each([
  ['cancellation', CancellationWorkflow, 'DeploymentCancellationWorkflow'],
  ['fleet', FleetWorkflow, 'FleetCancellationWorkflow'],
] as const)('onOutcome changes only the end of the definition of a %s', (_, Workflow, id) => {
  const statesOf = (notifies: boolean) => {
    const template = templateOf((stack) => {
      const workflow = Workflow.of(stack);
      if (notifies) workflow.onOutcome('Notify');
    });
    const machines = Object.entries(template.findResources('AWS::StepFunctions::StateMachine'));
    const machine = machines.find(([name]) => name.startsWith(id))?.[1];
    const parts: unknown[] = machine?.Properties.DefinitionString['Fn::Join'][1];
    const text = parts.map((part) => (typeof part === 'string' ? part : 'token')).join('');
    return JSON.parse(text) as { Comment: string; StartAt: string; States: Record<string, object> };
  };
  const [plain, notifying] = [statesOf(false), statesOf(true)];
  expect(notifying).toMatchObject({ Comment: plain.Comment, StartAt: plain.StartAt });
  const changed = Object.keys(notifying.States).filter(
    (name) => JSON.stringify(notifying.States[name]) !== JSON.stringify(plain.States[name]),
  );
  expect(changed.sort()).toEqual([
    'AnswerFailure',
    'AnswerSuccess',
    'AskedByCloudFormation?',
    'ExplainFailure',
    'NotifyEnded',
    'NotifyFailed',
  ]);
});
