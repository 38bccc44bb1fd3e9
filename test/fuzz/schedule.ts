import fc from 'fast-check';
import type { LambdaFault } from '../../emulator/aws/lambda/function';
import type { Fault } from '../../emulator/core/http-server';
import { STEPS, TERMINAL_OUTCOMES, type TerminalOutcome } from '../../lib/contract/cancellation';
import {
  DEPLOYMENT_KINDS,
  type DeploymentKind,
  kindDefinition,
  type ServiceName,
  sampleIdentifiers,
  serviceOf,
} from '../../lib/deployments/kinds';
import {
  CANCELLATION_LIFECYCLES,
  FLEET_LIFECYCLES,
  GUARD_LIFECYCLES,
  isFleet,
  isGuarded,
  isList,
  isStarted,
  LIST_LIFECYCLES,
  type Lifecycle,
  START_LIFECYCLES,
  STARTED_TIMEOUT_SECONDS,
} from './stack-lifecycles';
import { FLEET_MEMBER_KINDS, FLEET_SIZE, type Subject, targetsOf } from './targets';

/** A run as plain data, which can be generated, shrunk, printed and replayed. */
export interface Schedule extends Subject {
  /** The seed of the random numbers, such as jitter and IDs. */
  readonly seed: number;
  /** Whether a key of the user encrypts the state of the workflow. */
  readonly encryptionKey: boolean;
  readonly timeoutSeconds: number;
  readonly failOn: readonly TerminalOutcome[];
  readonly onNotFound: 'fail' | 'succeed';
  readonly includeStatusMessage: boolean;
  /**
   * The behavior of each resource: one, several for a fleet, or none if the resource does not exist. The deployment that a
   * stack with a guard starts takes only the effect of a cancellation.
   */
  readonly behaviors: readonly FleetBehavior[];
  /** The offset of the clock of the service. */
  readonly skewSeconds: number;
  readonly callFaults: readonly CallFault[];
  readonly functionFaults: readonly FunctionFault[];
  readonly responseFaults: readonly (Range & { readonly fault: FaultKind })[];
  /** How far reads are behind writes, and permissions behind policies. */
  readonly consistency: 'strong' | 'eventual';
  readonly quotas: 'none' | 'new-account';
  /** How asynchronous events are delivered. */
  readonly delivery: 'prompt' | 'at-least-once';
  /** The times at which all running executions are aborted, in seconds from the start. */
  readonly abortsAt: readonly number[];
}

/** The behavior of the deployments of a resource. Times are in seconds. */
export interface FleetBehavior {
  /** The deployment that is in flight at the start; undefined if there is none. */
  readonly first?: { readonly seconds: number; readonly ends: 'SUCCEEDED' | 'FAILED' };
  readonly onCancel: OnCancel;
  readonly cancelSeconds: number;
  /** The times at which newer deployments start. */
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

/** The first call, invocation or response with the fault, counted from 1, and their number; null: all from then on. */
export interface Range {
  readonly from: number;
  readonly count: number | null;
}

/** The faults of calls and responses. */
export const FAULT_KINDS = ['throttled', 'server-error', 'denied', 'reset', 'lost', 'half', 'page', 'hang'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface CallFault extends Range {
  /** `service:Operation`. */
  readonly call: string;
  readonly fault: FaultKind;
}

/** The calls of every kind. */
const COMMON_CALLS = [
  'sfn:DescribeExecution',
  'sfn:StartExecution',
  'sfn:ListExecutions',
  'sfn:StopExecution',
  'ssm:PutParameter',
  'ssm:GetParameter',
  'ssm:DeleteParameter',
  'cloudformation:DescribeStacks',
] as const;

/** The calls that find a deployment, besides the read action of its kind, where the kind does not name its permissions. */
const FIND_CALLS: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  ecs: ['ecs:ListServiceDeployments'],
  cloudformation: ['cloudformation:DescribeStackEvents'],
  codedeploy: ['codedeploy:ListDeployments', 'codedeploy:BatchGetDeployments', 'codedeploy:GetDeploymentGroup'],
  proton: ['proton:GetDeployment', 'proton:ListServiceInstances'],
};

/** The calls of the service of a kind. */
function callsOf(kind: DeploymentKind): readonly string[] {
  const { cancelAction, readAction, permissions } = kindDefinition(kind);
  const named = permissions?.({ identifiers: sampleIdentifiers(kind) }).flatMap(({ actions }) => actions) ?? [];
  const service = serviceOf(kind);
  const calls = [cancelAction, readAction, ...named, ...(FIND_CALLS[service] ?? [])];
  return [...new Set(calls)].filter((call) => call.startsWith(`${service}:`));
}

/** Whether a call is one of the service that deploys, and not one that responds to CloudFormation needs. */
export function isServiceCall({ kind }: Pick<Schedule, 'kind'>, call: string): boolean {
  return call !== 'cloudformation:DescribeStacks' && call.startsWith(`${serviceOf(kind)}:`);
}

/** The tasks of the functions: a request of CloudFormation, a step, a response, or the event of an execution that ended. */
export const TASKS = ['request', STEPS.FIND, STEPS.CANCEL, STEPS.AWAIT, 'respond', 'end'] as const;
export type Task = (typeof TASKS)[number];

export interface FunctionFault extends Range {
  readonly task: Task;
  readonly fault: LambdaFault;
}

/** Texts that must not be exposed. */
export const SECRETS = { spec: 'SECRET-SPEC', message: 'SECRET-STATUS-MESSAGE', error: 'SECRET-ERROR-MESSAGE' };

type ErrorNames = Readonly<Record<string, readonly [throttled: string, serverError: string, denied: string]>>;

/** Services that are not in the list have the errors of Proton. */
const SERVICE_ERRORS: ErrorNames & { readonly proton: ErrorNames[string] } = {
  proton: ['ThrottlingException', 'InternalServerException', 'AccessDeniedException'],
  sfn: ['ThrottlingException', 'InternalServerError', 'AccessDeniedException'],
  ssm: ['ThrottlingException', 'InternalServerError', 'AccessDeniedException'],
  cloudformation: ['Throttling', 'InternalFailure', 'AccessDenied'],
  ecs: ['ThrottlingException', 'ServerException', 'AccessDeniedException'],
  codedeploy: ['ThrottlingException', 'InternalFailure', 'AccessDeniedException'],
  codepipeline: ['ThrottlingException', 'InternalFailure', 'AccessDeniedException'],
};

/** The fault of a call, for the emulator. */
export function toFault(kind: FaultKind, service: string): Fault {
  const [throttled, serverError, denied] = SERVICE_ERRORS[service] ?? SERVICE_ERRORS.proton;
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

export function appliesTo({ from, count }: Range, n: number): boolean {
  return n >= from && (count === null || n < from + count);
}

const count = (max: number) =>
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max }) }, { weight: 1, arbitrary: fc.constant(null) });

