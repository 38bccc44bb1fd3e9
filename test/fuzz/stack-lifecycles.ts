import { CfnResource, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Artifact, Pipeline, PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { S3SourceAction, S3Trigger } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  STACK_SCENARIOS,
  type StackScenarioName,
  type StackStep,
  type Subject,
} from '../../bin/scenarios/stack-scenarios';
import type { PublishedEvent } from '../../emulator/aws/events';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { FAILURE_TYPE } from '../../emulator/simulation/test-resources';
import {
  CancelDeploymentAction,
  CancelDeploymentTarget,
  CancelDeploymentTask,
  type CancellableDeployment,
  type CancellableFleet,
  CancellationWorkflow,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  StackRollbackRule,
} from '../../lib/index';

/** The lifecycles of stacks with cancellations or guards, and of executions that something else starts. */

export const STACK_NAME = 'Fuzz';

/** The deployments of a run. */
export interface Subjects extends Subject {
  /** Deployments of several kinds. */
  readonly listed: readonly CancellableDeployment[];
  /** The fleet that the service lists, if it lists one. */
  readonly fleet?: CancellableFleet;
}

type Build = (stack: Stack, subjects: Subjects) => unknown;

/** One step of a lifecycle. */
export type LifecycleStep =
  | {
      readonly operation: StackStep['operation'];
      /** Undefined for a deletion. */
      readonly build?: Build;
      /** When the user cancels the update, in seconds after its start. */
      readonly cancelledAfterSeconds?: number;
    }
  | { readonly operation: 'publish'; readonly event: PublishedEvent }
  /** Starts a state machine of the stack by the beginning of its logical ID. */
  | { readonly operation: 'start'; readonly machine: string }
  /** An action of a pipeline starts the workflow, with the input in the template of the pipeline. */
  | { readonly operation: 'start-by-action' };

interface Parts {
  readonly id?: string;
  /** How many cancellations cancel the same deployment at the same time. Default: 1. */
  readonly count?: number;
  readonly trigger?: string;
  /** Another resource fails after so many seconds, while the cancellation waits. */
  readonly failsAfterSeconds?: number;
  /** Whether another resource fails after the cancellation. */
  readonly failsAfterCancellation?: boolean;
}

function withCancellation(parts: Parts): Build {
  const { id = 'Cancellation', count = 1, trigger, failsAfterSeconds, failsAfterCancellation } = parts;
  return (stack, { deployment, calledAs }) => {
    const props = { deployment, trigger, ...calledAs };
    const cancellation = new DeploymentCancellation(stack, id, props);
    for (let number = 2; number <= count; number++) {
      new DeploymentCancellation(stack, `${id}${number}`, props);
    }
    const check = new CfnResource(stack, 'Check', {
      type: FAILURE_TYPE,
      properties: {
        trigger,
        afterSeconds: failsAfterSeconds ?? 5,
        fails: failsAfterSeconds !== undefined || failsAfterCancellation === true,
      },
    });
    if (failsAfterSeconds === undefined) check.node.addDependency(cancellation);
  };
}

const fleet =
  (trigger: string): Build =>
  (stack, { fleet, calledAs }) => {
    if (!fleet) throw new Error('no service lists the deployments of this kind');
    new FleetCancellation(stack, 'Fleet', { fleet, trigger, ...calledAs });
  };

const nestedFleet =
  (trigger: string): Build =>
  (stack, subjects) =>
    fleet(trigger)(new NestedStack(stack, 'Nested'), subjects);

const list =
  (trigger: string): Build =>
  (stack, { listed, calledAs }) => {
    const fleet = DeploymentFleet.fromDeployments([...listed]);
    new FleetCancellation(stack, 'Fleet', { fleet, trigger, ...calledAs });
  };

