import { STACK_SCENARIOS } from '../../bin/scenarios/stack-scenarios';
import type { StackStatus } from '../../emulator/aws/cloudformation/stack-description';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import {
  type CancelPlan,
  type DeploymentPlan,
  HOURS,
  MINUTES,
  type PlanStep,
  SECONDS,
  type SeededDeployment,
} from '../../emulator/core/plan';
import type { ServiceFactory } from '../../emulator/core/service';
import { type SimulatedStack, SimulatedStacks } from '../../emulator/services/cloudformation/simulated-stacks';
import type { InitialState, SeededDeployment as ProtonDeployment } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES } from '../../emulator/services/proton/scenarios';
import type { GenericStatus, Script } from '../../emulator/simulation/scenarios';
import {
  type Account,
  planOf,
  type Target as SimulatedTarget,
  simulationOf,
} from '../../emulator/simulation/service-simulation';
import { type DeploymentKind, sampleIdentifiers } from '../../lib/deployments/kinds';
import {
  DEFAULTS,
  type FleetBehavior,
  type Membership,
  type OnCancel,
  type OnContinue,
  type Schedule,
  SECRETS,
} from './schedule';
import { isGuarded, isList } from './stack-lifecycles';
import { FLEET_TAG, pathOf, targetOf, targetsOf } from './targets';

/** The emulated services of the kinds, from the simulation that each service exports. */

/** The kinds whose cancel request names no deployment, so that it reaches whichever is in flight. */
const CANCELS_WHAT_IS_IN_FLIGHT: readonly string[] = [
  'autoscaling-instance-refresh',
  'cloudformation-stack-update',
  'elasticbeanstalk-environment-update',
  'proton-component',
  'proton-environment',
  'proton-service-instance',
  'proton-service-pipeline',
] satisfies DeploymentKind[];

export function cancelsWhatIsInFlight(kind: string): boolean {
  return CANCELS_WHAT_IS_IN_FLIGHT.includes(kind);
}

/** The account of a schedule. */
export function accountOf(schedule: Schedule): Account {
  const { lifecycle, kind, behaviors } = schedule;
  if (isGuarded(lifecycle)) {
    return accountWith([
      {
        ...targetOf(kind),
        deployments: plansOf(kind, [{ deployment: STACK_SCENARIOS[lifecycle].before }]),
        stack: stackOf(behaviors[0]),
      },
    ]);
  }
  // Only here, IDs can be withheld, and specs are secret.
  if (kind === DEFAULTS.kind && !isList(lifecycle)) return { seed: serviceInstancesOf(schedule) };
  const resources = new Map<string, Resource>();
  for (const [index, target] of targetsOf(schedule).entries()) {
    const behavior = behaviors[index];
    const key = `${target.kind} ${pathOf(target)}`;
    const { deployments: before = [] } = resources.get(key) ?? {};
    const scripts = behavior ? [...(before.length > 0 ? [] : [EARLIER]), ...scriptsOf(behavior)] : [];
    const deployments = behavior?.first?.creates ? [creationOf(behavior)] : plansOf(target.kind, scripts);
    resources.set(key, { ...target, deployments: [...before, ...deployments], stack: stackOf(behavior) });
  }
  return accountWith([...resources.values()]);
}

function plansOf(kind: DeploymentKind, scripts: readonly Script[]): readonly SeededDeployment<string>[] {
  const target = { kind, identifiers: sampleIdentifiers(kind) };
  return scripts.flatMap((script) => planOf(target, script, DEFAULT_ENVIRONMENT).target.deployments);
}

/** A resource, and what only a stack has. */
interface Resource extends SimulatedTarget {
  readonly stack: StackPlans;
}

type StackPlans = Omit<SimulatedStack, 'name' | 'updates'>;

/** An account with resources of several services. */
function accountWith(targets: readonly Resource[]): Account {
  const simulations = [...new Set(targets.map(({ kind }) => simulationOf(kind)))];
  const accounts = simulations.map((simulation) => {
    const own = targets.filter(({ kind }) => simulationOf(kind) === simulation);
    const isOfStacks = simulation === simulationOf('cloudformation-stack-update');
    return isOfStacks ? { services: [stacksWith(own)] } : simulation.account(own, DEFAULT_ENVIRONMENT);
  });
  return {
    seed: accounts.find(({ seed }) => seed !== undefined)?.seed,
    services: accounts.flatMap((account) => account.services ?? []),
  };
}

/** The stacks: in the account of the simulation, none is created or has plans of its own. */
function stacksWith(targets: readonly Resource[]): ServiceFactory {
  const stacks = targets
    .filter(({ deployments }) => deployments.length > 0)
    .map(({ deployments, stack, ...target }) => ({
      name: pathOf(target),
      updates: deployments as readonly SeededDeployment<StackStatus>[],
      ...stack,
    }));
  return (clock, consistency) => {
    const simulated = new SimulatedStacks(stacks, clock, DEFAULT_ENVIRONMENT, consistency);
    return { stacks: simulated, simulated };
  };
}

/** The tags of a stack, its root, and the effects of the requests that only options allow. */
function stackOf(behavior: FleetBehavior | undefined): StackPlans {
  if (!behavior) return {};
  const { onCancel, cancelSeconds, withholdsIds, hasNoRole, onContinue, membership = 'tagged' } = behavior;
  const end = onCancel === 'fails' ? 'DELETE_FAILED' : 'DELETE_COMPLETE';
  const onDelete = onCancel === 'stuck' ? [] : [{ after: cancelSeconds * SECONDS, status: end } as const];
  const continued = onContinue && { onContinue: CONTINUED[onContinue] };
  return { withholdsOperations: withholdsIds, hasNoRole, onDelete, ...continued, ...MEMBERSHIPS[membership] };
}