/** The longest time from the request to cancel until the end, in seconds. */
const MAX_CANCEL_SECONDS = 45;

const behavior: fc.Arbitrary<FleetBehavior> = fc.record({
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
  cancelSeconds: fc.integer({ min: 0, max: MAX_CANCEL_SECONDS }),
  startsAt: fc.array(fc.integer({ min: 1, max: 240 }), { maxLength: 2 }),
  withholdsIds: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

const mostly = <T>(often: T, seldom: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(often) }, { weight: 1, arbitrary: fc.constant(seldom) });

const callFaultOf = (kind: DeploymentKind): fc.Arbitrary<CallFault> =>
  fc.record({
    call: fc.constantFrom(...callsOf(kind), ...COMMON_CALLS),
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

const lifecycle: fc.Arbitrary<Lifecycle> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom<Lifecycle[]>(...CANCELLATION_LIFECYCLES) },
  { weight: 10, arbitrary: fc.constantFrom<Lifecycle[]>(...GUARD_LIFECYCLES) },
  { weight: 2, arbitrary: fc.constantFrom<Lifecycle[]>(...FLEET_LIFECYCLES) },
  { weight: 3, arbitrary: fc.constantFrom<Lifecycle[]>(...LIST_LIFECYCLES) },
  { weight: 3, arbitrary: fc.constantFrom<Lifecycle[]>(...START_LIFECYCLES) },
);

/** Every kind. Half of the draws are of the kinds that have the most users. */
const anyKind: fc.Arbitrary<DeploymentKind> = fc.oneof(
  fc.constantFrom<DeploymentKind[]>('ecs-service-deployment', 'cloudformation-stack-update'),
  fc.constantFrom(...DEPLOYMENT_KINDS),
);

const subject: fc.Arbitrary<Subject> = lifecycle.chain((lifecycle) => {
  const kind = isFleet(lifecycle) ? fc.constantFrom<DeploymentKind[]>(...FLEET_MEMBER_KINDS) : anyKind;
  return kind.map((kind) => ({ lifecycle, kind }));
});

/** The values that a printed schedule may leave out. */
export const DEFAULTS = {
  kind: 'proton-service-instance',
  encryptionKey: false,
} as const satisfies Partial<Schedule>;

const faulty: fc.Arbitrary<Schedule> = subject
  .chain(({ lifecycle, kind }) =>
    fc.record({
      lifecycle: fc.constant(lifecycle),
      kind: fc.constant(kind),
      encryptionKey: mostly(false, true),
      seed: fc.integer({ min: 0, max: 999_999 }),
      timeoutSeconds: fc.constantFrom(60, 120, 300),
      failOn: fc.oneof(
        { weight: 3, arbitrary: fc.constant<TerminalOutcome[]>([]) },
        { weight: 1, arbitrary: fc.subarray([...TERMINAL_OUTCOMES]) },
      ),
      onNotFound: fc.constantFrom('fail' as const, 'succeed' as const),
      includeStatusMessage: fc.boolean(),
      behaviors: fc.array(behavior, { minLength: 0, maxLength: FLEET_SIZE, size: 'max' }),
      skewSeconds: fc.oneof(
        { weight: 4, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.constantFrom(-420, -45, 45, 420) },
      ),
      callFaults: fc.array(callFaultOf(kind), { maxLength: 3, size: 'max' }),
      functionFaults: fc.array(functionFault, { maxLength: 2, size: 'max' }),
      responseFaults: fc.array(
        fc.record({
          from: fc.integer({ min: 1, max: 3 }),
          count: count(12),
          fault: fc.constantFrom<FaultKind[]>('reset', 'lost', 'page', 'hang'),
        }),
        { maxLength: 1 },
      ),
      consistency: mostly('eventual' as const, 'strong' as const),
      quotas: mostly('new-account' as const, 'none' as const),
      delivery: mostly('at-least-once' as const, 'prompt' as const),
      abortsAt: fc.oneof(
        { weight: 5, arbitrary: fc.constant<number[]>([]) },
        { weight: 1, arbitrary: fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 1 }) },
      ),
    }),
  )
  .map(withoutUnused);

