import { Stack } from 'aws-cdk-lib';
import { type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  type CfnStateMachine,
  Errors,
  type IStateMachine,
  JsonPath,
  StateGraph,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import { CANCELLATION_ENDED_EVENT, type CancellationEndedDetail } from '../../contract/cancellation';
import { COUNTED_OUTCOMES } from './outcomes';
import { EVENT_RETRIES } from './retries';
import { type EventStates, type Paths, WORKFLOW_COMMENT, workflowStates } from './workflow-definition';

/** The ID of the construct with the definition that puts events. A workflow has it if somebody has asked for events. */
const ID = 'Notifications';

/** The parts of a workflow that puts events. */
interface Workflow extends Construct {
  readonly stateMachine: IStateMachine;
  readonly stateMachineRole: IRole;
  readonly _functions: { readonly [name: string]: LambdaFunction };
}

/** Makes a workflow put an event at the end of each cancellation, and creates a rule for these events. */
export function addOutcomeRule(workflow: Workflow, id: string, options: OnEventOptions): Rule {
  if (!workflow.node.tryFindChild(ID)) putEvents(workflow);
  const rule = new Rule(workflow, id, options);
  const { source, detailType } = CANCELLATION_ENDED_EVENT;
  rule.addEventPattern({
    source: [source],
    detailType: [detailType],
    detail: {
      stateMachineArn: [workflow.stateMachine.stateMachineArn],
      // Arming a guard is no cancellation. Patterns are merged, so a list would widen that of the user.
      ...(options.eventPattern?.detail?.outcome === undefined && { outcome: COUNTED_OUTCOMES }),
    },
  });
  rule.addTarget(options.target);
  return rule;
}

/** Replaces the definition of the state machine by one that puts events, and allows its role to put them. */
function putEvents(workflow: Workflow): void {
  const scope = new Construct(workflow, ID);
  const { deployment, cloudformation } = workflow._functions;
  if (!deployment || !cloudformation) throw new Error('the workflow has no functions');
  const stack = Stack.of(workflow);
  const resource = workflow.stateMachine.node.defaultChild as CfnStateMachine;
  const first = workflowStates(scope, deployment, cloudformation, (last) => eventState(scope, last));
  const graph = new StateGraph(first.startState, 'State Machine definition');
  resource.definitionString = stack.toJsonString({ ...graph.toGraphJson(), Comment: WORKFLOW_COMMENT });
  const eventBus = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
  const policy = new Policy(scope, 'Policy', {
    statements: [new PolicyStatement({ actions: ['events:PutEvents'], resources: [eventBus] })],
  });
  workflow.stateMachineRole.attachInlinePolicy(policy);
}

/** The state that puts the event. It comes after the response to CloudFormation, and its failure changes nothing. */
function eventState(scope: Construct, last: Parameters<EventStates>[0]): EventBridgePutEvents {
  const detail: Paths<CancellationEndedDetail> = {
    stateMachineArn: JsonPath.stringAt('$$.StateMachine.Id'),
    executionArn: JsonPath.stringAt('$$.Execution.Id'),
    kind: JsonPath.stringAt('$.progress.ended.kind'),
    displayName: JsonPath.stringAt('$.progress.ended.displayName'),
    deploymentId: JsonPath.stringAt('$.progress.ended.deploymentId'),
    outcome: JsonPath.stringAt('$.progress.result.outcome'),
    failed: JsonPath.stringAt('$.progress.result.failed'),
    reason: JsonPath.stringAt('$.progress.result.reason'),
    deploymentStatus: JsonPath.stringAt('$.progress.result.attributes.deploymentStatus'),
  };
  const state = new EventBridgePutEvents(scope, `Notify${last.id}`, {
    entries: [{ ...CANCELLATION_ENDED_EVENT, detail: TaskInput.fromObject(detail) }],
    resultPath: JsonPath.DISCARD,
  });
  state.addRetry(EVENT_RETRIES);
  state.addCatch(last, { errors: [Errors.ALL], resultPath: JsonPath.DISCARD });
  state.next(last);
  return state;
}
