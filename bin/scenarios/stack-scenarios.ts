import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, NestedStack, Stack } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { MINUTES, type SeededDeployment } from '../../emulator/core/plan';
import type { InitialState } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../emulator/services/proton/scenarios';
import { Assembly } from '../../emulator/simulation/assembly';
import type { Operation } from '../../emulator/simulation/operations';
import type { GenericStatus } from '../../emulator/simulation/scenarios';
import { DEPLOYMENT_TYPE, FAILURE_TYPE } from '../../emulator/simulation/test-resources';
import { CancelOnRollback, type CancelOnRollbackProps } from '../../lib/constructs/cancel-on-rollback';
import { DeploymentCancellation } from '../../lib/constructs/deployment-cancellation';
import { OnNotFound } from '../../lib/contract/outcome';
import type { CancellableDeployment } from '../../lib/deployments/cancellable-deployment';
import { ProtonDeployment } from '../../lib/deployments/proton/proton-deployment';
import { CancellationWorkflow } from '../../lib/workflow/cancellation-workflow';

/** One operation on the stack of a scenario, and the resources of the stack. */
export interface StackStep {
  readonly operation: 'create' | 'update' | 'delete';
  /** Adds the resources; undefined for a deletion. Default: for a service instance of Proton. */
  readonly build?: (stack: Stack, subject?: Subject) => unknown;
}

/** The deployment that a scenario is about. */
export interface Subject {
  readonly deployment: CancellableDeployment;
  /** Another one, which does not exist. */
  readonly another: CancellableDeployment;
  /** The role that calls the service. Default: the role of the deployment function. */
  readonly calledAs?: Pick<CancelOnRollbackProps, 'role' | 'externalId'>;
}

/** Several operations on one stack with a guard. Most of them fail. */
export interface StackScenario {
  readonly description: string;
  /** The account with a service instance. */
  readonly seed: InitialState;
  readonly steps: readonly StackStep[];
}

const SERVICE_INSTANCE: Subject = {
  deployment: ProtonDeployment.serviceInstance(DEFAULT_NAMES),
  another: ProtonDeployment.serviceInstance({ ...DEFAULT_NAMES, serviceInstanceName: 'web-another' }),
};

/** The last deployment before the first step. */
export type Before = SeededDeployment<GenericStatus>;

const startingWith = (before: Before) => ({ before, seed: serviceInstanceSeed(DEFAULT_NAMES, before) });
const QUIET = startingWith({ at: -60 * MINUTES, steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }] });
/** A deployment runs for long. */
const BUSY = startingWith({ at: -2 * MINUTES, steps: [{ after: 25 * MINUTES, status: 'SUCCEEDED' }] });
const STUCK = startingWith({ at: -2 * MINUTES, onCancel: { steps: [] } });

interface Release {
  readonly version: string;
  /** Whether the stack fails after the start of the deployment. */
  readonly fails?: boolean;
  readonly guard?: (Omit<Partial<CancelOnRollbackProps>, 'deployment'> & { readonly isForAnother?: boolean }) | false;
}

/** Adds a resource that starts a deployment, a resource that may fail, and a guard that protects both. */
function release(scope: Construct, { version, fails = false, guard = {} }: Release, subject: Subject): void {
  const { deployment, another, calledAs } = subject;
  const starts = new CfnResource(scope, 'Release', {
    type: DEPLOYMENT_TYPE,
    properties: { ...deployment._toContract(), version },
  });
  const checked = check(scope, version, fails);
  checked.addResourceDependency(starts);
  if (guard === false) return;
  const { isForAnother = false, ...props } = guard;
  const guarded = { deployment: isForAnother ? another : deployment, trigger: version, ...calledAs, ...props };
  new CancelOnRollback(scope, 'Guard', guarded).protect(starts, checked);
}

function check(scope: Construct, version: string, fails: boolean, afterSeconds = 30): CfnResource {
  return new CfnResource(scope, 'Check', { type: FAILURE_TYPE, properties: { version, fails, afterSeconds } });
}

/** A stack with a guard that fails without starting a deployment. */
function withGuard(guard: Partial<CancelOnRollbackProps>) {
  return (stack: Stack, { deployment, calledAs } = SERVICE_INSTANCE) =>
    new CancelOnRollback(stack, 'Guard', { deployment, trigger: '1', ...calledAs, ...guard }).protect(
      check(stack, '1', true),
    );
}

