import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Assembly } from '../emulator/simulation/assembly';
import { codeOf, fileOf, resourcesOf, serviceFileOf, zippedBytes } from './assets';
import { type Cancelled, cancel } from './cancel';
import { cancelFleet, type FleetCancelled } from './fleet';
import { loadTimes, type Spread, synthTimes } from './fresh';
import { meanLag } from './lag';
import { type Design, framework, ours, oursLong, synthesize, waitLoop } from './stacks';
import { atPace, type Pace } from './variant';

export const STACK_SIZES = [1, 50, 400] as const;
export const FLEET_SIZES = [100, 1000] as const;

/** Values by key. */
export type By<K extends string | number, T> = Readonly<Record<K, T>>;

/** The cost of a design, and its lag. */
export interface Cancelling {
  /** For a deployment that ends 60 s and 600 s after the cancellation. */
  readonly at60: Cancelled;
  readonly at600: Cancelled;
  /** Mean lag in seconds, for deployments that end within a minute, and between one minute and twenty. */
  readonly lagSoon: number;
  readonly lagLater: number;
}

/** The cost and the lag of our state machine for a deployment that takes longer than CloudFormation waits. */
export interface Long {
  /** For a deployment that ends 20 hours after the cancellation. */
  readonly at20Hours: Cancelled;
  /** Mean lag in seconds, for deployments that end after an hour to 20 hours. */
  readonly lag: number;
}

/** The measurements that are the same in every run. */
export interface Exact {
  readonly cancelling: By<'ours' | 'framework' | 'waitLoop', Cancelling>;
  readonly long: Long;
  readonly resources: By<'ours' | 'framework', By<(typeof STACK_SIZES)[number], number>>;
  readonly zippedBytes: By<'ours' | 'framework', number>;
}

/** A design with one of its settings. */
export interface Point {
  readonly setting: number;
  /** The cost of a cancellation that takes 600 s. */
  readonly dollars: number;
  /** Mean lag in seconds, for deployments that end between one minute and ten. */
  readonly lag: number;
}

export interface Curves {
  /** By the factor on the default poll interval. */
  readonly ours: readonly Point[];
  /** By the time for which an invocation polls, in seconds. */
  readonly oursByDwell: readonly Point[];
  /** By the poll interval, in seconds. */
  readonly framework: readonly Point[];
  readonly waitLoop: readonly Point[];
}

/** The measurements that depend on the machine, in milliseconds. */
export interface Times {
  readonly load: By<'deployment' | 'cloudformation' | 'codepipeline' | 'frameworkHandler', Spread>;
  readonly synth: By<'ours' | 'framework', Spread>;
}

export interface Measurements {
  readonly exact: Exact;
  readonly curves?: Curves;
  readonly fleets?: readonly FleetCancelled[];
  readonly times?: Times;
}

/** The measured stacks, each synthesized once into a directory. */
export class Stacks {
  private readonly assemblies = new Map<string, Assembly>();

  constructor(readonly directory: string) {}

  get(name: string, design: Design, cancellations = 1): Assembly {
    const key = `${name}-${cancellations}`;
    const known = this.assemblies.get(key);
    if (known) return known;
    synthesize(this.path(key), design, cancellations);
    const assembly = new Assembly(this.path(key));
    this.assemblies.set(key, assembly);
    return assembly;
  }

  path(name: string): string {
    return join(this.directory, name);
  }
}

export async function measureExact(stacks: Stacks): Promise<Exact> {
  const one = { ours: stacks.get('ours', ours), framework: stacks.get('framework', framework()) };
  const resources = (name: string, design: Design) => ({
    1: resourcesOf(stacks.get(name, design, 1)),
    50: resourcesOf(stacks.get(name, design, 50)),
    400: resourcesOf(stacks.get(name, design, 400)),
  });
  return {
    long: await long(stacks.get('long', oursLong)),
    cancelling: {
      // Its poll interval is partly random.
      ours: await cancelling(one.ours, [1, 2, 3, 4]),
      framework: await cancelling(one.framework, [1]),
      waitLoop: await cancelling(stacks.get('loop', waitLoop(Duration.seconds(5))), [1]),
    },
    resources: { ours: resources('ours', ours), framework: resources('framework', framework()) },
    zippedBytes: { ours: zipped(one.ours), framework: zipped(one.framework) },
  };
}