const CANCELLATIONS = {
  created: [{ operation: 'create', build: withCancellation({}) }],
  'two-cancellations': [{ operation: 'create', build: withCancellation({ count: 2 }) }],
  // Of so many, no function waits: the state machine does.
  'four-cancellations': [{ operation: 'create', build: withCancellation({ count: 4 }) }],
  'created-twice': [
    { operation: 'create', build: withCancellation({ trigger: '1' }) },
    { operation: 'update', build: withCancellation({ trigger: '2' }) },
  ],
  'rolled-back': [{ operation: 'create', build: withCancellation({ failsAfterCancellation: true }) }],
  'deleted-while-waiting': [{ operation: 'create', build: withCancellation({ failsAfterSeconds: 20 }) }],
  'update-rolled-back': [
    { operation: 'create', build: withCancellation({ trigger: '1' }) },
    { operation: 'update', build: withCancellation({ trigger: '2', failsAfterCancellation: true }) },
  ],
  'update-rolled-back-while-waiting': [
    { operation: 'create', build: withCancellation({ trigger: '1' }) },
    { operation: 'update', build: withCancellation({ trigger: '2', failsAfterSeconds: 20 }) },
  ],
  'update-cancelled-while-waiting': [
    { operation: 'create', build: withCancellation({ trigger: '1' }) },
    { operation: 'update', build: withCancellation({ trigger: '2' }), cancelledAfterSeconds: 20 },
    { operation: 'update', build: withCancellation({ trigger: '3' }) },
  ],
  replaced: [
    { operation: 'create', build: withCancellation({}) },
    { operation: 'update', build: withCancellation({ id: 'Successor' }) },
  ],
  deleted: [{ operation: 'create', build: withCancellation({}) }, { operation: 'delete' }],
} as const satisfies Readonly<Record<string, readonly LifecycleStep[]>>;

const FLEETS = {
  'fleet-created': [{ operation: 'create', build: fleet('1') }],
  'fleet-updated': [
    { operation: 'create', build: fleet('1') },
    { operation: 'update', build: fleet('2') },
  ],
  'nested-fleet-updated': [
    { operation: 'create', build: nestedFleet('1') },
    { operation: 'update', build: nestedFleet('2') },
  ],
  'fleet-deleted': [{ operation: 'create', build: fleet('1') }, { operation: 'delete' }],
} as const satisfies Readonly<Record<string, readonly LifecycleStep[]>>;

const LISTS = {
  'list-created': [{ operation: 'create', build: list('1') }],
  'list-updated': [
    { operation: 'create', build: list('1') },
    { operation: 'update', build: list('2') },
  ],
} as const satisfies Readonly<Record<string, readonly LifecycleStep[]>>;

/** The timeout of the cancellations that no resource requests, in seconds. */
export const STARTED_TIMEOUT_SECONDS = 300;
const timeout = Duration.seconds(STARTED_TIMEOUT_SECONDS);

/** The name of the stack whose rollback cancels. It is not deployed. */
const WATCHED = 'Watched';

/** The logical IDs of state machines. */
const OWN_MACHINE = 'Mine';
export const WORKFLOW_MACHINE = 'DeploymentCancellationWorkflow';

const ALARM = { source: 'fuzz', 'detail-type': 'Alarm', detail: {} };
const { region, account } = DEFAULT_ENVIRONMENT;
const ROLLBACK = {
  source: 'aws.cloudformation',
  'detail-type': 'CloudFormation Stack Status Change',
  detail: {
    'stack-id': `arn:aws:cloudformation:${region}:${account}:stack/${WATCHED}/0f9b`,
    'status-details': { status: 'UPDATE_ROLLBACK_IN_PROGRESS', 'status-reason': '' },
  },
};

const withRule: Build = (stack, { deployment, calledAs }) =>
  new Rule(stack, 'Alarm', {
    eventPattern: { source: [ALARM.source] },
    targets: [new CancelDeploymentTarget({ deployment, timeout, ...calledAs })],
  });

const withRollbackRule: Build = (stack, { deployment, calledAs }) =>
  new StackRollbackRule(stack, 'Watch', { deployment, timeout, stackNames: [WATCHED], ...calledAs });

const withTask: Build = (stack, { deployment, calledAs }) => {
  const task = new CancelDeploymentTask(stack, 'Cancel', { deployment, timeout, ...calledAs });
  new StateMachine(stack, OWN_MACHINE, { definitionBody: DefinitionBody.fromChainable(task) });
};

