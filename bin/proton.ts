import { parseArgs } from 'node:util';
import { RealClock } from '../emulator/core/clock';
import { type Faults, HttpServer, type ServiceCall } from '../emulator/core/http-server';
import { scenario } from '../emulator/services/proton/scenarios';
import { protonService } from '../emulator/services/proton/service';
import { SimulatedProton } from '../emulator/services/proton/simulated-service';
import { DEFAULT_NAMES, type Names } from '../emulator/services/proton/target';
import { faultsOf } from '../emulator/simulation/faults';
import { findScenario } from '../emulator/simulation/find-scenario';
import { SCENARIO_NAMES } from '../emulator/simulation/scenarios';
import { operationOf } from '../emulator/simulation/service-simulation';
import { kindDefinition, serviceOf } from '../lib/deployments/kinds';
import { PROTON_KINDS, validateProtonName } from '../lib/deployments/proton/kinds';

const DEFAULT_KIND = 'proton-service-instance';

const USAGE = `usage: npm run proton -- [options]

Runs the emulated AWS Proton alone, in real time, for any AWS SDK or the AWS CLI.

  --port N                        the port on 127.0.0.1 (default: any free port)
  --scenario NAME                 the behavior of the service (default: cancelled)
  --service-name NAME             default: ${DEFAULT_NAMES.serviceName}
  --service-instance-name NAME    default: ${DEFAULT_NAMES.serviceInstanceName}
  --environment-name NAME         default: ${DEFAULT_NAMES.environmentName}
  --component-name NAME           default: ${DEFAULT_NAMES.componentName}
  --help

Scenarios:
${SCENARIO_NAMES.map((name) => `  ${name.padEnd(18)}  ${scenario(name).description}`).join('\n')}

Each is a scenario of a service instance; KIND/NAME, such as proton-environment/cancelled, is one of another kind:
${Object.keys(PROTON_KINDS)
  .filter((kind) => kind !== DEFAULT_KIND)
  .join(', ')}.
`;

/** An argument is not valid. */
class UsageError extends Error {}

function options() {
  const { values } = parse();
  const { port: portText = '0', scenario: name = 'cancelled' } = values;
  const names: Names = {
    serviceName: values['service-name'] ?? DEFAULT_NAMES.serviceName,
    serviceInstanceName: values['service-instance-name'] ?? DEFAULT_NAMES.serviceInstanceName,
    environmentName: values['environment-name'] ?? DEFAULT_NAMES.environmentName,
    componentName: values['component-name'] ?? DEFAULT_NAMES.componentName,
  };
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, not '${portText}'`);
  }
  for (const [option, value] of Object.entries(names)) {
    const problem = validateProtonName(value);
    if (problem) throw new UsageError(`--${kebab(option)} ${problem}`);
  }
  const chosen = findScenario(name.includes('/') ? name : `${DEFAULT_KIND}/${name}`, { ...names });
  if (!chosen || serviceOf(chosen.kind) !== 'proton') {
    throw new UsageError(
      `--scenario '${name}' is not known; there are ${SCENARIO_NAMES.join(', ')}, and KIND/NAME for another kind, such as proton-environment/cancelled`,
    );
  }
  return { help: values.help ?? false, port, chosen, names };
}

function parse() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string' },
        scenario: { type: 'string' },
        'service-name': { type: 'string' },
        'service-instance-name': { type: 'string' },
        'environment-name': { type: 'string' },
        'component-name': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<void> {
  const { help, port, chosen, names } = options();
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  const { name, kind, seed, faults, description } = chosen;
  const proton = new SimulatedProton(seed, new RealClock());
  const server = await listen(proton, faultsOf(faults), port);
  proton.onChange(({ resource, deploymentId, kind, status }) => {
    print(`${resource}: deployment ${deploymentId} ${kind === 'vanished' ? 'is gone' : `is ${status}`}`);
  });
  process.stdout.write(`${welcome(server.url, `${name}: ${description}`, commands(kind, names), proton)}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      proton.stop();
      void server.close();
    });
  }
}

async function listen(proton: SimulatedProton, faults: Faults, port: number): Promise<HttpServer> {
  const onCall = ({ operation }: ServiceCall, answer: string) => print(`${operation}: ${answer}`);
  try {
    return await HttpServer.listen({ services: [protonService(proton)], faults, onCall }, port);
  } catch (error) {
    proton.stop();
    throw error;
  }
}

function welcome(url: string, scenario: string, commands: readonly string[], proton: SimulatedProton): string {
  const resources = proton.resources.map(({ path, deployments }) => `  ${path}: ${deployments.at(-1)?.status}`);
  const { region } = proton.environment;
  return [
    `proton listens at ${url}`,
    `scenario ${scenario}`,
    ...resources,
    'any credentials will do:',
    `  export AWS_ENDPOINT_URL_PROTON=${url} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}`,
    '  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any',
    ...commands.map((command) => `  aws proton ${command}`),
  ].join('\n');
}

/** The commands of the AWS CLI that read and cancel the deployment. A read takes the name of the resource as `name`. */
function commands(kind: string, names: Names): string[] {
  const { identifiers, readAction, cancelAction } = kindDefinition(kind);
  const address = Object.keys(identifiers) as (keyof Names)[];
  const own = address.at(-1);
  const command = (action: string, option: (name: keyof Names) => string) =>
    [kebab(operationOf(action)), ...address.map((name) => `--${kebab(option(name))} ${names[name]}`)].join(' ');
  return [command(readAction, (name) => (name === own ? 'name' : name)), command(cancelAction, (name) => name)];
}

/** The name of an operation or a member in the AWS CLI. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`);
}

function print(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message.replace(/\s+/g, ' ') : String(error);
  process.stderr.write(`proton: ${message}\n`);
  if (error instanceof UsageError) process.stderr.write('try --help\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
