import { parseArgs } from 'node:util';
import { isScenarioName, SCENARIO_NAMES, scriptOf } from '../emulator/simulation/scenarios';
import { kebabCase, scenarioNamesOf, scriptFor } from '../emulator/simulation/service-simulation';
import type { Identifiers } from '../lib/deployments/kind-definition';
import { DEPLOYMENT_KINDS, type DeploymentKind, kindDefinition, serviceOf } from '../lib/deployments/kinds';
import { messageOf, UsageError } from './usage-error';

/** A deployment of the emulated account. */
export interface Target {
  readonly kind: DeploymentKind;
  readonly identifiers: Identifiers;
}

const SERVICES = [...new Set(DEPLOYMENT_KINDS.map(serviceOf))];

/** The identifiers that address the deployment in flight of a kind. */
const addressOf = (kind: DeploymentKind): readonly string[] => kindDefinition(kind).identifierSets.at(-1) ?? [];
const sampleOf = (kind: DeploymentKind, name: string) => kindDefinition(kind).identifiers[name]?.sample ?? '';

const NAMES = [...new Set(DEPLOYMENT_KINDS.flatMap(addressOf))];
const NAME_OPTIONS = NAMES.map((name) => {
  const samples = DEPLOYMENT_KINDS.filter((kind) => addressOf(kind).includes(name)).map((kind) => sampleOf(kind, name));
  return `  ${`--${kebabCase(name)} NAME`.padEnd(32)}default: ${[...new Set(samples)].join(', ')}`;
});

export const USAGE = `usage: npm run emulator -- [options]

Runs the emulator in real time, for the AWS CLI, any AWS SDK, and other programs. All services have one URL.

  --service NAME                  a service with a deployment in flight; repeat it for several (default: all):
                                  ${SERVICES.join(', ')}
  --scenario NAME                 the behavior of the deployments (default: cancelled)
  --app COMMAND                   deploys the stacks of a CDK app, such as 'npx tsx examples/step-functions-task.ts'
  --port N                        the port on 127.0.0.1 (default: any free port)
${NAME_OPTIONS.join('\n')}
  --help

Scenarios:
${SCENARIO_NAMES.map((name) => `  ${name.padEnd(18)}  ${scriptOf(name).description}`).join('\n')}

Scenarios of one service:
${SERVICES.flatMap(ownScenarios).join('\n')}
`;

/** The scenarios that only one service has, a line for each. */
function ownScenarios(service: string): string[] {
  const kinds = DEPLOYMENT_KINDS.filter((kind) => serviceOf(kind) === service);
  const names = new Set(kinds.flatMap(scenarioNamesOf).filter((name) => !isScenarioName(name)));
  return [...names].map((name) => `  ${name.padEnd(18)}  ${service}: ${scriptFor(kinds[0] ?? '', name)?.description}`);
}

/** @param args the arguments after `npm run emulator --` */
export function options(args: readonly string[]) {
  const { service = [], scenario = 'cancelled', port: portText = '0', app, help = false, ...values } = parse(args);
  const unknown = service.find((name) => !isService(name));
  if (unknown !== undefined) {
    throw new UsageError(`--service '${unknown}' is not known; there are ${SERVICES.join(', ')}`);
  }
  const port = Number(portText);
  if (!/^\d+$/.test(portText) || port > 65535) {
    throw new UsageError(`--port must be a whole number from 0 to 65535, not '${portText}'`);
  }
  const kinds = DEPLOYMENT_KINDS.filter((kind) => service.length === 0 || service.includes(serviceOf(kind)));
  const without = kinds.find((kind) => !scriptFor(kind, scenario));
  if (without) {
    throw new UsageError(
      `--scenario '${scenario}' is not known for ${serviceOf(without)}; there are ${scenarioNamesOf(without).join(', ')}`,
    );
  }
  const given = values as Readonly<Record<string, string | undefined>>;
  const targets = kinds.map((kind): Target => {
    const value = (name: string) => given[kebabCase(name)] ?? sampleOf(kind, name);
    return { kind, identifiers: Object.fromEntries(addressOf(kind).map((name) => [name, value(name)])) };
  });
  for (const [name, value] of targets.flatMap(({ identifiers }) => Object.entries(identifiers))) {
    const problems = targets.map(({ kind, identifiers }) =>
      name in identifiers ? kindDefinition(kind).identifiers[name]?.validate(value) : undefined,
    );
    const problem = problems.find((one) => one !== undefined);
    if (problem !== undefined) throw new UsageError(`--${kebabCase(name)} ${problem}`);
  }
  const unused = NAMES.find(
    (name) => given[kebabCase(name)] !== undefined && !targets.some(({ identifiers }) => name in identifiers),
  );
  if (unused !== undefined) {
    throw new UsageError(`--${kebabCase(unused)} names nothing in ${service.join(', ')}: leave it out`);
  }
  return { help, port, app, scenario, targets };
}

function isService(text: string): boolean {
  return SERVICES.some((service) => service === text);
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...Object.fromEntries(NAMES.map((name) => [kebabCase(name), text])),
        service: { type: 'string', multiple: true },
        scenario: text,
        app: text,
        port: text,
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}