/** Without faults, it can be checked that what is meant was cancelled. */
const calm = faulty.map((schedule): Schedule => {
  const behaviors = schedule.behaviors.map((one) => ({ ...one, first: one.first && { ...one.first, seconds: 3000 } }));
  return {
    ...schedule,
    behaviors,
    callFaults: [],
    functionFaults: [],
    responseFaults: [],
    abortsAt: [],
    skewSeconds: 0,
  };
});

export const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  { weight: 2, arbitrary: faulty },
  { weight: 1, arbitrary: calm },
);

/** Removes the parts of a schedule that its lifecycle does not use. */
function withoutUnused(schedule: Schedule): Schedule {
  const { lifecycle, kind, behaviors } = schedule;
  const used = targetsOf(schedule).flatMap((target, index) => {
    const behavior = behaviors[index];
    return behavior ? [isGuarded(lifecycle) ? onlyOnCancel(behavior) : usedBy(target.kind, behavior, schedule)] : [];
  });
  // Only the emulated clock of Proton can differ.
  const skewSeconds = serviceOf(kind) === 'proton' ? schedule.skewSeconds : 0;
  return { ...schedule, behaviors: used, skewSeconds, ...settingsOf(schedule) };
}

/** The settings that are not drawn for a lifecycle. */
function settingsOf({ lifecycle }: Subject): Partial<Schedule> {
  if (isGuarded(lifecycle)) return { failOn: [], onNotFound: 'succeed', includeStatusMessage: false };
  if (!isStarted(lifecycle)) return {};
  return { timeoutSeconds: STARTED_TIMEOUT_SECONDS, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
}

function onlyOnCancel({ onCancel, cancelSeconds }: FleetBehavior): FleetBehavior {
  return { onCancel, cancelSeconds, startsAt: [], withholdsIds: false };
}

function usedBy(kind: DeploymentKind, behavior: FleetBehavior, { lifecycle }: Subject): FleetBehavior {
  const withholdsIds = kind === DEFAULTS.kind && !isList(lifecycle) && behavior.withholdsIds;
  const startsAt = isOneAtATime(kind) ? sequentialStarts(behavior) : behavior.startsAt;
  return { ...behavior, withholdsIds, startsAt };
}

/** The kinds whose resource has one deployment at a time: the service rejects another one. */
const ONE_AT_A_TIME: readonly DeploymentKind[] = [
  'appconfig-deployment',
  'autoscaling-instance-refresh',
  'cloudformation-stack-set-operation',
  'cloudformation-stack-update',
];

export function isOneAtATime(kind: DeploymentKind): boolean {
  return ONE_AT_A_TIME.includes(kind);
}

/** The starts of deployments of which there is one at a time: only after the first one is surely over. */
function sequentialStarts({ first, onCancel, startsAt }: FleetBehavior): readonly number[] {
  const mayContinue = onCancel === 'stuck' || onCancel === 'superseded' || onCancel === 'overtaken';
  if (first && mayContinue) return [];
  const over = first ? first.seconds + MAX_CANCEL_SECONDS : 0;
  return startsAt.filter((seconds) => seconds > over).slice(0, 1);
}
