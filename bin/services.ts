import { parseArgs } from 'node:util';
import { commandOf, flagOfIdentifier } from '../cli/flags';
import { serveAccount } from '../emulator/account-server';
import { RealClock } from '../emulator/core/clock';
import { DEFAULT_ENVIRONMENT } from '../emulator/core/environment';
import { faultsOf } from '../emulator/simulation/faults';
import { findScenario, SCENARIOS } from '../emulator/simulation/find-scenario';
import { isDeploymentKind, kindDefinition, sampleIdentifiers } from '../lib/deployments/kinds';

const USAGE = `usage: npm run services -- [options]

Runs the emulated services of one scenario, in real time, for the command line, any AWS SDK or the AWS CLI.

  --port N           the port on 127.0.0.1 (default: any free port)
  --scenario NAME    the behavior of the service (default: cancelled); npm start -- --list lists the scenarios
  --help
`;

/** An argument is not valid. */
class UsageError extends Error {}

function options() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, scenario: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<void> {
  const { help, port: portText = '0', scenario: name = 'cancelled' } = options();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, not '${portText}'`);
  }
  const scenario = findScenario(name);
  if (!scenario) throw new UsageError(`--scenario '${name}' is not known; there are ${SCENARIOS.join(', ')}`);
  const { kind, description, faults } = scenario;
  const server = await serveAccount(
    {
      account: scenario,
      clock: new RealClock(),
      faults: faultsOf(faults),
      onCall: ({ service, operation }, answer) => print(`${service}:${operation}: ${answer}`),
    },
    port,
  );
  for (const service of server.simulated) {
    service.onChange(({ resource, deploymentId, kind: change, status }) => {
      print(`${resource}: deployment ${deploymentId} ${change === 'vanished' ? 'is gone' : `is ${status}`}`);
    });
  }
  process.stdout.write(`${welcome(server.url, `${name}: ${description}`, kind)}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}

function welcome(url: string, scenario: string, kind: string): string {
  if (!isDeploymentKind(kind)) throw new Error(`the scenario has an unknown kind, ${kind}`);
  const flags = Object.entries(sampleIdentifiers(kind)).map(([name, value]) => ` --${flagOfIdentifier(name)} ${value}`);
  return [
    `${kindDefinition(kind).label} at ${url}`,
    `scenario ${scenario}`,
    'any credentials will do:',
    `  export AWS_ENDPOINT_URL=${url} AWS_REGION=${DEFAULT_ENVIRONMENT.region}`,
    '  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any',
    `  node cli/dist/index.mjs ${commandOf(kind)}${flags.join('')}`,
  ].join('\n');
}

function print(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
  process.stderr.write(`services: ${message}\n`);
  if (error instanceof UsageError) process.stderr.write('try --help\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
