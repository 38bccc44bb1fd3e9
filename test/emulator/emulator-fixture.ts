import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StackRequest } from '../../emulator/aws/cloudformation/cloudformation';
import type { StackDescription } from '../../emulator/aws/cloudformation/stack-description';
import type { LambdaFaults } from '../../emulator/aws/lambda/function';
import { sleep, VirtualClock } from '../../emulator/core/clock';
import type { Fault, Faults, RawRequest } from '../../emulator/core/http-server';
import type { EmulatorOptions } from '../../emulator/emulator-options';
import { type InitialState, MINUTES, SECONDS } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES, seedOf } from '../../emulator/services/proton/target';
import { Assembly, type SynthesizedStack } from '../../emulator/simulation/assembly';
import { FAILURE_TYPE, testResourceTypes } from '../../emulator/simulation/test-resources';
import { DeploymentCancellation, type DeploymentCancellationProps, ProtonDeployment } from '../../lib/index';
import { Recorder } from './recorder';

const directories: string[] = [];
const fixtures: EmulatorFixture[] = [];

afterEach(async () => {
  await Promise.all(fixtures.splice(0).map((fixture) => fixture.close()));
});
afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** Synthesizes an app. */
export function assemble(build: (app: App) => void): Assembly {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  directories.push(outdir);
  const app = new App({ outdir });
  build(app);
  app.synth();
  return new Assembly(outdir);
}

export const WEB_PROD = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });

/** A stack that cancels the deployment of web/web-prod, and other resources. */
export function cancellationStack(
  props: Partial<DeploymentCancellationProps> = {},
  more: (cancellation: DeploymentCancellation, stack: Stack) => unknown = () => undefined,
): Assembly {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    more(new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB_PROD, ...props }), stack);
  });
}

/** The first stack of an assembly. */
export function stackOf({ stacks }: Assembly): SynthesizedStack {
  const [stack] = stacks;
  if (!stack) throw new Error('there is no stack');
  return stack;
}

/** A resource that takes `afterSeconds`, and fails if `fails` is true. */
export function check(scope: Construct, { afterSeconds = 0, fails = false, ...more }: CheckProps): CfnResource {
  return new CfnResource(scope, 'Check', { type: FAILURE_TYPE, properties: { afterSeconds, fails, ...more } });
}

export interface CheckProps {
  readonly afterSeconds?: number;
  readonly fails?: boolean;
  /** Values that the resource refers to. */
  readonly values?: readonly string[];
}

/** As `cancellationStack`, with a check after the cancellation. */
export function checkedStack(props: Partial<DeploymentCancellationProps>, checkProps: CheckProps): SynthesizedStack {
  return stackOf(
    cancellationStack(props, (cancellation, stack) => check(stack, checkProps).node.addDependency(cancellation)),
  );
}

/** A service instance with deployments that start at these minutes, take 25 minutes, and can be cancelled in 40 seconds. */
export function deployedAt(...minutes: number[]): InitialState {
  const deployments = minutes.map((at) => ({
    at: at * MINUTES,
    steps: [{ after: 25 * MINUTES, status: 'SUCCEEDED' as const }],
    onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' as const }] },
  }));
  return seedOf({ kind: 'proton-service-instance', ...DEFAULT_NAMES }, { deployments });
}

/** The reason of the first resource that failed. */
export function failureOf({ recorder }: EmulatorFixture): string | undefined {
  return recorder.events.find(({ status }) => status.endsWith('_FAILED'))?.statusReason;
}

/** The length of the hash at the end of logical IDs. */
const HASH_LENGTH = 8;

interface Statement {
  readonly Action: string | readonly string[];
}

