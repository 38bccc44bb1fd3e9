import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXAMPLE_NAMES, findExample } from '../emulator/simulation/examples';
import { findScenario, SCENARIOS } from '../emulator/simulation/find-scenario';
import {
  FLEET_STACK_SCENARIO_NAMES,
  fleetStackScenario,
  isFleetStackScenarioName,
} from '../emulator/simulation/fleet-stack-scenarios';
import { SCENARIO_NAMES, type Scenario } from '../emulator/simulation/scenarios';
import {
  isStackScenarioName,
  STACK_SCENARIO_NAMES,
  STACK_SCENARIOS,
  type StackScenario,
} from '../emulator/simulation/stack-scenarios';
import { parseContext } from './context';

export const USAGE = `usage: npm start -- [options]

Synthesises the stack of bin/app.ts, or that of another scenario, and deploys it on an embedded cloud.
Exit code 0: the stack, and what was started in it, succeeded; 1: it failed; 2: the options cannot be used.

  --list                   names the scenarios
  --scenario NAME          what happens (default: cancelled); environment/cancelled is the same for an environment,
                           and examples/basic runs the app of that name in examples/
  --json                   prints one JSON document, and nothing else, on stdout
  --report FILE            writes what happened into FILE: one page of HTML, with a timeline
  --realtime               takes as long as it would; otherwise waits are skipped
  --proton-endpoint URL    uses a Proton that runs elsewhere, in real time, in the place of the embedded one; not for
                           what starts deployments on the embedded one, or has nothing to do with Proton
  -c, --context NAME=VALUE context of the app: serviceName, serviceInstanceName, environmentName, componentName,
                           cluster, service, stackName, applicationName, deploymentGroupName, deploymentId,
                           pipelineName, executionId, abandon, trigger
  --help
`;

/** The arguments do not say what to run. */
export class UsageError extends Error {}

type Chosen = StackScenario | Scenario | NonNullable<ReturnType<typeof findExample>>;
type Context = Readonly<Record<string, string>>;

const EXAMPLES = EXAMPLE_NAMES.map((name) => `examples/${name}`);

/** @param args what stands behind `npm start --` */
export function options(args: readonly string[]) {
  const { values } = parse(args);
  const name = values.scenario ?? 'cancelled';
  const context: Context = Object.fromEntries((values.context ?? []).map(pair));
  const chosen = find(name, context);
  if (!chosen) {
    throw new UsageError(
      `--scenario '${name}' is not known; there are ${[...SCENARIO_NAMES, ...STACK_SCENARIO_NAMES, ...FLEET_STACK_SCENARIO_NAMES, ...EXAMPLES].join(', ')}, and those of other kinds, which --list names`,
    );
  }
  if (context.kind !== undefined) {
    throw new UsageError(
      `the kind is a part of the scenario: use --scenario KIND/NAME, such as environment/cancelled, not -c kind=${context.kind}`,
    );
  }
  checkContext(name, chosen, context);
  const protonEndpoint = values['proton-endpoint'];
  if (protonEndpoint !== undefined && !/^https?:\/\/\S+$/.test(protonEndpoint)) {
    throw new UsageError(`--proton-endpoint must be an http or https URL, not '${protonEndpoint}'`);
  }
  const report = values.report === undefined ? undefined : resolve(values.report);
  if (report !== undefined) checkWritable(report);
  return { ...values, report, name, chosen, protonEndpoint, context };
}

/** A run can take half an hour, after which it is too late to say so. */
function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error('it is a directory');
    if (there) accessSync(file, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report cannot write ${file}: ${messageOf(error)}`);
  }
}

/** What is said with -c reaches the app, and the app can use it. */
function checkContext(scenario: string, chosen: Chosen, context: Context): void {
  const known = namesOf(chosen, context);
  const stranger = Object.keys(context).find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const taken = known.length === 0 ? 'takes none' : `takes ${known.join(', ')}`;
  throw new UsageError(`-c ${stranger} means nothing to the scenario ${scenario}, which ${taken}`);
}

function namesOf(chosen: Chosen, context: Context): readonly string[] {
  if ('file' in chosen) return chosen.context ?? [];
  if ('steps' in chosen) return [];
  try {
    return parseContext((name) => (name === 'kind' ? chosen.kind : context[name])).names;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        list: { type: 'boolean', default: false },
        scenario: { type: 'string' },
        json: { type: 'boolean', default: false },
        report: { type: 'string' },
        realtime: { type: 'boolean', default: false },
        'proton-endpoint': { type: 'string' },
        context: { type: 'string', short: 'c', multiple: true },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function pair(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`-c must be NAME=VALUE, not '${text}'`);
  return [name, value];
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function find(name: string, names: Context = {}): Chosen | undefined {
  const example = findExample(name);
  if (example) return example;
  if (isFleetStackScenarioName(name)) return fleetStackScenario(name);
  return isStackScenarioName(name) ? STACK_SCENARIOS[name] : findScenario(name, names);
}

const NAMES = [...SCENARIOS, ...STACK_SCENARIO_NAMES, ...FLEET_STACK_SCENARIO_NAMES, ...EXAMPLES];
const WIDTH = Math.max(...NAMES.map(({ length }) => length)) + 2;
export const LIST = NAMES.map((name) => `${name.padEnd(WIDTH)}${find(name)?.description}`);
