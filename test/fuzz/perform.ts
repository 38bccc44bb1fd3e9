import { resolve } from 'node:path';
import type { StackEvent } from '../../emulator/aws/cloudformation/engine';
import type { StackDescription } from '../../emulator/aws/cloudformation/stack-description';
import type { Invocation, LambdaFault } from '../../emulator/aws/lambda/function';
import type { Parameter } from '../../emulator/aws/ssm';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { sleep, VirtualClock } from '../../emulator/core/clock';
import type { Fault, RawRequest, ServiceCall } from '../../emulator/core/http-server';
import { SECONDS } from '../../emulator/core/plan';
import { seededRandom } from '../../emulator/core/seeded-random';
import type { Observable } from '../../emulator/core/service';
import type { SharedRuntime } from '../../emulator/core/shared-runtime';
import type { AcceptedCancel, Change } from '../../emulator/core/simulated-service';
import { type AcceptedRequest, SimulatedStacks } from '../../emulator/services/cloudformation/simulated-stacks';
import { type AcceptedStop, SimulatedCodePipeline } from '../../emulator/services/codepipeline/simulated-service';
import type { Assembly } from '../../emulator/simulation/assembly';
import { testResourceTypes } from '../../emulator/simulation/test-resources';
import { STEPS, type StepEvent } from '../../lib/contract/cancellation';
import { Recorder } from '../emulator/recorder';
import { actionInputOf, stackOf } from './assemblies';
import { appliesTo, isOneAtATime, type Schedule, type Task, toFault } from './schedule';
import { accountOf, startedOf } from './simulated-kinds';
import { isGuarded, type LifecycleStep, STACK_NAME, stepsOf, WORKFLOW_MACHINE } from './stack-lifecycles';

/** A response to CloudFormation. */
export interface SentResponse {
  /** Milliseconds since the epoch, like all times here. */
  readonly at: number;
  readonly body: string;
  readonly delivered: boolean;
  /** The status of the stack at that time. */
  readonly stackStatus: string | undefined;
}

/** The record of a run. */
export interface RunRecord {
  readonly schedule: Schedule;
  /** The stack after each step. */
  readonly steps: readonly StackDescription[];
  /** The stack after its deletion at the end; undefined if a step has deleted it. */
  readonly deletion?: StackDescription;
  readonly stackEvents: readonly StackEvent[];
  readonly executions: readonly Execution[];
  /** The status of the stack at the start of each execution, by ARN. */
  readonly startedIn: ReadonlyMap<string, string | undefined>;
  readonly responses: readonly SentResponse[];
  readonly invocations: readonly Invocation[];
  readonly signatures: readonly string[];
  readonly logs: readonly string[];
  readonly readable: string;
  /** The parameters before the deletion of the stack at the end. */
  readonly parameters: readonly Parameter[];
  /** Whether a parameter could not be deleted, because the permission was already deleted. */
  readonly cannotDeleteParameters: boolean;
  /** When a function of the workflow was deleted before the deletion at the end, if it was. */
  readonly functionDeletedAt: number | undefined;
  readonly changes: readonly Change[];
  readonly cancels: readonly AcceptedCancel[];
  /** The accepted requests to delete a simulated stack, or to continue its rollback. */
  readonly stackRequests: readonly AcceptedRequest[];
  /** The accepted stops of executions of CodePipeline. */
  readonly stops: readonly AcceptedStop[];
  /** The calls of services, and their errors or `ok`. */
  readonly calls: Recorder['calls'];
  /** The requests to response URLs. */
  readonly answers: Recorder['answers'];
  /** A line for each event. */
  readonly log: readonly string[];
  /** Whether the run did not end. The record is then incomplete. */
  readonly stuck: boolean;
}

/** A run that takes longer is stuck, in milliseconds of real time. */
const TIMEOUT_MS = 300_000;
/** The pause after each step, for retries. */
const PAUSE_SECONDS = 20;
/** The pause after the last step. A deployment that a stack has started is over by then. */
const AFTERWARDS_SECONDS = 30 * 60;

/** Where there is one deployment at a time, an update must not start another one before the last is over. */
function pauseBefore(next: LifecycleStep | undefined, { lifecycle, kind }: Schedule): number {
  const isAnother = isGuarded(lifecycle) && isOneAtATime(kind) && next?.operation === 'update';
  return isAnother ? AFTERWARDS_SECONDS : PAUSE_SECONDS;
}

const UPDATABLE = /^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE)$/;

