import type { StackEvent } from '../aws/cloudformation/engine';
import type { StackDescription } from '../aws/cloudformation/stack-description';
import type { Execution } from '../aws/step-functions/execution';
import type { Clock } from '../core/clock';
import type { Observable, ServiceFactory } from '../core/service';
import { Emulator } from '../emulator';
import type { EmulatorOptions } from '../emulator-options';
import type { InitialState } from '../services/proton/plan';
import type { Assets, SynthesizedStack } from './assembly';
import { callsByService } from './calls-by-service';
import { type FaultRule, faultsOf } from './faults';
import { FunctionErrors, type FunctionName } from './function-errors';
import { creationOf, isSuccess, type Operation, performOperations } from './operations';
import { type ExecutionReport, executionReport } from './report-execution';
import { testResourceTypes } from './test-resources';

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

/** The options of the emulator that a run passes on. */
type PassedOptions = Pick<
  EmulatorOptions,
  | 'consistency'
  | 'delivery'
  | 'environment'
  | 'lambdaFaults'
  | 'parameters'
  | 'protonEndpoint'
  | 'quotas'
  | 'random'
  | 'runtimeModules'
  | 'types'
>;

export interface RunOptions extends PassedOptions {
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
  /** Names a function in errors. Default: its logical ID. */
  readonly functionName?: FunctionName;
  /** Called before the first operation. */
  readonly onStart?: (emulator: Emulator) => void;
  /** Called for each event. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Called for each call that has a fault. */
  readonly onFault?: (rule: FaultRule) => void;
}

/** Runs the operations on a new emulator. Rejects if a function does what the emulator does not allow or support. */
export async function run(options: RunOptions): Promise<Report> {
  const { clock, assembly, scenario, operations, functionName, onStart, onEvent, onFault, ...passed } = options;
  const begin = clock.now();
  const history: RunEvent[] = [];
  const record = (event: RunEvent) => {
    history.push(event);
    onEvent?.(event);
  };
  const seconds = (at: number) => (at - begin) / 1000;

  // The plans of the scenario start with the first operation, not while the emulator starts.
  const release = clock.hold();
  const stackEvents: StackEvent[] = [];
  const functions = new FunctionErrors(functionName);
  const emulator: Emulator = await Emulator.start({
    ...passed,
    clock,
    assembly,
    // The emulated Proton has no resources if an external one is used.
    seed: passed.protonEndpoint === undefined ? scenario.seed : {},
    services: scenario.services,
    faults: faultsOf(scenario.faults ?? [], onFault),
    types: { ...testResourceTypes(clock, () => emulator), ...passed.types },
    onStackEvent: (event) => {
      stackEvents.push(event);
      functions.addEvent(event);
      record(resourceEvent(event, seconds(event.timestamp)));
    },
    onMessage: ({ message: text }) => record({ atSeconds: seconds(clock.now()), kind: 'message', text }),
    onCall: ({ service, operation }, answer) =>
      record({ atSeconds: seconds(clock.now()), kind: 'call', service, operation, answer }),
    onRefusedConnection: functions.onRefusedConnection,
    onFunctionError: functions.onFunctionError,
  });
  try {
    onStart?.(emulator);
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
    const performed = performOperations(
      operations ?? creationOf(assembly.stacks),
      assembly.stacks,
      emulator,
      stackEvents,
      release,
    );
    const { stack, started } = await unlessRefused(performed, functions, clock);
    const elapsedSeconds = seconds(clock.now());
    // The function receives the end of the last execution. After a rollback, neither it nor its roles exist any more.
    if (isSuccess(stack)) await emulator.lambda.settled();
    return {
      scenario: scenario.name,
      stackStatus: stack.status,
      outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])),
      resourceEvents: history.filter((event) => event.kind === 'resource'),
      statusReason: isSuccess(stack) ? executionFailure(started) : functions.explain(stackFailure(history, stack)),
      counts: {
        lambdaInvocations: emulator.lambda.invocations,
        stateTransitions: emulator.stepFunctions.executions.reduce((sum, { transitions }) => sum + transitions, 0),
        calls: Object.fromEntries(callsByService(history)),
      },
      elapsedSeconds,
      history,
      deploymentsBefore,
      executions: emulator.stepFunctions.executions.map((execution) => executionReport(execution, seconds)),
    };
  } finally {
    release();
    await emulator.close();
  }
}

/** Stops the clock when something is refused, so that the operations do not continue. */
async function unlessRefused<T>(work: Promise<T>, { refused }: FunctionErrors, clock: Clock): Promise<T> {
  try {
    return await Promise.race([work, refused]);
  } catch (error) {
    clock.hold();
    work.catch(() => undefined);
    throw error;
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

/** An execution that was stopped has not failed. */
function executionFailure(executions: readonly Execution[]): string | null {
  const failed = executions.find(({ status }) => status !== 'SUCCEEDED' && status !== 'ABORTED');
  return failed ? `the execution ${failed.arn} ended as ${failed.status}: ${failed.error}: ${failed.cause}` : null;
}

function resourceEvent({ logicalId, resourceType, status, statusReason }: StackEvent, atSeconds: number): RunEvent {
  return { atSeconds, kind: 'resource', logicalId, resourceType, status, reason: statusReason };
}

/** The reason of the first failure of a resource, or of a stack. Later failures are cancellations and rollbacks. */
function stackFailure(history: readonly RunEvent[], { status, statusReason }: StackDescription): string {
  const failed = (pattern: RegExp) => {
    const isFailure = (event: RunEvent) => event.kind === 'resource' && pattern.test(event.status) && event.reason;
    return (history.find(isFailure) as Extract<RunEvent, { kind: 'resource' }> | undefined)?.reason;
  };
  return failed(/_FAILED$/) ?? failed(/ROLLBACK_IN_PROGRESS$/) ?? statusReason ?? `the stack is ${status}`;
}