async function cancelling(assembly: Assembly, seeds: readonly number[]): Promise<Cancelling> {
  const long = await inTurn(seeds, (seed) => cancel(assembly, 1200, seed));
  const lag = (from: number, to: number) => mean(long.map(({ polls }) => meanLag(polls, from, to)));
  return {
    at60: await cancel(assembly, 60),
    at600: await cancel(assembly, 600),
    lagSoon: lag(0, 60),
    lagLater: lag(60, 1200),
  };
}

const HOUR_SECONDS = 3600;

async function long(assembly: Assembly): Promise<Long> {
  const at20Hours = await cancel(assembly, 20 * HOUR_SECONDS);
  return { at20Hours, lag: meanLag(at20Hours.polls, HOUR_SECONDS, 20 * HOUR_SECONDS) };
}

function zipped(assembly: Assembly): number {
  return codeOf(assembly).reduce((sum, directory) => sum + zippedBytes(directory), 0);
}

/** The time for which an invocation polls by default, in seconds. */
const MAX_INVOCATION_POLL_MS = 240;

export async function measureCurves(stacks: Stacks, { cancelling }: Exact): Promise<Curves> {
  const byInterval = async (name: string, design: (every: Duration) => Design, known: Point, intervals: number[]) => {
    const services = await inTurn(intervals, async (seconds) =>
      point(seconds, await cancel(stacks.get(`${name}-${seconds}`, design(Duration.seconds(seconds))), 600)),
    );
    return sorted([known, ...services]);
  };
  const atOurPace = async (setting: number, pace: Pace) => {
    const outdir = stacks.path(`pace-${pace.dwell}-${pace.slowness}`);
    mkdirSync(outdir, { recursive: true });
    return point(setting, await cancel(await atPace(stacks.path('ours-1'), pace, outdir), 600));
  };
  const slower = await inTurn([0.5, 2, 4], (slowness) =>
    atOurPace(slowness, { dwell: MAX_INVOCATION_POLL_MS * 1000, slowness }),
  );
  const shorter = await inTurn([30, 60, 120], (dwell) => atOurPace(dwell, { dwell: dwell * 1000, slowness: 1 }));
  return {
    ours: sorted([point(1, cancelling.ours.at600), ...slower]),
    oursByDwell: sorted([point(MAX_INVOCATION_POLL_MS, cancelling.ours.at600), ...shorter]),
    framework: await byInterval('framework', framework, point(5, cancelling.framework.at600), [2, 10, 20]),
    waitLoop: await byInterval('loop', waitLoop, point(5, cancelling.waitLoop.at600), [10, 20]),
  };
}

function point(setting: number, { dollars, polls }: Cancelled): Point {
  return { setting, dollars, lag: meanLag(polls, 60, 600) };
}

function sorted(points: readonly Point[]): Point[] {
  return points.toSorted((a, b) => a.setting - b.setting);
}

export async function measureFleets(stacks: Stacks): Promise<FleetCancelled[]> {
  return inTurn(FLEET_SIZES, (size) => cancelFleet(stacks.path(`fleet-${size}`), size));
}

export async function measureTimes(stacks: Stacks): Promise<Times> {
  const one = { ours: stacks.get('ours', ours), framework: stacks.get('framework', framework()) };
  const deployment = fileOf(one.ours, 'deployment.handler');
  const code = dirname(deployment);
  const files = {
    // With the file that it loads for the first deployment of Proton: the handler of the framework contains that as well.
    deployment: [deployment, serviceFileOf(code, 'proton')],
    cloudformation: [fileOf(one.ours, 'cloudformation.handler')],
    codepipeline: [join(code, 'codepipeline.mjs')],
    frameworkHandler: [fileOf(one.framework, 'index.handler')],
  };
  return {
    load: loadTimes(files, 25),
    synth: await synthTimes(['ours', 'framework'], 50, 9),
  };
}

/** Measures one item after the other, so that each has the machine to itself. */
async function inTurn<T, R>(items: readonly T[], measure: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await measure(item));
  return results;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