const withRelease =
  (props: Release) =>
  (stack: Stack, subject = SERVICE_INSTANCE) =>
    release(stack, props, subject);
const withNestedRelease =
  (props: Release) =>
  (stack: Stack, subject = SERVICE_INSTANCE) => {
    const inner = new NestedStack(stack, 'Nested');
    release(inner, props, subject);
    return inner;
  };

/** A stack with a nested stack, if `inner` is given, and a resource that is created after it. */
function withNestedStack(inner?: Release, fails = false) {
  return (stack: Stack, subject = SERVICE_INSTANCE) => {
    const checked = check(stack, String(fails), fails);
    if (inner) checked.node.addDependency(withNestedRelease(inner)(stack, subject));
  };
}

/** A stack that cancels another deployment, which does not exist, with a guard if `props` are given. */
function withAnotherCancellation(props?: Release) {
  return (stack: Stack, subject = SERVICE_INSTANCE) => {
    const { another: deployment, calledAs } = subject;
    new DeploymentCancellation(stack, 'Another', { deployment, onNotFound: OnNotFound.SUCCEED, ...calledAs });
    if (props) release(stack, props, subject);
  };
}

/** A stack with a guard that may not read the status of the stack. */
function withoutStackStatus(props: Release) {
  return (stack: Stack, subject = SERVICE_INSTANCE) => {
    release(stack, props, subject);
    const role = CancellationWorkflow.of(stack).node.findChild('CloudFormationRole') as Role;
    const denied = { effect: Effect.DENY, actions: ['cloudformation:DescribeStacks'], resources: ['*'] };
    const policy = new Policy(stack, 'DenyStackStatus', { roles: [role], statements: [new PolicyStatement(denied)] });
    stack.node.findChild('Guard').node.addDependency(policy);
  };
}

/** A stack with a cancellation, and a resource that fails while the cancellation waits. */
function withCancellation(trigger: string, fails: boolean) {
  return (stack: Stack, { deployment } = SERVICE_INSTANCE) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment, trigger });
    check(stack, trigger, fails, 120);
  };
}