/** Runs a schedule on the emulator, with the synthesized templates, the bundles and the state machine. */
export async function perform(schedule: Schedule, assembly: Assembly, runtime: SharedRuntime): Promise<RunRecord> {
  const clock = new VirtualClock();
  const begin = clock.now();
  const skew = schedule.skewSeconds * SECONDS;
  const log: string[] = [];
  const report = (what: string) => void log.push(`${((clock.now() - begin) / 1000).toFixed(1)} ${what}`);
  const responses: SentResponse[] = [];
  const startedIn = new Map<string, string | undefined>();
  // The status of a nested stack follows its root.
  const stackStatus = () => recorder.emulator.cloudFormation.describeStack(STACK_NAME)?.status;
  const steps: StackDescription[] = [];
  let parameters: readonly Parameter[] = [];
  let functionDeletedAt: number | undefined;
  let deletion: StackDescription | undefined;
  const { lifecycle, timeoutSeconds, failOn, onNotFound, includeStatusMessage } = schedule;

  const countCall = counter();
  const callFault = ({ service, operation }: ServiceCall): Fault | undefined => {
    const call = `${service}:${operation}`;
    const n = countCall(call);
    const rule = schedule.callFaults.find((candidate) => candidate.call === call && appliesTo(candidate, n));
    if (rule) report(`fault: ${call} #${n} is ${rule.fault}`);
    return rule && toFault(rule.fault, service);
  };
  const countTask = counter();
  const functionFault = (invocation: Invocation): LambdaFault | undefined => {
    const task = taskOf(invocation);
    const n = countTask(task);
    report(`function: ${task} #${n}${invocation.attempt > 1 ? `, attempt ${invocation.attempt}` : ''}`);
    const rule = schedule.functionFaults.find((candidate) => candidate.task === task && appliesTo(candidate, n));
    if (rule) report(`fault: ${task} #${n} is ${JSON.stringify(rule.fault)}`);
    return rule?.fault;
  };
  const countResponse = counter();
  const responseFault = (request: RawRequest): Fault | undefined => {
    const n = countResponse('');
    const rule = schedule.responseFaults.find((candidate) => appliesTo(candidate, n));
    const delivered = rule === undefined || rule.fault === 'lost';
    responses.push({ at: clock.now(), body: request.body, delivered, stackStatus: stackStatus() });
    report(`response #${n}${rule ? ` (${rule.fault})` : ''}: ${request.body}`);
    return rule && toFault(rule.fault, '');
  };

  const account = accountOf(schedule);
  let release = clock.hold();
  const recorder: Recorder = await Recorder.start({
    clock,
    assembly,
    runtime,
    // A declared API is called with the SDK of the project.
    runtimeModules: resolve('node_modules'),
    skew: (service) => (service === 'proton' ? skew : 0),
    random: seededRandom(schedule.seed),
    consistency: schedule.consistency,
    quotas: schedule.quotas,
    delivery: schedule.delivery,
    ...account,
    seed: account.seed ?? {},
    types: testResourceTypes(clock, () => recorder.emulator, startedOf(schedule)),
    faults: callFault,
    lambdaFaults: functionFault,
    answerFaults: responseFault,
    onCall: ({ service, operation }, answer) => report(`call: ${service}:${operation} returns ${answer}`),
    onStackEvent: ({ logicalId, status, statusReason }) =>
      report(`stack: ${logicalId} ${status}${statusReason === undefined ? '' : `: ${statusReason}`}`),
  });
  const { emulator } = recorder;
  for (const service of emulator.simulatedServices) {
    service.onChange(({ kind, resource, deploymentId, status }) =>
      report(`deployment: ${deploymentId} of ${resource} ${kind} as ${status}`),
    );
  }
  emulator.stepFunctions.onHistory(({ type, details, executionArn }) => {
    if (type === 'ExecutionStarted') startedIn.set(executionArn, stackStatus());
    if (/StateEntered$|^Execution/.test(type)) report(`machine: ${type} ${String(details?.name ?? '')}`);
  });
  for (const seconds of schedule.abortsAt) {
    clock.schedule(seconds * SECONDS, () => {
      for (const execution of emulator.stepFunctions.executions) {
        if (execution.status !== 'RUNNING') continue;
        report(`fault: ${execution.name} is aborted`);
        execution.stop('Aborted', 'by the schedule');
      }
    });
  }

  const machineArn = (prefix: string) => {
    const machine = recorder.events.findLast(({ resourceType, logicalId }) => {
      return resourceType === 'AWS::StepFunctions::StateMachine' && logicalId.startsWith(prefix);
    });
    return machine?.physicalId ?? '';
  };

  /** Performs a step. Resolves to the stack after an operation on it. */
  async function performStep(step: LifecycleStep, index: number): Promise<StackDescription | undefined> {
    const { cloudFormation, stepFunctions, events } = emulator;
    const stack = () =>
      stackOf(assembly, schedule, index, { timeoutSeconds, failOn, onNotFound, includeStatusMessage });
    switch (step.operation) {
      case 'create':
        return cloudFormation.createStack(stack());
      case 'update':
        if (step.cancelledAfterSeconds !== undefined) cancelUpdateAfter(step.cancelledAfterSeconds);
        return cloudFormation.updateStack(stack());
      case 'delete':
        return cloudFormation.deleteStack(STACK_NAME);
      case 'publish':
        events.publish(step.event);
        return undefined;
      case 'start':
        stepFunctions.startExecution({ stateMachineArn: machineArn(step.machine) });
        return undefined;
      case 'start-by-action': {
        const input = actionInputOf(assembly, schedule);
        stepFunctions.startExecution({ stateMachineArn: machineArn(WORKFLOW_MACHINE), input });
        return undefined;
      }
    }
  }

  function cancelUpdateAfter(seconds: number): void {
    clock.schedule(seconds * SECONDS, () => {
      if (stackStatus() === 'UPDATE_IN_PROGRESS') emulator.cloudFormation.cancelUpdateStack(STACK_NAME);
    });
  }

  async function performSteps(): Promise<void> {
    const all = stepsOf(lifecycle);
    for (const [index, step] of all.entries()) {
      // A stack whose creation or rollback failed cannot be updated, and starts nothing.
      if (index > 0 && step.operation !== 'delete' && !UPDATABLE.test(steps.at(-1)?.status ?? '')) continue;
      const work = performStep(step, index);
      release();
      const stack = await work;
      if (stack) steps.push(stack);
      await sleep(clock, pauseBefore(all[index + 1], schedule) * SECONDS);
      release = clock.hold();
    }
    release();
    await sleep(clock, AFTERWARDS_SECONDS * SECONDS);
    parameters = [...emulator.ssm.parameters];
    functionDeletedAt = recorder.events.find(
      ({ resourceType, status }) => resourceType === 'AWS::Lambda::Function' && status === 'DELETE_COMPLETE',
    )?.timestamp;
    if (steps.at(-1)?.status !== 'DELETE_COMPLETE') deletion = await emulator.cloudFormation.deleteStack(STACK_NAME);
  }

  try {
    const stuck = !(await endsInTime(performSteps()));
    const { simulatedServices, stepFunctions } = emulator;
    const skewOf = (service: Observable) => (service === emulator.proton ? skew : 0);
    /** The events of all services, by the clock of the run. */
    const eventsOf = <T extends { readonly at: number }>(of: (service: Observable) => readonly T[]) =>
      simulatedServices.flatMap((service) =>
        of(service).map((event) => ({ ...event, at: event.at - skewOf(service) })),
      );
    return {
      schedule,
      steps,
      deletion,
      stackEvents: recorder.events,
      executions: stepFunctions.executions,
      startedIn,
      responses,
      invocations: recorder.invocations,
      signatures: recorder.requests.flatMap(({ ResponseURL }) => /X-Amz-Signature=(\w+)/.exec(ResponseURL)?.[1] ?? []),
      logs: recorder.logs,
      readable: recorder.readable,
      parameters,
      cannotDeleteParameters: recorder.callsOf('ssm').includes('DeleteParameter: AccessDeniedException'),
      functionDeletedAt,
      changes: eventsOf(({ history }) => history),
      cancels: eventsOf(({ acceptedCancels }) => acceptedCancels),
      stackRequests: simulatedServices.flatMap((one) => (one instanceof SimulatedStacks ? one.acceptedRequests : [])),
      stops: simulatedServices.flatMap((one) => (one instanceof SimulatedCodePipeline ? one.acceptedStops : [])),
      calls: recorder.calls,
      answers: recorder.answers,
      log,
      stuck,
    };
  } finally {
    release();
    await emulator.close();
  }
}

/** Returns the task of an invocation. */
export function taskOf({ event }: Pick<Invocation, 'event'>): Task {
  const fields = event as object;
  if ('RequestType' in fields) return 'request';
  if ('source' in fields) return 'end';
  if ('result' in fields) return 'respond';
  if ('fleetStep' in fields) return fields.fleetStep === 'FIND' ? STEPS.FIND : STEPS.CANCEL;
  const next = (event as StepEvent).progress?.next;
  return next === STEPS.CANCEL || next === STEPS.AWAIT ? next : STEPS.FIND;
}

/** Creates a function that counts its calls for each key. */
function counter(): (key: string) => number {
  const counts = new Map<string, number>();
  return (key) => {
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  };
}

/** Tells whether the work ends within the timeout. */
async function endsInTime(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), TIMEOUT_MS);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
