import fc from 'fast-check';
import type { LambdaFault } from '../../emulator/aws/lambda/function';
import { ASSUME_ROLE_ACTION, TERMINAL_OUTCOMES, type TerminalOutcome } from '../../lib/contract/cancellation';
import type { Options } from '../../lib/deployments/kind-definition';
import { DEPLOYMENT_KINDS, type DeploymentKind, serviceOf } from '../../lib/deployments/kinds';
import { isDeclarable } from './declared-apis';
import { isNested, optionSetsOf } from './options';
import {
  type CallFault,
  COMMON_CALLS,
  callsOf,
  DEFAULTS,
  FAULT_KINDS,
  type FaultKind,
  type FleetBehavior,
  type FunctionFault,
  isOneAtATime,
  MEMBERSHIPS,
  ON_CANCEL,
  ON_CONTINUE,
  type Schedule,
  TASKS,
} from './schedule';
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
import { FLEET_MEMBER_KINDS, FLEET_SIZE, isStackFleet, type Subject, targetsOf } from './targets';

/** The draws of schedules. */

const count = (max: number) =>
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max }) }, { weight: 1, arbitrary: fc.constant(null) });

/** The longest time from the request to cancel until the end, in seconds. */
const MAX_CANCEL_SECONDS = 45;

const behavior: fc.Arbitrary<FleetBehavior> = fc.record({
  first: fc.option(
    fc.record({
      seconds: fc.oneof(fc.integer({ min: 1, max: 90 }), fc.constant(3000)),
      ends: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const),
      creates: fc.boolean(),
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
  hasNoRole: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  onContinue: fc.option(fc.constantFrom(...ON_CONTINUE), { nil: undefined }),
  membership: fc.oneof(
    { weight: 1, arbitrary: fc.constant('tagged' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...MEMBERSHIPS) },
  ),
});

const mostly = <T>(often: T, seldom: T): fc.Arbitrary<T> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(often) }, { weight: 1, arbitrary: fc.constant(seldom) });

const callFaultOf = ({ kind, role }: Drawn): fc.Arbitrary<CallFault> =>
  fc.record({
    call: fc.constantFrom(...callsOf(kind), ...COMMON_CALLS, ...(role ? [ASSUME_ROLE_ACTION] : [])),
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
  { weight: 4, arbitrary: fc.constantFrom<Lifecycle[]>(...FLEET_LIFECYCLES) },
  { weight: 3, arbitrary: fc.constantFrom<Lifecycle[]>(...LIST_LIFECYCLES) },
  { weight: 3, arbitrary: fc.constantFrom<Lifecycle[]>(...START_LIFECYCLES) },
);

/** Every kind. Half of the draws are of the kinds that have the most users, or options. */
const anyKind: fc.Arbitrary<DeploymentKind> = fc.oneof(
  fc.constantFrom<DeploymentKind[]>('ecs-service-deployment', 'cloudformation-stack-update', 'codepipeline-execution'),
  fc.constantFrom(...DEPLOYMENT_KINDS),
);

const subject: fc.Arbitrary<Subject> = lifecycle.chain((lifecycle) => {
  const kind = isFleet(lifecycle) ? fc.constantFrom<DeploymentKind[]>(...FLEET_MEMBER_KINDS) : anyKind;
  return kind.map((kind) => ({ lifecycle, kind }));
});

type Workflow = Pick<Schedule, 'encryptionKey' | 'role' | 'notifies'>;
const PLAIN: Workflow = { encryptionKey: false, role: false, notifies: false };

/** Few combinations, because each is an assembly of its own. */
const workflow: fc.Arbitrary<Workflow> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(PLAIN) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Workflow[]>(
      { ...PLAIN, encryptionKey: true },
      { ...PLAIN, role: true },
      { ...PLAIN, notifies: true },
      { encryptionKey: true, role: true, notifies: true },
    ),
  },
);

type Drawn = Subject & Workflow & Pick<Schedule, 'declared' | 'options'>;

const drawn: fc.Arbitrary<Drawn> = fc.tuple(subject, workflow).chain(([subject, workflow]) => {
  const { kind, lifecycle } = subject;
  // The workflow of a nested stack is another one. An action of a pipeline has the role only as a token.
  const used = isNested(lifecycle) ? { ...PLAIN, encryptionKey: workflow.encryptionKey } : workflow;
  const isDeclarableHere = isDeclarable(kind) && !isGuarded(lifecycle) && !isFleet(lifecycle);
  return fc
    .record({
      declared: isDeclarableHere ? mostly(false, true) : fc.constant(false),
      options: fc.oneof(
        { weight: 1, arbitrary: fc.constant<Options>({}) },
        { weight: 1, arbitrary: fc.constantFrom<Options[]>({}, ...optionSetsOf(kind, lifecycle)) },
      ),
    })
    .map(({ declared, options }) => ({
      ...subject,
      ...used,
      role: used.role && lifecycle !== 'started-by-action',
      declared,
      options: declared ? {} : options,
    }));
});

