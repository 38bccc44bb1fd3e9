import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionConfiguration, LambdaFault, LambdaFaults } from '../../../../emulator/aws/lambda/function';
import { Lambda, type LambdaOptions } from '../../../../emulator/aws/lambda/lambda';
import { sleep, VirtualClock } from '../../../../emulator/core/clock';

export const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:worker';
export const START = Date.UTC(2026, 0, 1);
export const SLEEP = `const { setTimeout: sleep } = require('node:timers/promises');`;

const directories: string[] = [];
export const lambdas: Lambda[] = [];
afterEach(async () => {
  await Promise.all(lambdas.splice(0).map((lambda) => lambda.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

export function bundle(code: string, file = 'index.js'): string {
  return bundleOf({ [file]: code });
}

export function bundleOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'function-'));
  directories.push(directory);
  for (const [file, code] of Object.entries(files)) writeFileSync(join(directory, file), code);
  return directory;
}

export function configuration(code: string, overrides: Partial<FunctionConfiguration> = {}): FunctionConfiguration {
  return {
    functionName: 'worker',
    arn: ARN,
    codeDirectory: bundle(code),
    handler: 'index.handler',
    environment: {},
    memorySize: 128,
    timeout: 60,
    accessKeyId: 'AKIAWORKER',
    ...overrides,
  };
}

export function lambdaWith(
  code: string,
  overrides: Partial<FunctionConfiguration> = {},
  options: Partial<LambdaOptions> = {},
): { lambda: Lambda; clock: VirtualClock } {
  const clock = new VirtualClock(START);
  const lambda = new Lambda({ clock, ...options });
  lambdas.push(lambda);
  lambda.register(configuration(code, overrides));
  return { lambda, clock };
}

export async function resultOf(lambda: Lambda, event: unknown = {}): Promise<unknown> {
  const answer = await lambda.invoke(ARN, event);
  expect(answer.functionError).toBeUndefined();
  return JSON.parse(answer.payload);
}

export async function errorOf(lambda: Lambda, event: unknown = {}): Promise<Record<string, unknown>> {
  const answer = await lambda.invoke(ARN, event);
  expect(answer.functionError).toBe('Unhandled');
  return JSON.parse(answer.payload);
}

/** Gives the nth invocation the nth fault, and later invocations none. */
export function inOrder(...faults: (LambdaFault | undefined)[]): LambdaFaults {
  return () => faults.shift();
}

/** Waits on the clock. */
export async function until(clock: VirtualClock, ms: number): Promise<void> {
  await sleep(clock, START + ms - clock.now());
}
