import type { CloudFormation } from '../aws/cloudformation/cloudformation';
import type { StackEvent } from '../aws/cloudformation/engine';
import type { StackDescription } from '../aws/cloudformation/stack-description';
import type { PublishedEvent } from '../aws/events';
import type { Execution } from '../aws/step-functions/execution';
import type { Clock } from '../core/clock';
import type { Observable, ServiceFactory } from '../core/service';
import { Emulator, type EmulatorOptions } from '../emulator';
import type { InitialState } from '../services/proton/plan';
import type { Assets, SynthesizedStack } from './assembly';
import { callsByService } from './calls-by-service';
import { type FaultRule, faultsOf } from './faults';
import { type ExecutionReport, executionReport } from './report-execution';
import { FAILURE_TYPE, testResourceTypes } from './test-resources';

/** An event of a run. `atSeconds` is the time since the start of the run. */
export type RunEvent = { readonly atSeconds: number } & (
  | {
      readonly kind: 'resource';
      readonly logicalId: string;
      readonly resourceType: string;
      readonly status: string;
      readonly reason?: string;
    }
  | { readonly kind: 'state'; readonly name: string }
  | { readonly kind: 'deployment'; readonly resource: string; readonly deploymentId: string; readonly status: string }
  /** A message of SNS. */
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'call'; readonly service: string; readonly operation: string; readonly answer: string }
);

export type DeploymentEvent = Extract<RunEvent, { kind: 'deployment' }>;

/** The result of a run. */
export interface Report {
  readonly scenario: string;
  readonly stackStatus: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly resourceEvents: readonly Extract<RunEvent, { kind: 'resource' }>[];
  /** The reason why the last stack failed, or a state machine that was started; null if nothing failed. */
  readonly statusReason: string | null;
  readonly counts: {
    readonly lambdaInvocations: number;
    readonly stateTransitions: number;
    /** The calls of each service. */
    readonly calls: Readonly<Record<string, number>>;
  };
  readonly elapsedSeconds: number;
  readonly history: readonly RunEvent[];
  /** The last deployment of each resource at the start of the run. */
  readonly deploymentsBefore: readonly DeploymentEvent[];
  /** The executions in the order of their start. */
  readonly executions: readonly ExecutionReport[];
}

/** An operation on a stack of the assembly, or on a resource in it. */
export type Operation =
  | {
      readonly operation: 'create' | 'update' | 'delete';
      /** The ID of the stack in the app. */
      readonly stack: string;
      /** Whether the stack fails after all its resources. */
      readonly fails?: boolean;
    }
  /** Starts a state machine by the beginning of its logical ID. */
  | { readonly operation: 'start'; readonly machine: string }
  | { readonly operation: 'publish'; readonly event: PublishedEvent };

