import { STACK_SCENARIOS } from '../../bin/scenarios/stack-scenarios';
import type { StackEvent } from '../../emulator/aws/cloudformation/engine';
import type { StackDescription } from '../../emulator/aws/cloudformation/stack-description';
import type { Invocation, LambdaFault } from '../../emulator/aws/lambda/function';
import type { Parameter } from '../../emulator/aws/ssm';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { sleep, VirtualClock } from '../../emulator/core/clock';
import type { Fault, RawRequest, ServiceCall } from '../../emulator/core/http-server';
import { seededRandom } from '../../emulator/core/seeded-random';
import type { SharedRuntime } from '../../emulator/core/shared-runtime';
import { SECONDS } from '../../emulator/services/proton/plan';
import type { AcceptedCancel, Change } from '../../emulator/services/proton/simulated-service';
import type { Assembly } from '../../emulator/simulation/assembly';
import { testResourceTypes } from '../../emulator/simulation/test-resources';
import { STEPS, type StepEvent } from '../../lib/contract/cancellation';
import { Recorder } from '../emulator/recorder';
import { covers, type Schedule, type Task, wireFault } from './schedule';
import { worldOf } from './simulated-service';
import { actsOf, isGuarded, STACK_NAME, stackOf } from './stack-lifecycles';

/** An answer that was put to where CloudFormation waits, and whether it got there. */
export interface PutAnswer {
  /** Milliseconds since the epoch, like all times here. */
  readonly at: number;
  readonly body: string;
  readonly arrived: boolean;
  /** What the stack did then. */
  readonly stackStatus: string | undefined;
}

/** All that a run has left behind. */
export interface Traces {
  readonly schedule: Schedule;
  /** How the stack was after each act. */
  readonly steps: readonly StackDescription[];
  readonly stackEvents: readonly StackEvent[];
  readonly executions: readonly Execution[];
  /** What the stack did when an execution was started, by the ARN of that. */
  readonly startedIn: ReadonlyMap<string, string | undefined>;
  readonly answers: readonly PutAnswer[];
  readonly invocations: readonly Invocation[];
  readonly signatures: readonly string[];
  readonly logs: readonly string[];
  readonly readable: string;
  readonly parameters: readonly Parameter[];
  /** The permission to delete parameters was gone when one was to be deleted. */
  readonly mayNotForget: boolean;
  readonly changes: readonly Change[];
  readonly cancels: readonly AcceptedCancel[];
  /** What happened, line by line. */
  readonly story: readonly string[];
  /** The run did not come to its end; then the rest is as far as it came. */
  readonly stuck: boolean;
}

/** After how many milliseconds of the machine's time a run counts as stuck. */
const PATIENCE = 300_000;
/** Between two acts, and for whatever is still tried again at the end. */
const PAUSE_SECONDS = 20;
const AFTERWARDS_SECONDS = 30 * 60;

const UPDATABLE = /^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE)$/;

