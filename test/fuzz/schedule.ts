import fc from 'fast-check';
import type { LambdaFault } from '../../emulator/aws/lambda/function';
import type { Fault } from '../../emulator/core/http-server';
import { STEPS, TERMINAL_OUTCOMES, type TerminalOutcome } from '../../lib/contract/cancellation';
import { CANCELLATION_LIVES, FLEET_LIVES, GUARD_LIVES, isFleet, isGuarded, type Lifecycle } from './stack-lifecycles';

/** What happens in a run, as plain data: it is drawn, shrunk, printed, and replayed. */
export interface Schedule {
  /** What jitter, ids and the like are drawn from. */
  readonly seed: number;
  readonly life: Lifecycle;
  readonly timeoutSeconds: number;
  readonly failOn: readonly TerminalOutcome[];
  readonly onNotFound: 'fail' | 'succeed';
  readonly includeStatusMessage: boolean;
  /** Of the service instances: of the first alone, unless it is a fleet; none, if there is nothing of that name. */
  readonly behaviors: readonly FleetBehavior[];
  /** How far the clock of the service is ahead. */
  readonly skewSeconds: number;
  readonly callFaults: readonly CallFault[];
  readonly functionFaults: readonly FunctionFault[];
  readonly answerFaults: readonly (Range & { readonly fault: FaultKind })[];
  /** When somebody aborts every execution that runs, in seconds from the beginning. */
  readonly abortsAt: readonly number[];
}

/** What becomes of the deployments of a service instance, times in seconds. */
export interface FleetBehavior {
  /** How long the deployment goes on that is in flight from the beginning, and how it ends; nothing is in flight without. */
  readonly first?: { readonly seconds: number; readonly ends: 'SUCCEEDED' | 'FAILED' };
  readonly onCancel: OnCancel;
  readonly cancelSeconds: number;
  /** When other deployments start, whatever has become of the one before. */
  readonly startsAt: readonly number[];
  readonly withholdsIds: boolean;
}

export const ON_CANCEL = [
  'cancelled',
  'fails',
  'finishes',
  'stuck',
  'passed-over',
  'refused',
  'conflict',
  'superseded',
  'overtaken',
  'vanishes',
] as const;
export type OnCancel = (typeof ON_CANCEL)[number];

/** The first call, invocation or answer that it is about, counted from 1, and how many; null is for ever. */
interface Range {
  readonly from: number;
  readonly count: number | null;
}

/** Which faults there are, without what is in them, which is the same in every run. */
export const FAULT_KINDS = ['throttled', 'server-error', 'denied', 'reset', 'lost', 'half', 'page', 'hang'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface CallFault extends Range {
  /** `service:Operation`. */
  readonly call: (typeof CALLS)[number];
  readonly fault: FaultKind;
}

export const CALLS = [
  'proton:GetServiceInstance',
  'proton:CancelServiceInstanceDeployment',
  'proton:GetDeployment',
  'proton:ListServiceInstances',
  'sfn:DescribeExecution',
  'sfn:StartExecution',
  'sfn:ListExecutions',
  'sfn:StopExecution',
  'ssm:PutParameter',
  'ssm:GetParameter',
  'ssm:DeleteParameter',
  'cloudformation:DescribeStacks',
] as const;

/** What the functions are asked to do: a request of CloudFormation, a step, to answer, or to see to an execution that ended. */
export const TASKS = ['request', STEPS.FIND, STEPS.CANCEL, STEPS.AWAIT, 'answer', 'end'] as const;
export type Task = (typeof TASKS)[number];

export interface FunctionFault extends Range {
  readonly task: Task;
  readonly fault: LambdaFault;
}

/** To be found where it must not be. */
export const SECRETS = { spec: 'SECRET-SPEC', message: 'SECRET-STATUS-MESSAGE', error: 'SECRET-ERROR-MESSAGE' };

const SERVICE_ERRORS: Readonly<Record<string, readonly [throttled: string, serverError: string, denied: string]>> = {
  proton: ['ThrottlingException', 'InternalServerException', 'AccessDeniedException'],
  sfn: ['ThrottlingException', 'InternalServerError', 'AccessDeniedException'],
  ssm: ['ThrottlingException', 'InternalServerError', 'AccessDeniedException'],
  cloudformation: ['Throttling', 'InternalFailure', 'AccessDenied'],
};

/** A fault as the wire of the embedded cloud understands it. */
export function wireFault(kind: FaultKind, service: string): Fault {
  const [throttled = '', serverError = '', denied = ''] = SERVICE_ERRORS[service] ?? [];
  const error = (type: string, statusCode: number): Fault => ({
    kind: 'error',
    type,
    statusCode,
    message: `${SECRETS.error} from ${service}`,
  });
  switch (kind) {
    case 'throttled':
      return error(throttled, 400);
    case 'server-error':
      return error(serverError, 500);
    case 'denied':
      return error(denied, 400);
    case 'page':
      return { kind: 'page', statusCode: 503, body: `<html><body>${SECRETS.error}</body></html>` };
    case 'lost':
      return { kind: 'lost-answer' };
    case 'half':
      return { kind: 'half-answer' };
    case 'reset':
    case 'hang':
      return { kind };
  }
}

export function covers({ from, count }: Range, n: number): boolean {
  return n >= from && (count === null || n < from + count);
}

const count = (max: number) =>
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max }) }, { weight: 1, arbitrary: fc.constant(null) });

