import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, CfnResource, type Stack } from 'aws-cdk-lib';
import type { ResourceType } from '../../../../emulator/aws/cloudformation/resource-type';
import { VirtualClock } from '../../../../emulator/core/clock';
import { Emulator } from '../../../../emulator/emulator';
import type { EmulatorOptions } from '../../../../emulator/emulator-options';
import { Assembly, type SynthesizedStack } from '../../../../emulator/simulation/assembly';
import { FAILURE_TYPE, testResourceTypes } from '../../../../emulator/simulation/test-resources';
import { DeploymentCancellation, StackUpdate } from '../../../../lib/index';

const directories: string[] = [];
const clouds: Emulator[] = [];

/** For `afterEach`. */
export async function closeClouds(): Promise<void> {
  await Promise.all(clouds.splice(0).map((emulator) => emulator.close()));
}

/** For `afterAll`. */
export function removeAssemblies(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
}

/** Synthesizes an app, and finds its stacks by their IDs. */
export function assemble(build: (app: App) => void) {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  directories.push(outdir);
  const app = new App({ outdir });
  build(app);
  app.synth();
  const assembly = new Assembly(outdir);
  const stack = (id: string) => assembly.stacks.find((candidate) => candidate.id === id) as SynthesizedStack;
  return { assembly, stack };
}

/** A resource that takes `afterSeconds` when its version changes, and fails if `fails` is true. */
export function check(stack: Stack, version: string, afterSeconds: number, fails = false): CfnResource {
  return new CfnResource(stack, 'Check', { type: FAILURE_TYPE, properties: { version, afterSeconds, fails } });
}

/** Cancels the update of the stack `web`, and outputs the attributes. */
export function cancelWeb(stack: Stack): void {
  const deployment = StackUpdate.fromStackName('web');
  const cancellation = new DeploymentCancellation(stack, 'C', {
    deployment,
    output: false,
  });
  const { deploymentStatus, outcome, deploymentId } = cancellation;
  const { arn, name, createdAt } = cancellation.attributes;
  for (const [id, value] of Object.entries({ deploymentStatus, outcome, deploymentId, arn, name, createdAt })) {
    new CfnOutput(stack, id, { value });
  }
}

/** An emulator whose clock starts with `release`, and the calls of CloudFormation with their responses. */
export async function startCloud(
  assembly: Assembly,
  options: Partial<EmulatorOptions> & {
    readonly props?: (emulator: () => Emulator) => Record<string, ResourceType>;
  } = {},
) {
  const clock = new VirtualClock();
  const calls: string[] = [];
  const release = clock.hold();
  const emulator: Emulator = await Emulator.start({
    clock,
    assembly,
    seed: {},
    onCall: ({ service, operation }, answer) => {
      if (service === 'cloudformation') calls.push(`${operation}: ${answer}`);
    },
    ...options,
    types: { ...testResourceTypes(clock, () => emulator), ...options.props?.(() => emulator) },
  });
  clouds.push(emulator);
  return { emulator, calls, release };
}

/** The operations that were denied and not allowed later: a policy is not known everywhere as soon as it is attached. */
export function denials(calls: readonly string[]): string[] {
  const last = new Map(calls.map((call): [string, string] => [call.split(':')[0] ?? '', call]));
  return [...last.values()].filter((call) => call.includes('AccessDenied'));
}
