import { join } from 'node:path';
import { commandOf, flagOfIdentifier } from '../cli/flags';
import { STACK_TYPE, type StackEvent } from '../emulator/aws/cloudformation/engine';
import { RealClock } from '../emulator/core/clock';
import { arnOf, DEFAULT_ENVIRONMENT } from '../emulator/core/environment';
import type { Change } from '../emulator/core/simulated-service';
import { Emulator } from '../emulator/emulator';
import { type Assembly, type Assets, NO_ASSETS } from '../emulator/simulation/assembly';
import { faultsOf } from '../emulator/simulation/faults';
import { simulationOf } from '../emulator/simulation/service-simulation';
import { withSynthesized } from '../emulator/simulation/synthesize';
import { simulatedServicesOf } from '../emulator/testing/simulated-services';
import { serviceOf } from '../lib/deployments/kinds';
import { options, type Target, USAGE } from './emulator-options';
import { messageOf, UsageError } from './usage-error';

/** The events of other types are printed only if they are failures. */
const PRINTED_TYPES = [STACK_TYPE, 'AWS::StepFunctions::StateMachine'];

async function main(): Promise<void> {
  const parsed = options(process.argv.slice(2));
  if (parsed.help) {
    process.stdout.write(USAGE);
    return;
  }
  const { app } = parsed;
  if (app === undefined) await serve(parsed, NO_ASSETS);
  // The assets exist until the end of the callback.
  else await withSynthesized(join(__dirname, '..'), {}, (assembly) => serve(parsed, assembly, assembly.stacks), app);
}

/** Runs the emulator until a signal ends it. */
async function serve(
  { port, scenario, targets }: ReturnType<typeof options>,
  assembly: Assets,
  stacks: Assembly['stacks'] = [],
): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const { seed, services, faults } = simulatedServicesOf(
    targets.map((target) => ({ ...target, scenario })),
    DEFAULT_ENVIRONMENT,
  );
  const emulator = await Emulator.start({
    clock: new RealClock(),
    assembly,
    seed,
    services,
    port,
    consistency: 'strong',
    faults: faultsOf(faults),
    onCall: ({ service, operation }, answer) => print(`${service} ${operation}: ${answer}`),
    onStackEvent: (event) => {
      if (PRINTED_TYPES.includes(event.resourceType) || event.status.endsWith('_FAILED')) print(stackEventLine(event));
    },
    onFunctionError: (name, { errorMessage }) => print(`function ${name} failed: ${errorMessage}`),
    onRefusedConnection: (name, target) =>
      print(`function ${name} tried to connect to ${target}, which is not allowed`),
  });
  try {
    for (const service of emulator.simulatedServices) service.onChange((change) => print(changeLine(change)));
    process.stdout.write(`${welcome(emulator, scenario, targets)}\n`);
    const deploying = deploy(emulator, stacks);
    await Promise.race([ended, deploying.then(() => ended)]);
  } finally {
    await emulator.close();
  }
}

async function deploy({ cloudFormation }: Emulator, stacks: Assembly['stacks']): Promise<void> {
  for (const stack of stacks) await cloudFormation.createStack(stack);
}

function stackEventLine({ stackName, logicalId, status, physicalId, statusReason }: StackEvent): string {
  return [`${stackName}/${logicalId} is ${status}`, physicalId, statusReason].filter(Boolean).join(' ');
}

function changeLine({ resource, deploymentId, kind, status }: Change): string {
  return `${resource}: deployment ${deploymentId} ${kind === 'vanished' ? 'is gone' : `is ${status}`}`;
}

function welcome({ url, simulatedServices }: Emulator, scenario: string, targets: readonly Target[]): string {
  const { region } = DEFAULT_ENVIRONMENT;
  const histories = simulatedServices.map(({ history }) => history).filter(({ length }) => length > 0);
  const last = histories.flatMap((history) => [
    ...new Map(history.map((change) => [change.resource, change])).values(),
  ]);
  return [
    `emulator listens at ${url}`,
    `scenario ${scenario}`,
    ...last.map((change) => `  ${changeLine(change)}`),
    'any credentials will do:',
    `  export AWS_ENDPOINT_URL=${url} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    '  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any',
    ...targets.flatMap((target) => commandsOf(target, last)).map((command) => `  ${command}`),
  ].join('\n');
}

/** The commands that find and cancel a deployment. */
function commandsOf({ kind, identifiers }: Target, last: readonly Change[]): string[] {
  const service = serviceOf(kind);
  const path = Object.values(identifiers).join('/');
  const { deploymentId: id = 'ID' } = last.find(({ resource }) => resource === path) ?? {};
  const arn = (resource: string) => arnOf(DEFAULT_ENVIRONMENT, service, resource);
  const { find, cancel } = simulationOf(kind).commands?.({ kind, identifiers }, id, arn) ?? {};
  const flags = Object.entries(identifiers).map(([name, value]) => ` --${flagOfIdentifier(name)} ${value}`);
  const own = `node cli/dist/index.mjs ${commandOf(kind)}${flags.join('')}`;
  return [...[find, cancel].flatMap((command) => (command === undefined ? [] : `aws ${command}`)), own];
}

function print(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`emulator: ${messageOf(error).replace(/\s+/g, ' ')}\n`);
  if (error instanceof UsageError) process.stderr.write('try --help\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