const faulty: fc.Arbitrary<Schedule> = drawn.chain((parts) =>
  fc.record({
    lifecycle: fc.constant(parts.lifecycle),
    kind: fc.constant(parts.kind),
    encryptionKey: fc.constant(parts.encryptionKey),
    role: fc.constant(parts.role),
    notifies: fc.constant(parts.notifies),
    declared: fc.constant(parts.declared),
    options: fc.constant(parts.options),
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
    callFaults: fc.array(callFaultOf(parts), { maxLength: 3, size: 'max' }),
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
);

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

export const schedules: fc.Arbitrary<Schedule> = fc
  .oneof({ weight: 2, arbitrary: faulty }, { weight: 1, arbitrary: calm })
  .map(withoutUnused);

/** Removes the parts of a schedule that its lifecycle does not use. */
function withoutUnused(schedule: Schedule): Schedule {
  const { lifecycle, kind, behaviors } = schedule;
  const used = targetsOf(schedule).flatMap((target, index) => {
    const behavior = behaviors[index];
    return behavior
      ? [isGuarded(lifecycle) ? onlyOnCancel(target.kind, behavior) : usedBy(target.kind, behavior, schedule)]
      : [];
  });
  // Only the emulated clock of Proton can differ.
  const skewSeconds = serviceOf(kind) === 'proton' ? schedule.skewSeconds : 0;
  return { ...schedule, behaviors: used, skewSeconds, ...settingsOf(schedule) };
}

/** The settings that are not drawn for a lifecycle. */
function settingsOf({ lifecycle }: Subject): Partial<Schedule> {
  // The properties of a nested stack cannot be replaced.
  if (isFleet(lifecycle) && isNested(lifecycle)) return { failOn: [], onNotFound: 'fail', includeStatusMessage: false };
  if (isGuarded(lifecycle)) return { failOn: [], onNotFound: 'succeed', includeStatusMessage: false };
  if (!isStarted(lifecycle)) return {};
  return { timeoutSeconds: STARTED_TIMEOUT_SECONDS, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
}

function onlyOnCancel(kind: DeploymentKind, behavior: FleetBehavior): FleetBehavior {
  const { onCancel, cancelSeconds, hasNoRole, onContinue } = behavior;
  const used = { onCancel, cancelSeconds, startsAt: [], withholdsIds: false };
  return kind === STACK_UPDATE ? { ...used, hasNoRole, onContinue } : used;
}

const STACK_UPDATE: DeploymentKind = 'cloudformation-stack-update';

function usedBy(kind: DeploymentKind, behavior: FleetBehavior, schedule: Schedule): FleetBehavior {
  const { first, onCancel, cancelSeconds } = behavior;
  const canWithhold = kind === DEFAULTS.kind ? !isList(schedule.lifecycle) : isStackFleet(schedule);
  const withholdsIds = canWithhold && behavior.withholdsIds;
  const isStack = kind === STACK_UPDATE;
  const startsAt = isOneAtATime(kind) ? sequentialStarts(behavior, isStack) : behavior.startsAt;
  const common = { onCancel, cancelSeconds, startsAt, withholdsIds };
  if (isStack) {
    const { membership, ...own } = { ...behavior, ...common };
    return isStackFleet(schedule) ? { ...own, membership } : own;
  }
  return { first: first && { seconds: first.seconds, ends: first.ends }, ...common };
}

/** The starts of deployments of which there is one at a time: only after the first one is surely over, and many right then. */
function sequentialStarts(
  { first, onCancel, cancelSeconds, startsAt }: FleetBehavior,
  isStack: boolean,
): readonly number[] {
  // An option may delete the stack of a creation, or continue a rollback.
  const mayContinue =
    onCancel === 'stuck' ||
    onCancel === 'superseded' ||
    onCancel === 'overtaken' ||
    (isStack && (first?.creates || first?.ends === 'FAILED' || onCancel === 'fails'));
  if (first && mayContinue) return [];
  const over = first ? first.seconds + (onCancel === 'vanishes' ? MAX_CANCEL_SECONDS : cancelSeconds) : 0;
  return startsAt.slice(0, 1).map((seconds) => Math.max(seconds, over + 1));
}