const course: fc.Arbitrary<FleetBehavior> = fc.record({
  first: fc.option(
    fc.record({
      seconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(3000)),
      ends: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const),
    }),
    { nil: undefined, freq: 6 },
  ),
  onCancel: fc.oneof(
    { weight: 2, arbitrary: fc.constant('cancelled' as const) },
    { weight: 3, arbitrary: fc.constantFrom(...ON_CANCEL) },
  ),
  cancelSeconds: fc.integer({ min: 0, max: 45 }),
  startsAt: fc.array(fc.integer({ min: 1, max: 240 }), { maxLength: 2 }),
  withholdsIds: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

const callFault: fc.Arbitrary<CallFault> = fc.record({
  call: fc.constantFrom(...CALLS),
  from: fc.integer({ min: 1, max: 6 }),
  count: count(5),
  fault: fc.constantFrom(...FAULT_KINDS),
});

const functionFault: fc.Arbitrary<FunctionFault> = fc.record({
  task: fc.constantFrom(...TASKS),
  from: fc.integer({ min: 1, max: 3 }),
  count: count(2),
  fault: fc.constantFrom<LambdaFault[]>(
    { kind: 'crash', when: 'before' },
    { kind: 'crash', when: 'after' },
    { kind: 'crash', when: { sleep: 1 } },
    { kind: 'crash', when: { sleep: 3 } },
    { kind: 'timeout', when: 'before' },
    { kind: 'timeout', when: 'after' },
    { kind: 'throttle' },
    { kind: 'duplicate', afterMs: 0 },
    { kind: 'duplicate', afterMs: 20_000 },
    { kind: 'duplicate', afterMs: 300_000 },
  ),
});

const life: fc.Arbitrary<Lifecycle> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Lifecycle[]>(...CANCELLATION_LIVES) },
  { weight: 3, arbitrary: fc.constantFrom<Lifecycle[]>(...GUARD_LIVES) },
  { weight: 1, arbitrary: fc.constantFrom<Lifecycle[]>(...FLEET_LIVES) },
);

export const schedules: fc.Arbitrary<Schedule> = fc
  .record({
    seed: fc.integer({ min: 0, max: 999_999 }),
    life,
    timeoutSeconds: fc.constantFrom(60, 120, 300),
    failOn: fc.oneof(
      { weight: 3, arbitrary: fc.constant<TerminalOutcome[]>([]) },
      { weight: 1, arbitrary: fc.subarray([...TERMINAL_OUTCOMES]) },
    ),
    onNotFound: fc.constantFrom('fail' as const, 'succeed' as const),
    includeStatusMessage: fc.boolean(),
    behaviors: fc.array(course, { minLength: 0, maxLength: 3, size: 'max' }),
    skewSeconds: fc.oneof(
      { weight: 4, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(-420, -45, 45, 420) },
    ),
    callFaults: fc.array(callFault, { maxLength: 3, size: 'max' }),
    functionFaults: fc.array(functionFault, { maxLength: 2, size: 'max' }),
    answerFaults: fc.array(
      fc.record({
        from: fc.integer({ min: 1, max: 3 }),
        count: count(12),
        fault: fc.constantFrom<FaultKind[]>('reset', 'lost', 'page', 'hang'),
      }),
      { maxLength: 1 },
    ),
    abortsAt: fc.oneof(
      { weight: 5, arbitrary: fc.constant<number[]>([]) },
      { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 1 }) },
    ),
  })
  .map(plausible);

/** What a life has no use for is left out, so that a schedule says no more than what happens. */
function plausible(schedule: Schedule): Schedule {
  const { life, behaviors } = schedule;
  if (isGuarded(life))
    return { ...schedule, behaviors: [], failOn: [], onNotFound: 'succeed', includeStatusMessage: false };
  return isFleet(life) ? schedule : { ...schedule, behaviors: behaviors.slice(0, 1) };
}

/**
 * How long the faults can keep an answer up, in seconds, beyond what the timeout bounds. Infinite is what can go on for
 * ever, and what outlasts the tries of those who try again for us.
 */
export function delayOf({ callFaults, functionFaults, answerFaults }: Schedule): number {
  let seconds = 0;
  /** Invocations that come to nothing: of those that nobody waits for, there are three in all. */
  let lost = 0;
  for (const { call, count } of callFaults) {
    if (call.startsWith('proton:')) continue;
    if (count === null && call === 'ssm:GetParameter') return Number.POSITIVE_INFINITY;
    // Each call is tried four times in an invocation, for up to five seconds.
    seconds += (count ?? 10) * 10;
    if (call === 'ssm:GetParameter') lost += Math.floor((count ?? 0) / 4);
  }
  for (const { task, count, fault } of functionFaults) {
    if (fault.kind === 'duplicate') continue;
    const asynchronous = task === 'request' || task === 'end';
    if (count === null && (asynchronous || task === 'answer')) return Number.POSITIVE_INFINITY;
    const tries = count ?? (fault.kind === 'timeout' ? 2 : 7);
    seconds += tries * ((fault.kind === 'timeout' ? 300 : 0) + (asynchronous ? 120 : 20));
    if (asynchronous && fault.kind !== 'throttle') lost += tries;
  }
  for (const { count, fault } of answerFaults) {
    if (count === null) return Number.POSITIVE_INFINITY;
    seconds += count * 25;
    // An invocation puts an answer five times in its patience if nobody takes it, and ten times if it is refused at once.
    lost += Math.floor(count / (fault === 'hang' ? 5 : 10));
  }
  return lost > 2 ? Number.POSITIVE_INFINITY : seconds;
}
