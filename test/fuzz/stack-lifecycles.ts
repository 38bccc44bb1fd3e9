import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { STACK_SCENARIOS, type StackScenarioName, type StackStep } from '../../bin/scenarios/stack-scenarios';
import type { StackRequest } from '../../emulator/aws/cloudformation/cloudformation';
import { DEFAULT_NAMES } from '../../emulator/services/proton/scenarios';
import { Assembly } from '../../emulator/simulation/assembly';
import { FAILURE_TYPE } from '../../emulator/simulation/test-resources';
import {
  ANSWER_MARGIN_SECONDS,
  type CancellationSettings,
  GUARD_RESOURCE_TYPE,
  RESOURCE_TYPE,
} from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import { DeploymentCancellation, FleetCancellation, ProtonDeployment, ProtonFleet } from '../../lib/index';

/** What a stack goes through, and what its cancellations or guards are to do about it. */

export const STACK_NAME = 'Campaign';

const deployment = ProtonDeployment.serviceInstance(DEFAULT_NAMES);

interface Parts {
  readonly id?: string;
  readonly trigger?: string;
  /** Another resource, side by side with the cancellation, takes so many seconds and fails. */
  readonly failsBesideAfter?: number;
  /** Another resource fails once the cancellation is over. */
  readonly failsAfterwards?: boolean;
}

function holding({ id = 'Cancellation', trigger, failsBesideAfter, failsAfterwards }: Parts) {
  return (stack: Stack) => {
    const cancellation = new DeploymentCancellation(stack, id, { deployment, trigger });
    const check = new CfnResource(stack, 'Check', {
      type: FAILURE_TYPE,
      properties: {
        trigger,
        afterSeconds: failsBesideAfter ?? 5,
        fails: failsBesideAfter !== undefined || failsAfterwards === true,
      },
    });
    if (failsBesideAfter === undefined) check.node.addDependency(cancellation);
  };
}

const fleet = (trigger: string) => (stack: Stack) =>
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web'), trigger });

const CANCELLATIONS = {
  created: [{ operation: 'create', build: holding({}) }],
  'created-twice': [
    { operation: 'create', build: holding({ trigger: '1' }) },
    { operation: 'update', build: holding({ trigger: '2' }) },
  ],
  'rolled-back': [{ operation: 'create', build: holding({ failsAfterwards: true }) }],
  'deleted-while-waiting': [{ operation: 'create', build: holding({ failsBesideAfter: 20 }) }],
  'update-rolled-back': [
    { operation: 'create', build: holding({ trigger: '1' }) },
    { operation: 'update', build: holding({ trigger: '2', failsAfterwards: true }) },
  ],
  'update-rolled-back-while-waiting': [
    { operation: 'create', build: holding({ trigger: '1' }) },
    { operation: 'update', build: holding({ trigger: '2', failsBesideAfter: 20 }) },
  ],
  replaced: [
    { operation: 'create', build: holding({}) },
    { operation: 'update', build: holding({ id: 'Successor' }) },
  ],
  deleted: [{ operation: 'create', build: holding({}) }, { operation: 'delete' }],
} as const satisfies Readonly<Record<string, readonly StackStep[]>>;

const FLEETS = {
  'fleet-created': [{ operation: 'create', build: fleet('1') }],
  'fleet-deleted': [{ operation: 'create', build: fleet('1') }, { operation: 'delete' }],
} as const satisfies Readonly<Record<string, readonly StackStep[]>>;

/** Of the plays, those whose guards are told what they are told in different ways. */
const GUARDS = [
  'guard-armed',
  'rollback-of-create',
  'rollback-of-update',
  'guard-new-in-failed-update',
  'guard-removed',
  'stack-deleted',
  'stack-deleted-cancelling',
  'guard-leaves-earlier-alone',
  'guard-cancels-earlier',
  'guard-moved',
  'nested-rollback-of-create',
] as const satisfies readonly StackScenarioName[];

export const CANCELLATION_LIVES = Object.keys(CANCELLATIONS) as readonly (keyof typeof CANCELLATIONS)[];
export const FLEET_LIVES = Object.keys(FLEETS) as readonly (keyof typeof FLEETS)[];
export const GUARD_LIVES = GUARDS;
export type Lifecycle =
  | (typeof CANCELLATION_LIVES)[number]
  | (typeof FLEET_LIVES)[number]
  | (typeof GUARD_LIVES)[number];

export function actsOf(life: Lifecycle): readonly StackStep[] {
  const own: Readonly<Record<string, readonly StackStep[]>> = { ...CANCELLATIONS, ...FLEETS };
  return own[life] ?? STACK_SCENARIOS[life as keyof typeof STACK_SCENARIOS].steps;
}

export function isGuarded(life: Lifecycle): life is (typeof GUARD_LIVES)[number] {
  return GUARDS.some((guard) => guard === life);
}

export function isFleet(life: Lifecycle): boolean {
  return Object.hasOwn(FLEETS, life);
}

/** Synthesises every stack of every life, once for all runs. */
export function simulate(outdir: string): Assembly {
  // Validation takes seconds, and has its place where templates are checked.
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  for (const life of [...CANCELLATION_LIVES, ...FLEET_LIVES, ...GUARD_LIVES]) {
    for (const [index, { build }] of actsOf(life).entries()) {
      build?.(new Stack(app, idOf(life, index), { stackName: STACK_NAME }));
    }
  }
  app.synth();
  return new Assembly(outdir);
}

const idOf = (life: Lifecycle, act: number) => `${life}-${act}`;

/** The stack of an act, as if its cancellations had been declared with this policy; guards have one of their own. */
export function stackOf(
  { stacks }: Assembly,
  life: Lifecycle,
  act: number,
  settings: Partial<CancellationSettings>,
): StackRequest {
  const stack = stacks.find(({ id }) => id === idOf(life, act));
  if (!stack) throw new Error(`the assembly has no stack for act ${act} of ${life}`);
  const template = structuredClone(stack.template) as { Resources: Record<string, Resource> };
  for (const { Type, Properties } of Object.values(template.Resources)) {
    const guard = Type === GUARD_RESOURCE_TYPE;
    if (!guard && Type !== RESOURCE_TYPE && Type !== FLEET_RESOURCE_TYPE) continue;
    const { timeoutSeconds } = settings;
    Object.assign(Properties.settings, guard ? { timeoutSeconds } : settings);
    if (timeoutSeconds !== undefined) Properties.ServiceTimeout = timeoutSeconds + ANSWER_MARGIN_SECONDS;
  }
  return { stackName: STACK_NAME, template };
}

interface Resource {
  readonly Type: string;
  readonly Properties: { settings: object; ServiceTimeout: number };
}
