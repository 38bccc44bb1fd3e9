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
import { Construct, type IDependable } from 'constructs';
import { CANCELLATION_ENDED_EVENT, type CancellationEndedDetail, type EndedDetail } from '../../contract/cancellation';
import type { FleetEndedDetail } from '../../contract/fleet';
import { FLEET_COMMENT, fleetStates } from './fleet-definition';
import { COUNTED_OUTCOMES } from './outcomes';
import { EVENT_RETRIES } from './retries';
import { type EventStates, type Paths, WORKFLOW_COMMENT, workflowStates } from './workflow-definition';

/** The ID of the construct with the definition that puts events. A workflow has it if somebody has asked for events. */
const ID = 'Notifications';

/** A workflow that puts events. */
interface Workflow extends Construct {
  readonly stateMachine: IStateMachine;
  readonly stateMachineRole: IRole;
}

type Functions = { readonly [name: string]: LambdaFunction };

/** The definition of a state machine and its events. */
interface Events {
  readonly comment: string;
  readonly states: typeof workflowStates;
  /** The detail of an event, beside what every event has. */
  readonly detail: Readonly<Record<string, string>>;
  /** The outcomes that a rule is for. Default: all. */
  readonly outcomes?: readonly string[];
}

const ended = (name: string) => JsonPath.stringAt(`$.progress.ended.${name}`);
const result = (name: string) => JsonPath.stringAt(`$.progress.result.${name}`);

/** The events of a workflow that cancels one deployment. */
export const CANCELLATION_EVENTS: Events = {
  comment: WORKFLOW_COMMENT,
  states: workflowStates,
  detail: {
    kind: ended('kind'),
    displayName: ended('displayName'),
    deploymentId: ended('deploymentId'),
    outcome: result('outcome'),
    deploymentStatus: result('attributes.deploymentStatus'),
  } satisfies Paths<Omit<CancellationEndedDetail, keyof EndedDetail>>,
  // Arming a guard is no cancellation.
  outcomes: COUNTED_OUTCOMES,
};

/** The events of a workflow that cancels a fleet. */
export const FLEET_EVENTS: Events = {
  comment: FLEET_COMMENT,
  states: fleetStates,
  detail: {
    kind: ended('kind'),
    displayName: ended('displayName'),
    outcome: ended('outcome'),
    counts: ended('counts'),
  } satisfies Paths<Omit<FleetEndedDetail, keyof EndedDetail>>,
};

/**
 * Makes a workflow put an event at the end of each cancellation, and creates a rule for these events. The permission is that
 * of the role of the state machine.
 */
export function addOutcomeRule(
  workflow: Workflow,
  functions: Functions,
  events: Events,
  id: string,
  options: OnEventOptions,
): { readonly rule: Rule; readonly permission: IDependable } {
  const permission = workflow.node.tryFindChild(ID) ?? putEvents(workflow, functions, events);
  const rule = new Rule(workflow, id, options);
  const { source, detailType } = CANCELLATION_ENDED_EVENT;
  const { outcomes } = events;
  // Patterns are merged, so a list would widen that of the user.
  const isGiven = options.eventPattern?.detail?.outcome !== undefined;
  rule.addEventPattern({
    source: [source],
    detailType: [detailType],
    detail: {
      stateMachineArn: [workflow.stateMachine.stateMachineArn],
      ...(outcomes && !isGiven && { outcome: outcomes }),
    },
  });
  rule.addTarget(options.target);
  return { rule, permission };
}

/** Replaces the definition of the state machine by one that puts events, and allows its role to put them. */
function putEvents(
  workflow: Workflow,
  { deployment, cloudformation }: Functions,
  { comment, states, detail }: Events,
): Construct {
  const scope = new Construct(workflow, ID);
  if (!deployment || !cloudformation) throw new Error('the workflow has no functions');
  const stack = Stack.of(workflow);
  const resource = workflow.stateMachine.node.defaultChild as CfnStateMachine;
  const first = states(scope, deployment, cloudformation, (last) => eventState(scope, last, detail));
  const graph = new StateGraph(first.startState, 'State Machine definition');
  resource.definitionString = stack.toJsonString({ ...graph.toGraphJson(), Comment: comment });
  const eventBus = stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' });
  const policy = new Policy(scope, 'Policy', {
    statements: [new PolicyStatement({ actions: ['events:PutEvents'], resources: [eventBus] })],
  });
  workflow.stateMachineRole.attachInlinePolicy(policy);
  return scope;
}

/** The state that puts the event. It comes after the response to CloudFormation, and its failure changes nothing. */
function eventState(scope: Construct, last: Parameters<EventStates>[0], more: Events['detail']): EventBridgePutEvents {
  const common: Paths<EndedDetail> = {
    stateMachineArn: JsonPath.stringAt('$$.StateMachine.Id'),
    executionArn: JsonPath.stringAt('$$.Execution.Id'),
    failed: result('failed'),
    reason: result('reason'),
  };
  const state = new EventBridgePutEvents(scope, `Notify${last.id}`, {
    entries: [{ ...CANCELLATION_ENDED_EVENT, detail: TaskInput.fromObject({ ...common, ...more }) }],
    resultPath: JsonPath.DISCARD,
  });
  state.addRetry(EVENT_RETRIES);
  state.addCatch(last, { errors: [Errors.ALL], resultPath: JsonPath.DISCARD });
  state.next(last);
  return state;
}
