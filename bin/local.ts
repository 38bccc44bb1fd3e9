import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Assembly } from '../local/assembly';
import { RealClock, VirtualClock } from '../local/clock';
import { EXAMPLE_NAMES, findExample } from '../local/examples';
import { findScenario, SCENARIOS } from '../local/find-scenario';
import { FLEET_PLAY_NAMES, fleetPlay, isFleetPlayName } from '../local/fleet-plays';
import { isPlayName, PLAY_NAMES, PLAYS, type Play, withPlay } from '../local/plays';
import { progressLine, summary } from '../local/report';
import { type Report, type RunEvent, run } from '../local/run';
import { SCENARIO_NAMES, type Scenario } from '../local/scenarios';
import { withSynthesised } from '../local/synthesise';
import { toldBy } from './context';

const USAGE = `usage: npm start -- [options]

Synthesises the stack of bin/app.ts, or that of another scenario, and deploys it on an embedded cloud.
Exit code 0: the stack, and what was started in it, succeeded; 1: it failed; 2: the options cannot be used.

  --list                   names the scenarios
  --scenario NAME          what happens (default: cancelled); environment/cancelled is the same for an environment,
                           and examples/basic runs the app of that name in examples/
  --json                   prints one JSON document, and nothing else, on stdout
  --realtime               takes as long as it would; otherwise waits are skipped
  --proton-endpoint URL    uses a Proton that runs elsewhere, in real time, in the place of the embedded one
  -c, --context NAME=VALUE context of the app: serviceName, serviceInstanceName, environmentName, componentName,
                           cluster, service, stackName, applicationName, deploymentGroupName, deploymentId,
                           pipelineName, executionId, abandon, trigger
  --help
`;

/** The arguments do not say what to run. */
class UsageError extends Error {}

type Chosen = Play | Scenario | NonNullable<ReturnType<typeof findExample>>;
type Context = Readonly<Record<string, string>>;

const EXAMPLES = EXAMPLE_NAMES.map((name) => `examples/${name}`);

function options() {
  const { values } = parse();
  const name = values.scenario ?? 'cancelled';
  const context: Context = Object.fromEntries((values.context ?? []).map(pair));
  const chosen = find(name, context);
  if (!chosen) {
    throw new UsageError(
      `--scenario '${name}' is not known; there are ${[...SCENARIO_NAMES, ...PLAY_NAMES, ...FLEET_PLAY_NAMES, ...EXAMPLES].join(', ')}, and those of other kinds, which --list names`,
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
  return { ...values, name, chosen, protonEndpoint, context };
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
  if ('acts' in chosen) return [];
  try {
    return toldBy((name) => (name === 'kind' ? chosen.kind : context[name])).names;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function parse() {
  try {
    return parseArgs({
      options: {
        list: { type: 'boolean', default: false },
        scenario: { type: 'string' },
        json: { type: 'boolean', default: false },
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  const { help, list, json, realtime, name, chosen, protonEndpoint, context } = options();
  if (help || list) {
    process.stdout.write(help ? USAGE : `${LIST.join('\n')}\n`);
    return 0;
  }
  const print = (line: string) => void (json || process.stdout.write(`${line}\n`));
  const settings = {
    // Time cannot be skipped for a service that has its own.
    clock: realtime || protonEndpoint ? new RealClock() : new VirtualClock(),
    protonEndpoint,
    onEvent: (event: RunEvent) => {
      const line = progressLine(event);
      if (line !== undefined) print(line);
    },
  };
  print(protonEndpoint ? `with the Proton at ${protonEndpoint}` : `scenario ${name}: ${chosen.description}`);
  const report = await perform();
  print(summary(report));
  if (json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  return report.statusReason === null ? 0 : 1;

  function perform(): Promise<Report> {
    const root = join(__dirname, '..');
    if ('acts' in chosen) {
      return withPlay(chosen, (rehearsed) => run({ ...settings, ...rehearsed, scenario: { name, ...chosen } }));
    }
    if ('file' in chosen) {
      const { file, operations, seed, others } = chosen;
      const rehearse = (assembly: Assembly) =>
        run({ ...settings, assembly, operations, scenario: { name, seed, others } });
      return withSynthesised(root, context, rehearse, `npx tsx ${file}`);
    }
    return withSynthesised(root, { ...context, kind: chosen.kind }, (assembly) =>
      run({ ...settings, assembly, scenario: chosen }),
    );
  }
}

function find(name: string, names: Context = {}): Chosen | undefined {
  const example = findExample(name);
  if (example) return example;
  if (isFleetPlayName(name)) return fleetPlay(name);
  return isPlayName(name) ? PLAYS[name] : findScenario(name, names);
}

const NAMES = [...SCENARIOS, ...PLAY_NAMES, ...FLEET_PLAY_NAMES, ...EXAMPLES];
const WIDTH = Math.max(...NAMES.map(({ length }) => length)) + 2;
const LIST = NAMES.map((name) => `${name.padEnd(WIDTH)}${find(name)?.description}`);

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`npm start: ${messageOf(error).replace(/\s+/g, ' ')}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