/** The emulator has no pipelines, so that the pipeline is in a stack that is not deployed. */
const withAction: Build = (stack, { deployment }) => {
  const pipelineStack = new Stack(stack.node.root, pipelineStackIdOf(stack.node.id));
  const workflow = CancellationWorkflow.of(stack);
  const source = new S3SourceAction({
    actionName: 'Request',
    bucket: new Bucket(pipelineStack, 'Requests', { versioned: true }),
    bucketKey: 'stop.zip',
    output: new Artifact(),
    trigger: S3Trigger.NONE,
  });
  const cancel = new CancelDeploymentAction({ actionName: 'Cancel', deployment, timeout, workflow });
  new Pipeline(pipelineStack, 'Pipeline', {
    pipelineName: 'fuzz',
    pipelineType: PipelineType.V2,
    stages: [
      { stageName: 'Request', actions: [source] },
      { stageName: 'Stop', actions: [cancel] },
    ],
  });
};

export const pipelineStackIdOf = (stackId: string) => `${stackId}-pipeline`;

const STARTS = {
  'started-by-event': [
    { operation: 'create', build: withRule },
    { operation: 'publish', event: ALARM },
  ],
  'started-by-rollback-elsewhere': [
    { operation: 'create', build: withRollbackRule },
    { operation: 'publish', event: ROLLBACK },
  ],
  'started-by-task': [
    { operation: 'create', build: withTask },
    { operation: 'start', machine: OWN_MACHINE },
  ],
  'started-by-action': [{ operation: 'create', build: withAction }, { operation: 'start-by-action' }],
} as const satisfies Readonly<Record<string, readonly LifecycleStep[]>>;

/** The stack scenarios whose guards get different requests. */
const GUARDS = [
  'guard-armed',
  'rollback-of-create',
  'rollback-of-update',
  'guard-new-in-failed-update',
  'guard-removed',
  'stack-deleted',
  'stack-deleted-cancelling',
  'guard-ignores-earlier',
  'guard-cancels-earlier',
  'guard-moved',
  'guard-added-beside-cancellation',
  'guard-status-unreadable',
  'nested-rollback-of-create',
  'nested-rollback-of-update',
  'nested-stack-deleted',
  'nested-guard-removed',
  'nested-guard-new-in-failed-update',
] as const satisfies readonly StackScenarioName[];

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>) => Object.keys(record) as Key[];

export const CANCELLATION_LIFECYCLES = keysOf(CANCELLATIONS);
export const FLEET_LIFECYCLES = keysOf(FLEETS);
export const LIST_LIFECYCLES = keysOf(LISTS);
export const START_LIFECYCLES = keysOf(STARTS);
export const GUARD_LIFECYCLES = GUARDS;
export type Lifecycle =
  | (typeof CANCELLATION_LIFECYCLES)[number]
  | (typeof FLEET_LIFECYCLES)[number]
  | (typeof LIST_LIFECYCLES)[number]
  | (typeof START_LIFECYCLES)[number]
  | (typeof GUARD_LIFECYCLES)[number];

export function stepsOf(lifecycle: Lifecycle): readonly LifecycleStep[] {
  const own: Readonly<Record<string, readonly LifecycleStep[]>> = { ...CANCELLATIONS, ...FLEETS, ...LISTS, ...STARTS };
  return own[lifecycle] ?? STACK_SCENARIOS[lifecycle as StackScenarioName].steps;
}

export function isGuarded(lifecycle: Lifecycle): lifecycle is (typeof GUARD_LIFECYCLES)[number] {
  return GUARDS.some((guard) => guard === lifecycle);
}

/** Whether a service lists the deployments of the fleet. */
export function isFleet(lifecycle: Lifecycle): boolean {
  return Object.hasOwn(FLEETS, lifecycle);
}

/** Whether the stack lists the deployments of the fleet. */
export function isList(lifecycle: Lifecycle): boolean {
  return Object.hasOwn(LISTS, lifecycle);
}

/** Whether something besides CloudFormation starts the execution. */
export function isStarted(lifecycle: Lifecycle): boolean {
  return Object.hasOwn(STARTS, lifecycle);
}