/** Removes an action from all policies of a stack. */
export function withoutPermission(stack: SynthesizedStack, action: string): SynthesizedStack {
  let removed = 0;
  const without = (statement: Statement): Statement[] => {
    const actions = [statement.Action].flat();
    const others = actions.filter((name) => name !== action);
    removed += actions.length - others.length;
    return others.length === 0 ? [] : [{ ...statement, Action: others }];
  };
  const template: unknown = JSON.parse(JSON.stringify(stack.template), (key, value: unknown) =>
    key === 'Statement' ? (value as Statement[]).flatMap(without) : value,
  );
  if (removed === 0) throw new Error(`no policy in ${stack.stackName} allows ${action}`);
  return { ...stack, template };
}

/**
 * An emulator with faults that a test sets. Its time passes only during operations on stacks, and when the test calls
 * `pass`.
 */
export class EmulatorFixture {
  static async start(options: Omit<EmulatorOptions, 'clock'>): Promise<EmulatorFixture> {
    const fixture = new EmulatorFixture();
    fixture.recorder = await Recorder.start({
      ...options,
      clock: fixture.clock,
      types: testResourceTypes(fixture.clock, () => fixture.emulator),
      faults: (call) => fixture.faults(call),
      lambdaFaults: (invocation) => fixture.lambdaFaults(invocation),
      answerFaults: (request) => fixture.answerFaults(request),
      skew: (service) => fixture.skew[service],
    });
    fixtures.push(fixture);
    return fixture;
  }

  readonly clock = new VirtualClock();
  recorder!: Recorder;
  /** The faults of calls of services. */
  faults: Faults = () => undefined;
  /** The offsets of the clocks of services, in milliseconds. */
  readonly skew = { proton: 0, lambda: 0, 'step-functions': 0 };
  lambdaFaults: LambdaFaults = () => undefined;
  answerFaults: (request: RawRequest) => Fault | undefined = () => undefined;
  private release = this.clock.hold();

  get emulator() {
    return this.recorder.emulator;
  }

  /** The statuses of the deployments of web/web-prod, oldest first, without that of its creation. */
  get deployments(): string[] {
    const { deployments } = this.emulator.proton.resource('service/web/service-instance/web-prod');
    return deployments.slice(1).map(({ status }) => status);
  }

  /** The requests of CloudFormation, such as `Create Cancellation`. */
  get requests(): string[] {
    return this.recorder.requests.map(
      ({ RequestType, LogicalResourceId }) => `${RequestType} ${LogicalResourceId.slice(0, -HASH_LENGTH)}`,
    );
  }

  create(stack: StackRequest): Promise<StackDescription> {
    return this.work(this.emulator.cloudFormation.createStack(stack));
  }

  update(stack: StackRequest): Promise<StackDescription> {
    return this.work(this.emulator.cloudFormation.updateStack(stack));
  }

  delete(stackName = 'Stack'): Promise<StackDescription> {
    return this.work(this.emulator.cloudFormation.deleteStack(stackName));
  }

  async pass(seconds: number): Promise<void> {
    await this.flow(sleep(this.clock, seconds * 1000));
  }

  async close(): Promise<void> {
    await this.emulator.close();
  }

  /** Waits for an operation on a stack, and for the executions that it starts. */
  private async work(operation: Promise<StackDescription>): Promise<StackDescription> {
    const before = new Set(this.emulator.stepFunctions.executions);
    const description = await this.flow(operation);
    const started = this.emulator.stepFunctions.executions.filter((execution) => !before.has(execution));
    await this.flow(Promise.all(started.map(({ ended }) => ended)));
    return description;
  }

  private async flow<T>(until: Promise<T>): Promise<T> {
    this.release();
    try {
      return await until;
    } finally {
      this.release = this.clock.hold();
    }
  }
}

/**
 * The operations that were denied and not allowed later. A policy is not known everywhere as soon as it is attached, so that
 * the first calls may be denied.
 */
export function deniedOperations(calls: readonly { readonly operation: string; readonly answer: string }[]): string[] {
  const last = new Map(calls.map(({ operation, answer }): [string, string] => [operation, answer]));
  return [...last].flatMap(([operation, answer]) => (answer.startsWith('AccessDenied') ? [operation] : []));
}