const { region, account } = DEFAULT_ENVIRONMENT;
const tags = { [FLEET_TAG.key]: FLEET_TAG.value };
const MEMBERSHIPS: Readonly<Record<Membership, StackPlans>> = {
  tagged: { tags },
  'loses-tag': { tags, losesTags: true },
  'other-value': { tags: { [FLEET_TAG.key]: `${FLEET_TAG.value}-other` } },
  untagged: {},
  nested: { tags, rootId: `arn:aws:cloudformation:${region}:${account}:stack/root/0f9b` },
};

const CONTINUED: Readonly<Record<OnContinue, readonly PlanStep<StackStatus>[]>> = {
  'rolled-back': [{ after: 15 * SECONDS, status: 'UPDATE_ROLLBACK_COMPLETE' }],
  fails: [{ after: 15 * SECONDS, status: 'UPDATE_ROLLBACK_FAILED' }],
  stuck: [],
};

/** The creation of a stack that is in flight at the start. A request can only delete the stack. */
function creationOf({ first }: FleetBehavior): SeededDeployment<StackStatus> {
  const { seconds = 0, ends = 'SUCCEEDED' } = first ?? {};
  const after = (seconds + 60) * SECONDS;
  const steps: readonly PlanStep<StackStatus>[] =
    ends === 'SUCCEEDED'
      ? [{ after, status: 'CREATE_COMPLETE', message: SECRETS.message }]
      : [
          { after, status: 'ROLLBACK_IN_PROGRESS', message: SECRETS.message },
          { after: 10 * SECONDS, status: 'ROLLBACK_COMPLETE' },
        ];
  return { at: -60 * SECONDS, status: 'CREATE_IN_PROGRESS', steps };
}

function serviceInstancesOf(schedule: Schedule): InitialState {
  const { environmentName, serviceName } = DEFAULT_NAMES;
  const instances = schedule.behaviors.map((behavior, index) => ({
    name: targetsOf(schedule)[index]?.identifiers.serviceInstanceName ?? '',
    environmentName,
    deployments: plansOf(schedule.kind, scriptsOf(behavior)) as readonly ProtonDeployment[],
    withholdsDeploymentIds: behavior.withholdsIds,
    spec: SECRETS.spec,
  }));
  return {
    environments: [{ name: environmentName }],
    services: [{ name: serviceName, spec: SECRETS.spec, instances }],
  };
}

/** The course of the deployment that a stack with a guard starts. */
export function startedOf({ behaviors: [behavior] }: Schedule): DeploymentPlan<GenericStatus> {
  const { onCancel, cancelSeconds } = behavior ?? { onCancel: 'cancelled', cancelSeconds: 40 };
  return { steps: [step(1500, 'SUCCEEDED')], onCancel: PLANS[onCancel](cancelSeconds) };
}

type Deployment = NonNullable<Script['deployment']>;

/** A deployment that ended long ago. */
const EARLIER: Script = { deployment: { at: -20 * HOURS, steps: [{ after: 4 * MINUTES, status: 'SUCCEEDED' }] } };

function scriptsOf({ first, onCancel, cancelSeconds, startsAt }: FleetBehavior): Script[] {
  const running: Deployment[] = first
    ? [
        {
          at: -60 * SECONDS,
          steps: [step(first.seconds + 60, first.ends)],
          onCancel: PLANS[onCancel](cancelSeconds),
        },
      ]
    : [];
  const newer = startsAt.map((seconds): Deployment => ({ at: seconds * SECONDS, ...NEWER }));
  return [...running, ...newer].map((deployment) => ({ deployment }));
}

function step(seconds: number, status: GenericStatus): PlanStep<GenericStatus> {
  return { after: seconds * SECONDS, status, message: SECRETS.message };
}

const NEWER: DeploymentPlan<GenericStatus> = {
  steps: [step(900, 'SUCCEEDED')],
  onCancel: { steps: [step(20, 'CANCELLED')] },
};

/** The effects of a cancellation. A refusal is one of the reasons that each service has an error for. */
const PLANS: Readonly<Record<OnCancel, (seconds: number) => CancelPlan<GenericStatus>>> = {
  cancelled: (seconds) => ({ steps: [step(seconds, 'CANCELLED')] }),
  fails: (seconds) => ({ steps: [step(seconds, 'FAILED')] }),
  finishes: (seconds) => ({ steps: [step(seconds, 'SUCCEEDED')] }),
  stuck: () => ({ steps: [] }),
  'passed-over': () => ({}),
  refused: () => ({ refuse: 'INVALID' }),
  conflict: (seconds) => ({ refuse: 'OVER', steps: [step(seconds, 'SUCCEEDED')] }),
  superseded: (seconds) => ({ steps: [step(seconds, 'CANCELLED'), { after: 0, start: NEWER }] }),
  overtaken: () => ({ overtakenBy: NEWER, steps: [step(0, 'SUCCEEDED')] }),
  vanishes: (seconds) => ({ steps: [step(seconds, 'DELETE_IN_PROGRESS'), { after: 10 * SECONDS, vanish: true }] }),
};