export interface RunOptions {
  readonly clock: Clock;
  readonly assembly: Assets & { readonly stacks: readonly SynthesizedStack[] };
  readonly scenario: {
    readonly name: string;
    readonly seed: InitialState;
    readonly services?: readonly ServiceFactory[];
    readonly faults?: readonly FaultRule[];
  };
  /** The operations, one after the other. Default: the one stack of the assembly is created. */
  readonly operations?: readonly Operation[];
  readonly protonEndpoint?: string;
  /** See `EmulatorOptions`. */
  readonly environment?: EmulatorOptions['environment'];
  readonly types?: EmulatorOptions['types'];
  readonly lambdaFaults?: EmulatorOptions['lambdaFaults'];
  /** Called before the first operation. */
  readonly onStart?: (emulator: Emulator) => void;
  /** Called for each event. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** Runs the operations on an emulator of its own. */
export async function run(options: RunOptions): Promise<Report> {
  const { clock, assembly, scenario, onEvent, operations = creationOf(assembly) } = options;
  const { protonEndpoint, environment, lambdaFaults } = options;
  const begin = clock.now();
  const history: RunEvent[] = [];
  const record = (event: RunEvent) => {
    history.push(event);
    onEvent?.(event);
  };
  const seconds = (at: number) => (at - begin) / 1000;

  // The plans of the scenario start with the first operation, not while the emulator starts.
  const release = clock.hold();
  const machines: StackEvent[] = [];
  const started: Execution[] = [];
  const emulator: Emulator = await Emulator.start({
    clock,
    assembly,
    // The resources of the emulated Proton are not those of a Proton that runs elsewhere.
    seed: protonEndpoint === undefined ? scenario.seed : {},
    services: scenario.services,
    protonEndpoint,
    environment,
    lambdaFaults,
    faults: faultsOf(scenario.faults ?? []),
    types: { ...testResourceTypes(clock, () => emulator.proton), ...options.types },
    onStackEvent: (event) => {
      record(resourceEvent(event, seconds(event.timestamp)));
      if (event.resourceType === MACHINE_TYPE && event.status === 'CREATE_COMPLETE') machines.push(event);
    },
    onMessage: ({ message: text }) => record({ atSeconds: seconds(clock.now()), kind: 'message', text }),
    onCall: ({ service, operation }, answer) =>
      record({ atSeconds: seconds(clock.now()), kind: 'call', service, operation, answer }),
  });
  try {
    options.onStart?.(emulator);
    const deploymentsBefore = emulator.simulatedServices.flatMap((service) => lastOnes(service, seconds));
    for (const service of emulator.simulatedServices) {
      service.onChange(({ at, resource, deploymentId, status }) =>
        record({ atSeconds: seconds(at), kind: 'deployment', resource, deploymentId, status }),
      );
    }
    emulator.stepFunctions.onHistory(({ type, timestamp, details }) => {
      if (!type.endsWith('StateEntered')) return;
      record({ atSeconds: seconds(timestamp), kind: 'state', name: String(details?.name) });
    });
    let last: StackDescription | undefined;
    for (const operation of operations) {
      switch (operation.operation) {
        case 'start':
          started.push(
            emulator.stepFunctions.startExecution({ stateMachineArn: machineArn(operation.machine, machines) }),
          );
          break;
        case 'publish':
          emulator.events.publish(operation.event);
          break;
        default: {
          const running = perform(operation, assembly, emulator.cloudFormation);
          release();
          last = await running;
        }
      }
    }
    if (!last) throw new Error('no operation is on a stack');
    const { status, statusReason, outputs } = last;
    // CloudFormation gets its response before the execution ends.
    await Promise.all(emulator.stepFunctions.executions.map(({ ended }) => ended));
    return {
      scenario: scenario.name,
      stackStatus: status,
      outputs: Object.fromEntries(outputs.map(({ key, value }) => [key, value])),
      resourceEvents: history.filter((event) => event.kind === 'resource'),
      statusReason: SUCCEEDED.has(status) ? failureOf(started) : (firstReason(history) ?? statusReason ?? null),
      counts: {
        lambdaInvocations: emulator.lambda.invocations,
        stateTransitions: emulator.stepFunctions.executions.reduce((sum, { transitions }) => sum + transitions, 0),
        calls: Object.fromEntries(callsByService(history)),
      },
      elapsedSeconds: seconds(clock.now()),
      history,
      deploymentsBefore,
      executions: emulator.stepFunctions.executions.map((execution) => executionReport(execution, seconds)),
    };
  } finally {
    release();
    await emulator.close();
  }
}

const SUCCEEDED: ReadonlySet<string> = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE']);

function creationOf(assembly: RunOptions['assembly']): Operation[] {
  const [stack, ...others] = assembly.stacks;
  if (!stack || others.length > 0)
    throw new Error(`an assembly without operations must have one stack, not ${assembly.stacks.length}`);
  return [{ operation: 'create', stack: stack.id }];
}

const MACHINE_TYPE = 'AWS::StepFunctions::StateMachine';

function machineArn(begin: string, machines: readonly StackEvent[]): string {
  const [found, ...others] = machines.filter(({ logicalId }) => logicalId.startsWith(begin));
  if (found?.physicalId === undefined || others.length > 0) {
    throw new Error(`exactly one state machine must have a logical ID that begins with ${begin}`);
  }
  return found.physicalId;
}

function perform(
  { operation, stack: id, fails = false }: Extract<Operation, { stack: string }>,
  { stacks }: RunOptions['assembly'],
  cloudFormation: CloudFormation,
): Promise<StackDescription> {
  const found = stacks.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`the assembly has no stack ${id}`);
  const stack = fails ? failing(found) : found;
  switch (operation) {
    case 'create':
      return cloudFormation.createStack(stack);
    case 'update':
      return cloudFormation.updateStack(stack);
    case 'delete':
      return cloudFormation.deleteStack(stack.stackName);
  }
}

/** The last deployment of each resource of a service. */
function lastOnes({ history }: Observable, seconds: (at: number) => number): DeploymentEvent[] {
  const last = new Map(history.map((change) => [change.resource, change]));
  return [...last.values()]
    .filter(({ kind }) => kind !== 'vanished')
    .map(({ at, resource, deploymentId, status }) => ({
      atSeconds: seconds(at),
      kind: 'deployment',
      resource,
      deploymentId,
      status,
    }));
}

function failureOf(executions: readonly Execution[]): string | null {
  const failed = executions.find(({ status }) => status !== 'SUCCEEDED');
  return failed ? `the execution ${failed.arn} ended as ${failed.status}: ${failed.error}: ${failed.cause}` : null;
}

/** The stack with an additional resource, which fails after all others. */
function failing(stack: SynthesizedStack): SynthesizedStack {
  const template = stack.template as { readonly Resources: Readonly<Record<string, unknown>> };
  const Check = {
    Type: FAILURE_TYPE,
    Properties: { fails: true, afterSeconds: 30 },
    DependsOn: Object.keys(template.Resources),
  };
  return { ...stack, template: { ...template, Resources: { ...template.Resources, Check } } };
}

function resourceEvent({ logicalId, resourceType, status, statusReason }: StackEvent, atSeconds: number): RunEvent {
  return { atSeconds, kind: 'resource', logicalId, resourceType, status, reason: statusReason };
}

/** The reason of the first failure. Later failures are cancellations and rollbacks. */
function firstReason(history: readonly RunEvent[]): string | undefined {
  for (const event of history) {
    if (event.kind === 'resource' && event.status.endsWith('_FAILED')) return event.reason;
  }
  return undefined;
}