/** Plays a schedule on the embedded cloud: the synthesised templates, the bundles, the state machine. */
export async function perform(schedule: Schedule, assembly: Assembly, runtime: SharedRuntime): Promise<Traces> {
  const clock = new VirtualClock();
  const begin = clock.now();
  const skew = schedule.skewSeconds * SECONDS;
  const story: string[] = [];
  const tell = (what: string) => void story.push(`${((clock.now() - begin) / 1000).toFixed(1)} ${what}`);
  const answers: PutAnswer[] = [];
  const startedIn = new Map<string, string | undefined>();
  // Not of a nested stack, which is what it is for the reasons of the one that it is in.
  const stackStatus = () => recorder.emulator.cloudFormation.describeStack(STACK_NAME)?.status;
  const steps: StackDescription[] = [];
  const { life, timeoutSeconds, failOn, onNotFound, includeStatusMessage } = schedule;

  const countCall = counter();
  const callFault = ({ service, operation }: ServiceCall): Fault | undefined => {
    const call = `${service}:${operation}`;
    const n = countCall(call);
    const rule = schedule.callFaults.find((candidate) => candidate.call === call && covers(candidate, n));
    if (rule) tell(`fault: ${call} #${n} is ${rule.fault}`);
    return rule && wireFault(rule.fault, service);
  };
  const countTask = counter();
  const functionFault = (invocation: Invocation): LambdaFault | undefined => {
    const task = taskOf(invocation);
    const n = countTask(task);
    tell(`function: ${task} #${n}${invocation.attempt > 1 ? `, attempt ${invocation.attempt}` : ''}`);
    const rule = schedule.functionFaults.find((candidate) => candidate.task === task && covers(candidate, n));
    if (rule) tell(`fault: ${task} #${n} is ${JSON.stringify(rule.fault)}`);
    return rule?.fault;
  };
  const countAnswer = counter();
  const answerFault = (request: RawRequest): Fault | undefined => {
    const n = countAnswer('');
    const rule = schedule.answerFaults.find((candidate) => covers(candidate, n));
    const arrived = rule === undefined || rule.fault === 'lost';
    answers.push({ at: clock.now(), body: request.body, arrived, stackStatus: stackStatus() });
    tell(`answer #${n}${rule ? `, which is ${rule.fault}` : ''}: ${request.body}`);
    return rule && wireFault(rule.fault, '');
  };

  let release = clock.hold();
  const recorder: Recorder = await Recorder.start({
    clock,
    assembly,
    runtime,
    skew: (service) => (service === 'proton' ? skew : 0),
    random: seededRandom(schedule.seed),
    seed: isGuarded(life) ? STACK_SCENARIOS[life].seed : worldOf(schedule),
    types: testResourceTypes(clock, () => recorder.emulator.proton),
    faults: callFault,
    lambdaFaults: functionFault,
    answerFaults: answerFault,
    onCall: ({ service, operation }, answer) => tell(`call: ${service}:${operation} is answered with ${answer}`),
    onStackEvent: ({ logicalId, status, statusReason }) =>
      tell(`stack: ${logicalId} ${status}${statusReason === undefined ? '' : `: ${statusReason}`}`),
  });
  const { emulator } = recorder;
  emulator.proton.onChange(({ kind, resource, deploymentId, status }) =>
    tell(`deployment: ${deploymentId} of ${resource} ${kind} as ${status}`),
  );
  emulator.stepFunctions.onHistory(({ type, details, executionArn }) => {
    if (type === 'ExecutionStarted') startedIn.set(executionArn, stackStatus());
    if (/StateEntered$|^Execution/.test(type)) tell(`machine: ${type} ${String(details?.name ?? '')}`);
  });
  for (const seconds of schedule.abortsAt) {
    clock.schedule(seconds * SECONDS, () => {
      for (const execution of emulator.stepFunctions.executions) {
        if (execution.status !== 'RUNNING') continue;
        tell(`fault: somebody aborts ${execution.name}`);
        execution.stop('Aborted', 'by a person');
      }
    });
  }

  async function live(): Promise<void> {
    const { cloudFormation } = emulator;
    for (const [index, { operation }] of actsOf(life).entries()) {
      // One whose creation or rollback has failed can only be deleted, or needs a person.
      if (operation === 'update' && !UPDATABLE.test(steps.at(-1)?.status ?? '')) continue;
      const stack = () => stackOf(assembly, life, index, { timeoutSeconds, failOn, onNotFound, includeStatusMessage });
      const work =
        operation === 'create'
          ? cloudFormation.createStack(stack())
          : operation === 'update'
            ? cloudFormation.updateStack(stack())
            : cloudFormation.deleteStack(STACK_NAME);
      release();
      steps.push(await work);
      await sleep(clock, PAUSE_SECONDS * SECONDS);
      release = clock.hold();
    }
    release();
    await sleep(clock, AFTERWARDS_SECONDS * SECONDS);
  }

  try {
    const stuck = !(await inTime(live()));
    const { proton, stepFunctions, ssm } = emulator;
    const timely = <T extends { readonly at: number }>(event: T): T => ({ ...event, at: event.at - skew });
    return {
      schedule,
      steps,
      stackEvents: recorder.events,
      executions: stepFunctions.executions,
      startedIn,
      answers,
      invocations: recorder.invocations,
      signatures: recorder.requests.flatMap(({ ResponseURL }) => /X-Amz-Signature=(\w+)/.exec(ResponseURL)?.[1] ?? []),
      logs: recorder.logs,
      readable: recorder.readable,
      parameters: ssm.parameters,
      mayNotForget: recorder.callsOf('ssm').includes('DeleteParameter: AccessDeniedException'),
      changes: proton.history.map(timely),
      cancels: proton.acceptedCancels.map(timely),
      story,
      stuck,
    };
  } finally {
    release();
    await emulator.close();
  }
}

/** What a function is asked to do. */
export function taskOf({ event }: Pick<Invocation, 'event'>): Task {
  const fields = event as object;
  if ('RequestType' in fields) return 'request';
  if ('source' in fields) return 'end';
  if ('result' in fields) return 'answer';
  if ('fleetStep' in fields) return fields.fleetStep === 'FIND' ? STEPS.FIND : STEPS.CANCEL;
  const next = (event as StepEvent).progress?.next;
  return next === STEPS.CANCEL || next === STEPS.AWAIT ? next : STEPS.FIND;
}

/** 1, 2, 3 … for each key. */
function counter(): (key: string) => number {
  const counts = new Map<string, number>();
  return (key) => {
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  };
}

/** Whether it came to its end within the patience. */
async function inTime(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
