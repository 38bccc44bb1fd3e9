import { App, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { deploymentOf } from '../../bin/context';
import { STACK_SCENARIOS, type StackScenarioName, type StackStep } from '../../bin/scenarios/stack-scenarios';
import type { StackRequest } from '../../emulator/aws/cloudformation/cloudformation';
import { Assembly } from '../../emulator/simulation/assembly';
import { FAILURE_TYPE } from '../../emulator/simulation/test-resources';
import {
  type CancellationSettings,
  GUARD_RESOURCE_TYPE,
  RESOURCE_TYPE,
  RESPONSE_MARGIN_SECONDS,
} from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import { type DeploymentKind, sampleIdentifiers } from '../../lib/deployments/kinds';
import { CancellationWorkflow, DeploymentCancellation, FleetCancellation, ProtonFleet } from '../../lib/index';

/** The lifecycles of stacks with cancellations or guards. */

export const STACK_NAME = 'Fuzz';

/** A step whose stack cancels a deployment of any kind. */
interface KindStep extends Omit<StackStep, 'build'> {
  readonly build?: (stack: Stack, kind: DeploymentKind) => unknown;
}

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

function withCancellation(parts: Parts) {
  const { id = 'Cancellation', count = 1, trigger, failsAfterSeconds, failsAfterCancellation } = parts;
  return (stack: Stack, kind: DeploymentKind) => {
    const deployment = deploymentOf({ kind, identifiers: sampleIdentifiers(kind) });
    const cancellation = new DeploymentCancellation(stack, id, { deployment, trigger });
    for (let number = 2; number <= count; number++) {
      new DeploymentCancellation(stack, `${id}${number}`, { deployment, trigger });
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

const fleet = (trigger: string) => (stack: Stack) =>
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web'), trigger });

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
  replaced: [
    { operation: 'create', build: withCancellation({}) },
    { operation: 'update', build: withCancellation({ id: 'Successor' }) },
  ],
  deleted: [{ operation: 'create', build: withCancellation({}) }, { operation: 'delete' }],
} as const satisfies Readonly<Record<string, readonly KindStep[]>>;

const FLEETS = {
  'fleet-created': [{ operation: 'create', build: fleet('1') }],
  'fleet-deleted': [{ operation: 'create', build: fleet('1') }, { operation: 'delete' }],
} as const satisfies Readonly<Record<string, readonly KindStep[]>>;

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
  'nested-rollback-of-create',
] as const satisfies readonly StackScenarioName[];

export const CANCELLATION_LIFECYCLES = Object.keys(CANCELLATIONS) as readonly (keyof typeof CANCELLATIONS)[];
export const FLEET_LIFECYCLES = Object.keys(FLEETS) as readonly (keyof typeof FLEETS)[];
export const GUARD_LIFECYCLES = GUARDS;
export type Lifecycle =
  | (typeof CANCELLATION_LIFECYCLES)[number]
  | (typeof FLEET_LIFECYCLES)[number]
  | (typeof GUARD_LIFECYCLES)[number];

export function stepsOf(lifecycle: Lifecycle): readonly KindStep[] {
  const own: Readonly<Record<string, readonly KindStep[]>> = { ...CANCELLATIONS, ...FLEETS };
  return own[lifecycle] ?? STACK_SCENARIOS[lifecycle as keyof typeof STACK_SCENARIOS].steps;
}

export function isGuarded(lifecycle: Lifecycle): lifecycle is (typeof GUARD_LIFECYCLES)[number] {
  return GUARDS.some((guard) => guard === lifecycle);
}

export function isFleet(lifecycle: Lifecycle): boolean {
  return Object.hasOwn(FLEETS, lifecycle);
}

/** The part of a schedule that decides about the templates. */
export interface Variant {
  readonly lifecycle: Lifecycle;
  readonly kind: DeploymentKind;
  readonly encryptionKey: boolean;
}

/**
 * The synthesized stacks. Each variant is synthesized when it is used first. All share one directory, and so the code of the
 * functions: then warm sandboxes can be reused for another variant.
 */
export class Assemblies {
  private readonly byVariant = new Map<string, Assembly>();

  constructor(private readonly outdir: string) {}

  of(variant: Variant): Assembly {
    const name = nameOf(variant);
    const assembly = this.byVariant.get(name) ?? synthesize(this.outdir, variant);
    this.byVariant.set(name, assembly);
    return assembly;
  }
}

function synthesize(outdir: string, variant: Variant): Assembly {
  const { lifecycle, kind, encryptionKey } = variant;
  // The validation takes seconds, and other tests validate the templates.
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  for (const [index, { build }] of stepsOf(lifecycle).entries()) {
    if (!build) continue;
    const stack = new Stack(app, idOf(variant, index), { stackName: STACK_NAME });
    if (encryptionKey) {
      const key = new Key(stack, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY });
      CancellationWorkflow.of(stack, { encryptionKey: key });
    }
    build(stack, kind);
  }
  app.synth();
  return new Assembly(outdir);
}

const nameOf = ({ lifecycle, kind, encryptionKey }: Variant) =>
  `${lifecycle}-${kind}${encryptionKey ? '-encrypted' : ''}`;
const idOf = (variant: Variant, step: number) => `${nameOf(variant)}-${step}`;

/** The stack of a step, with these settings of its cancellations. Guards take only the timeout. */
export function stackOf(
  { stacks }: Assembly,
  variant: Variant,
  step: number,
  settings: Partial<CancellationSettings>,
): StackRequest {
  const stack = stacks.find(({ id }) => id === idOf(variant, step));
  if (!stack) throw new Error(`the assembly has no stack ${idOf(variant, step)}`);
  const template = structuredClone(stack.template) as { Resources: Record<string, Resource> };
  for (const { Type, Properties } of Object.values(template.Resources)) {
    const guard = Type === GUARD_RESOURCE_TYPE;
    if (!guard && Type !== RESOURCE_TYPE && Type !== FLEET_RESOURCE_TYPE) continue;
    const { timeoutSeconds } = settings;
    Object.assign(Properties.settings, guard ? { timeoutSeconds } : settings);
    if (timeoutSeconds !== undefined) Properties.ServiceTimeout = timeoutSeconds + RESPONSE_MARGIN_SECONDS;
  }
  return { stackName: STACK_NAME, template };
}

interface Resource {
  readonly Type: string;
  readonly Properties: { settings: object; ServiceTimeout: number };
}
