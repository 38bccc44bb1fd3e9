import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, flagOfIdentifier } from '../../cli/flags';
import { RealClock } from '../../emulator/core/clock';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { Emulator } from '../../emulator/emulator';
import { NO_ASSETS } from '../../emulator/simulation/assembly';
import { type FaultRule, faultsOf } from '../../emulator/simulation/faults';
import { type ScenarioName, type Script, scriptOf } from '../../emulator/simulation/scenarios';
import { type Account, planOf, simulationOf } from '../../emulator/simulation/service-simulation';
import { type DeploymentKind, sampleIdentifiers } from '../../lib/deployments/kinds';

const CLI = join(__dirname, '../../cli/dist/index.mjs');

/** A directory without configuration of AWS. */
const HOME = mkdtempSync(join(tmpdir(), 'cli-home-'));

/** How much sooner than in the scenario a cancelled deployment ends: nobody waits for minutes. */
const SPEED = 40;

/** An account without stacks. */
export interface Served {
  readonly url: string;
  readonly simulated: Emulator['simulatedServices'];
  close(): Promise<void>;
  readonly calls: readonly string[];
}

/** Serves one deployment of a kind, in real time. */
export async function serveScript(kind: DeploymentKind, script: Script): Promise<Served> {
  const { target, faults } = planOf({ kind, identifiers: sampleIdentifiers(kind) }, script, DEFAULT_ENVIRONMENT);
  return serveTargets(simulationOf(kind).account([target], DEFAULT_ENVIRONMENT), faults);
}

export async function serveTargets(account: Account, rules: readonly FaultRule[] = []): Promise<Served> {
  const calls: string[] = [];
  const emulator = await Emulator.start({
    seed: account.seed ?? {},
    services: account.services,
    clock: new RealClock(),
    assembly: NO_ASSETS,
    consistency: 'strong',
    faults: faultsOf(rules),
    onCall: ({ service, operation }) => calls.push(`${service}:${operation}`),
  });
  const { url, simulatedServices: simulated } = emulator;
  return { url, simulated, close: () => emulator.close(), calls };
}

const servers = new Set<Served>();

/** Serves a deployment of ECS until `closeServers` is called. */
export async function serveEcs(script: Script): Promise<Served> {
  const server = await serveScript('ecs-service-deployment', script);
  servers.add(server);
  return server;
}

/** For `afterEach`. */
export async function closeServers(): Promise<void> {
  await Promise.all([...servers].map((server) => server.close()));
  servers.clear();
}

export function cancelsOf({ simulated }: Served) {
  return simulated.flatMap(({ acceptedCancels }) => acceptedCancels);
}

export function lastIdOf({ simulated }: Served): string {
  return simulated.flatMap(({ history }) => history).at(-1)?.deploymentId ?? '';
}

/** A scenario whose cancellation ends sooner. */
export function quick(name: ScenarioName): Script {
  const { deployment, faults } = scriptOf(name);
  if (!deployment?.onCancel?.steps) return { deployment, faults };
  const steps = deployment.onCancel.steps.map((step) => ({ ...step, after: step.after / SPEED }));
  return { deployment: { ...deployment, onCancel: { ...deployment.onCancel, steps } }, faults };
}

/** The arguments that name the deployment of a kind. */
export function argumentsFor(kind: DeploymentKind): string[] {
  const flags = Object.entries(sampleIdentifiers(kind));
  return [commandOf(kind), ...flags.flatMap(([name, value]) => [`--${flagOfIdentifier(name)}`, value])];
}

/** The environment of a process that can reach the emulator and no other service. */
export function environmentOf(url: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME,
    NODE_NO_WARNINGS: '1',
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: DEFAULT_ENVIRONMENT.region,
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
  };
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the bundled command line. */
export function startCli(args: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
  return {
    ended,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Resolves when stderr contains a match. */
    says: async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(output.stderr)) {
        const more = new Promise((resolve) => child.stderr.once('data', resolve));
        const over = ended.then(() => Promise.reject(new Error(`ended without ${pattern}: ${output.stderr}`)));
        await Promise.race([more, over]);
      }
    },
  };
}

export function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return startCli(args, env).ended;
}