export const STACK_SCENARIOS = {
  'guard-armed': {
    description: 'a guard is armed, and the stack succeeds',
    ...QUIET,
    steps: [{ operation: 'create', build: withRelease({ version: '1' }) }],
  },
  'rollback-of-create': {
    description: 'the creation fails after it has started a deployment, which the guard cancels',
    ...QUIET,
    steps: [{ operation: 'create', build: withRelease({ version: '1', fails: true }) }],
  },
  'rollback-of-update': {
    description: 'an update fails after it has started a deployment, which the guard cancels',
    ...QUIET,
    steps: [
      { operation: 'create', build: withRelease({ version: '1' }) },
      { operation: 'update', build: withRelease({ version: '2', fails: true }) },
    ],
  },
  'guard-new-in-failed-update': {
    description: 'the update that adds the guard fails, and the guard cancels the deployment that it started',
    ...QUIET,
    steps: [
      { operation: 'create', build: withRelease({ version: '1', guard: false }) },
      { operation: 'update', build: withRelease({ version: '2', fails: true }) },
    ],
  },
  'guard-removed': {
    description: 'an update removes the guard, which cancels nothing',
    ...QUIET,
    steps: [
      { operation: 'create', build: withRelease({ version: '1' }) },
      { operation: 'update', build: withRelease({ version: '1', guard: false }) },
    ],
  },
  'stack-deleted': {
    description: 'the stack is deleted, and the guard cancels nothing',
    ...QUIET,
    steps: [{ operation: 'create', build: withRelease({ version: '1' }) }, { operation: 'delete' }],
  },
  'stack-deleted-cancelling': {
    description: 'the stack is deleted, and the guard is configured to cancel then',
    ...QUIET,
    steps: [
      { operation: 'create', build: withRelease({ version: '1', guard: { cancelOnStackDeletion: true } }) },
      { operation: 'delete' },
    ],
  },
  'guard-ignores-earlier': {
    description: 'the creation fails, but the deployment in flight started before the guard was armed',
    ...BUSY,
    steps: [
      {
        operation: 'create',
        build: withGuard({}),
      },
    ],
  },
  'guard-cancels-earlier': {
    description: 'the same, but the guard is configured to cancel earlier deployments as well',
    ...BUSY,
    steps: [
      {
        operation: 'create',
        build: withGuard({ cancelPreexisting: true }),
      },
    ],
  },
  'nested-rollback-of-create': {
    description: 'a nested stack contains the guard, and the creation of its parent fails in it',
    ...QUIET,
    steps: [{ operation: 'create', build: withNestedRelease({ version: '1', fails: true }) }],
  },
  'nested-rollback-of-update': {
    description: 'a nested stack contains the guard, and the update of its parent fails in it',
    ...QUIET,
    steps: [
      { operation: 'create', build: withNestedRelease({ version: '1' }) },
      { operation: 'update', build: withNestedRelease({ version: '2', fails: true }) },
    ],
  },
  'nested-stack-deleted': {
    description: 'the parent of the nested stack with the guard is deleted, and the guard cancels nothing',
    ...QUIET,
    steps: [{ operation: 'create', build: withNestedRelease({ version: '1' }) }, { operation: 'delete' }],
  },
  'nested-guard-removed': {
    description: 'an update removes the nested stack with the guard, which cancels nothing',
    ...QUIET,
    steps: [
      { operation: 'create', build: withNestedStack({ version: '1' }) },
      { operation: 'update', build: withNestedStack() },
    ],
  },
  'nested-guard-new-in-failed-update': {
    description:
      'the update that adds the nested stack with the guard fails, and the guard cancels the deployment that it started',
    ...QUIET,
    steps: [
      { operation: 'create', build: withNestedStack() },
      { operation: 'update', build: withNestedStack({ version: '1' }, true) },
    ],
  },
  'guard-added-beside-cancellation': {
    description: 'the stack already cancels another deployment, and the update that adds the guard fails',
    ...QUIET,
    steps: [
      { operation: 'create', build: withAnotherCancellation() },
      { operation: 'update', build: withAnotherCancellation({ version: '1', fails: true }) },
    ],
  },
  'guard-moved': {
    description: 'the update that moves the guard from another deployment to this one fails',
    ...QUIET,
    steps: [
      { operation: 'create', build: withRelease({ version: '1', guard: { isForAnother: true } }) },
      { operation: 'update', build: withRelease({ version: '2', fails: true }) },
    ],
  },
  'guard-status-unreadable': {
    description: 'the creation fails, but the guard may not read the status of the stack, and cancels nothing',
    ...QUIET,
    steps: [{ operation: 'create', build: withoutStackStatus({ version: '1', fails: true }) }],
  },
  'delete-during-create': {
    description: 'another resource fails while the cancellation waits, and its execution is stopped',
    ...STUCK,
    steps: [{ operation: 'create', build: withCancellation('1', true) }],
  },
  'update-rolled-back': {
    description: 'an update cancels, and then fails: its rollback cancels nothing more',
    ...BUSY,
    steps: [
      { operation: 'create', build: withCancellation('1', false) },
      { operation: 'update', build: withCancellation('2', true) },
    ],
  },
} satisfies Readonly<Record<string, StackScenario & { readonly before: Before }>>;

export type StackScenarioName = keyof typeof STACK_SCENARIOS;

export function isStackScenarioName(name: string): name is StackScenarioName {
  return Object.hasOwn(STACK_SCENARIOS, name);
}

export const STACK_SCENARIO_NAMES = Object.keys(STACK_SCENARIOS) as readonly StackScenarioName[];

/** Synthesizes a scenario, passes it to `use`, and removes the assembly. */
export async function withStackScenario<T>(
  scenario: StackScenario,
  use: (prepared: { assembly: Assembly; operations: Operation[] }) => Promise<T>,
): Promise<T> {
  const outdir = await mkdtemp(join(tmpdir(), 'cdk.out-'));
  try {
    return await use(synthesize(scenario, outdir));
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

/** Synthesizes one stack for each step. */
function synthesize({ steps }: StackScenario, outdir: string): { assembly: Assembly; operations: Operation[] } {
  // The validation takes seconds, and other tests validate the templates.
  const app = new App({ outdir, builtinCloudFormationValidation: false });
  const operations = steps.map(({ operation, build }, index) => {
    const id = `Step${index}`;
    const stack = new Stack(app, id, { stackName: 'Guarded' });
    build?.(stack);
    return { operation, stack: id };
  });
  app.synth();
  return { assembly: new Assembly(outdir), operations };
}
