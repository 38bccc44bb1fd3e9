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
import type { EmulatorOptions } from '../../emulator/emulator';
import { type InitialState, MINUTES, SECONDS } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES, seedOf } from '../../emulator/services/proton/target';
import { Assembly, type SynthesizedStack } from '../../emulator/simulation/assembly';
import { FAILURE_TYPE, testResourceTypes } from '../../emulator/simulation/test-resources';
import { DeploymentCancellation, type DeploymentCancellationProps, ProtonDeployment } from '../../lib/index';
import { Recorder } from './recorder';

const directories: string[] = [];
const benches: CloudFixture[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map((fixture) => fixture.close()));
});
afterAll(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** What `cdk synth` makes of an app. The bundles in it are the same in all of them. */
export function assemble(build: (app: App) => void): Assembly {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  directories.push(outdir);
  const app = new App({ outdir });
  build(app);
  app.synth();
  return new Assembly(outdir);
}

export const WEB_PROD = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-prod' });

/** A stack with the cancellation of the deployment of web/web-prod, and whatever else is wanted. */
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

/** A resource that takes a while, and fails if it is told to. */
export function check(scope: Construct, { afterSeconds = 0, fails = false, ...more }: CheckProps): CfnResource {
  return new CfnResource(scope, 'Check', { type: FAILURE_TYPE, properties: { afterSeconds, fails, ...more } });
}

export interface CheckProps {
  readonly afterSeconds?: number;
  readonly fails?: boolean;
  /** Something to read. */
  readonly values?: readonly string[];
}

/** As `cancellationStack`, with a check after the cancellation. */
export function checkedStack(props: Partial<DeploymentCancellationProps>, checkProps: CheckProps): SynthesizedStack {
  return stackOf(
    cancellationStack(props, (cancellation, stack) => check(stack, checkProps).node.addDependency(cancellation)),
  );
}

/** A service instance that is deployed at these minutes, each time for 25, and 40 seconds from when it is cancelled. */
export function deployedAt(...minutes: number[]): InitialState {
  const deployments = minutes.map((at) => ({
    at: at * MINUTES,
    steps: [{ after: 25 * MINUTES, status: 'SUCCEEDED' as const }],
    onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' as const }] },
  }));
  return seedOf({ kind: 'proton-service-instance', ...DEFAULT_NAMES }, { deployments });
}

/** Why the first resource failed that did. */
export function failureOf({ recorder }: CloudFixture): string | undefined {
  return recorder.events.find(({ status }) => status.endsWith('_FAILED'))?.statusReason;
}

/** Of what the CDK ends logical ids with. */
const HASH_LENGTH = 8;

interface Statement {
  readonly Action: string | readonly string[];
}

/** The stack as if an action were in none of its policies. */
export function withoutPermission(stack: SynthesizedStack, action: string): SynthesizedStack {
  let taken = 0;
  const without = (statement: Statement): Statement[] => {
    const actions = [statement.Action].flat();
    const left = actions.filter((name) => name !== action);
    taken += actions.length - left.length;
    return left.length === 0 ? [] : [{ ...statement, Action: left }];
  };
  const template: unknown = JSON.parse(JSON.stringify(stack.template), (key, value: unknown) =>
    key === 'Statement' ? (value as Statement[]).flatMap(without) : value,
  );
  if (taken === 0) throw new Error(`nothing in ${stack.stackName} may ${action}`);
  return { ...stack, template };
}

/**
 * A cloud on which time passes only while a stack is worked on, or when a test says so, and in which a test decides what
 * goes wrong.
 */
export class CloudFixture {
  static async start(options: Omit<EmulatorOptions, 'clock'>): Promise<CloudFixture> {
    const fixture = new CloudFixture();
    fixture.recorder = await Recorder.start({
      ...options,
      clock: fixture.clock,
      types: testResourceTypes(fixture.clock, () => fixture.emulator.proton),
      faults: (call) => fixture.faults(call),
      lambdaFaults: (invocation) => fixture.lambdaFaults(invocation),
      answerFaults: (request) => fixture.answerFaults(request),
      skew: (service) => fixture.skew[service],
    });
    benches.push(fixture);
    return fixture;
  }

  readonly clock = new VirtualClock();
  recorder!: Recorder;
  /** What goes wrong with calls of services. */
  faults: Faults = () => undefined;
  /** By how many milliseconds the clock of a service differs. */
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

  /** The requests that CloudFormation has made, as `Create Cancellation`. */
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

  /** Until a stack is done, and all that was asked for on the way. Of what goes on by itself nobody waits for. */
  private async work(done: Promise<StackDescription>): Promise<StackDescription> {
    const before = new Set(this.emulator.stepFunctions.executions);
    const description = await this.flow(done);
    const begun = this.emulator.stepFunctions.executions.filter((execution) => !before.has(execution));
    await this.flow(Promise.all(begun.map(({ ended }) => ended)));
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
