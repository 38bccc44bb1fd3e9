import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { allScenarios, findScenario } from '../emulator/simulation/find-scenario';
import { SCENARIO_NAMES, type Scenario } from '../emulator/simulation/scenarios';
import { DEPLOYMENT_KINDS } from '../lib/deployments/kinds';
import { contextNames, parseContext } from './context';
import { EXAMPLE_NAMES, findExample } from './scenarios/examples';
import {
  FLEET_STACK_SCENARIO_NAMES,
  fleetStackScenario,
  isFleetStackScenarioName,
} from './scenarios/fleet-stack-scenarios';
import {
  isStackScenarioName,
  STACK_SCENARIO_NAMES,
  STACK_SCENARIOS,
  type StackScenario,
} from './scenarios/stack-scenarios';
import { messageOf, UsageError } from './usage-error';

/** Every name that the context of the app may have, in lines of at most 90 characters. */
const CONTEXT_LINES = [...new Set(DEPLOYMENT_KINDS.flatMap(contextNames))].join(', ').match(/.{1,88}(, |$)/g) ?? [];
const INDENT = ' '.repeat(27);

export const USAGE = `usage: npm start -- [options]

Synthesizes the stack of bin/app.ts, or the stack of another scenario, and deploys it on the emulator.
Exit code 0: the stack, and everything that was started in it, succeeded; 1: it failed; 2: an option is not valid.

  --list                   lists the scenarios
  --scenario NAME          the scenario to run (default: cancelled); KIND/NAME is a scenario of another kind of
                           deployment, such as proton-environment/cancelled; examples/NAME is an app of examples/
  --json                   prints one JSON document on stdout, and nothing else
  --report FILE            writes an HTML page with a timeline into FILE
  --realtime               runs in real time; by default, waits are skipped
  --proton-endpoint URL    for scenarios of AWS Proton: calls the API at URL in place of the emulated one, in real
                           time; not for scenarios that start deployments
  -c, --context NAME=VALUE context of the app; which names it takes depends on the kind:
${CONTEXT_LINES.map((line) => `${INDENT}${line.trimEnd()}`).join('\n')}
  --help
`;

type Chosen = StackScenario | Scenario | NonNullable<ReturnType<typeof findExample>>;
type Context = Readonly<Record<string, string>>;

const EXAMPLE_SCENARIOS = EXAMPLE_NAMES.map((name) => `examples/${name}`);

/** @param args the arguments after `npm start --` */
export function options(args: readonly string[]) {
  const { values } = parse(args);
  const name = values.scenario ?? 'cancelled';
  const context: Context = Object.fromEntries((values.context ?? []).map(pair));
  const chosen = find(name, context);
  if (!chosen) {
    throw new UsageError(
      `--scenario '${name}' is not known; there are ${[...SCENARIO_NAMES, ...STACK_SCENARIO_NAMES, ...FLEET_STACK_SCENARIO_NAMES, ...EXAMPLE_SCENARIOS].join(', ')}, and KIND/NAME for other kinds, which --list lists`,
    );
  }
  if (context.kind !== undefined) {
    throw new UsageError(
      `the kind is a part of the scenario: use --scenario KIND/NAME, such as ${context.kind}/cancelled, not -c kind=${context.kind}`,
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

/** Fails before the run, which can take half an hour. */
function checkWritable(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK);
    const existing = statSync(file, { throwIfNoEntry: false });
    if (existing?.isDirectory()) throw new Error('it is a directory');
    if (existing) accessSync(file, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--report cannot write ${file}: ${messageOf(error)}`);
  }
}

/** @throws if the app of the scenario does not read a name, or cannot use its value */
function checkContext(scenario: string, chosen: Chosen, context: Context): void {
  const known = namesOf(chosen, context);
  const unknown = Object.keys(context).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const accepted = known.length === 0 ? 'takes none' : `takes ${known.join(', ')}`;
  throw new UsageError(`-c ${unknown} has no effect on the scenario ${scenario}, which ${accepted}`);
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

function find(name: string, names: Context = {}): Chosen | undefined {
  const example = findExample(name);
  if (example) return example;
  if (isFleetStackScenarioName(name)) return fleetStackScenario(name);
  return isStackScenarioName(name) ? STACK_SCENARIOS[name] : findScenario(name, names);
}

const NAMES = [...allScenarios(), ...STACK_SCENARIO_NAMES, ...FLEET_STACK_SCENARIO_NAMES, ...EXAMPLE_SCENARIOS];
const WIDTH = Math.max(...NAMES.map(({ length }) => length)) + 2;
export const LIST = NAMES.map((name) => `${name.padEnd(WIDTH)}${find(name)?.description}`);
