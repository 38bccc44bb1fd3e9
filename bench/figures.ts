import type { Exact, Measurements } from './measure';

/** A row of the table. */
export interface Figure {
  readonly name: string;
  readonly ours: number;
  /** The value of the provider framework, if it has one. */
  readonly peer?: number;
  /** The most that `ours` may be. */
  readonly goal?: number;
  /** The most that the ratio of `ours` to `peer` may be, for figures that depend on the machine. */
  readonly goalRatio?: number;
  readonly format: (value: number) => string;
  /** Times only: the range of the values of which `ours` is the median. */
  readonly spread?: { readonly min: number; readonly max: number };
}

const dollars = (value: number) => `$${value.toFixed(6)}`;
const seconds = (value: number) => `${value.toFixed(2)} s`;
const milliseconds = (value: number) => `${Math.round(value)} ms`;
const kilobytes = (value: number) => `${(value / 1000).toFixed(0)} KB`;
const count = (value: number) => String(Math.round(value));
const ratio = (value: number) => value.toFixed(2);

/** The figures that are the same in every run. A test holds them to their goals. */
export function exactFigures({ cancelling, long, resources, zippedBytes }: Exact): Figure[] {
  const { ours, framework } = cancelling;
  return [
    {
      name: 'cost of a cancellation that takes 60 s',
      ours: ours.at60.dollars,
      peer: framework.at60.dollars,
      format: dollars,
    },
    {
      name: 'cost of a cancellation that takes 600 s',
      ours: ours.at600.dollars,
      peer: framework.at600.dollars,
      goal: 0.0015,
      format: dollars,
    },
    { name: 'mean lag, ends within 60 s', ours: ours.lagSoon, peer: framework.lagSoon, goal: 1.25, format: seconds },
    {
      name: 'mean lag, ends after 60 s to 20 min',
      ours: ours.lagLater,
      peer: framework.lagLater,
      goal: 2.5,
      format: seconds,
    },
    {
      name: 'cost of a cancellation that takes 20 h, without CloudFormation',
      ours: long.at20Hours.dollars,
      goal: 0.1,
      format: dollars,
    },
    { name: 'mean lag, ends after 1 h to 20 h', ours: long.lag, goal: 35, format: seconds },
    {
      name: 'Lambda invocations, 60 s',
      ours: ours.at60.lambdaInvocations,
      peer: framework.at60.lambdaInvocations,
      format: count,
    },
    {
      name: 'Lambda invocations, 600 s',
      ours: ours.at600.lambdaInvocations,
      peer: framework.at600.lambdaInvocations,
      goal: 16,
      format: count,
    },
    {
      name: 'state transitions, 60 s',
      ours: ours.at60.stateTransitions,
      peer: framework.at60.stateTransitions,
      format: count,
    },
    {
      name: 'state transitions, 600 s',
      ours: ours.at600.stateTransitions,
      peer: framework.at600.stateTransitions,
      goal: 40,
      format: count,
    },
    {
      name: 'state transitions, 20 h',
      ours: long.at20Hours.stateTransitions,
      goal: 4_000,
      format: count,
    },
    { name: 'calls of Proton, 60 s', ours: ours.at60.protonCalls, peer: framework.at60.protonCalls, format: count },
    {
      name: 'calls of Proton, 600 s',
      ours: ours.at600.protonCalls,
      peer: framework.at600.protonCalls,
      goal: 150,
      format: count,
    },
    {
      name: 'resources, 1 cancellation',
      ours: resources.ours[1],
      peer: resources.framework[1],
      goal: 15,
      format: count,
    },
    {
      name: 'resources, 50 cancellations',
      ours: resources.ours[50],
      peer: resources.framework[50],
      goal: 64,
      format: count,
    },
    {
      name: 'resources, 400 cancellations',
      ours: resources.ours[400],
      peer: resources.framework[400],
      goal: 430,
      format: count,
    },
    {
      name: 'code of the functions, zipped, SDK inside',
      ours: zippedBytes.ours,
      peer: zippedBytes.framework,
      goal: 240_000,
      format: kilobytes,
    },
  ];
}

/** All figures. */
export function figures({ exact, fleets, times }: Measurements): Figure[] {
  return [...exactFigures(exact), ...(fleets ? fleetFigures(fleets) : []), ...(times ? timeFigures(times) : [])];
}

/** The figures of the largest fleet, compared with the smallest. */
export function fleetFigures(fleets: NonNullable<Measurements['fleets']>): Figure[] {
  const [small, large] = [fleets[0], fleets.at(-1)];
  if (!small || !large) throw new Error('no fleet was measured');
  const each = (fleet: typeof small, value: number) => value / fleet.size;
  return [
    {
      name: `fleet of ${large.size}: calls of Proton for each deployment, compared with a fleet of ${small.size}`,
      ours: each(large, large.protonCalls) / each(small, small.protonCalls),
      goal: 1,
      format: ratio,
    },
    {
      name: `fleet of ${large.size}: time, compared with its slowest deployment`,
      ours: large.seconds / large.slowest,
      goal: 1.2,
      format: ratio,
    },
    {
      name: `fleet of ${large.size}: largest state for each deployment, compared with a fleet of ${small.size}`,
      ours: each(large, large.largestStateBytes) / each(small, small.largestStateBytes),
      goal: 1,
      format: ratio,
    },
  ];
}

/** Goals as ratios to the provider framework: the load time of each function, and the time of a synthesis. */
const GOAL_RATIOS = { load: 0.6, synth: 500 / 1300 } as const;

/** The figures that depend on the machine. Only their ratios have goals. */
export function timeFigures({ load, synth }: NonNullable<Measurements['times']>): Figure[] {
  const time = (name: string, ours: typeof synth.ours, peer: typeof synth.ours, goalRatio: number): Figure => ({
    name,
    ours: ours.median,
    peer: peer.median,
    goalRatio,
    format: milliseconds,
    spread: ours,
  });
  const loadFigure = (name: string, ours: typeof load.deployment) =>
    time(`module load above bare node, ${name}`, ours, load.frameworkHandler, GOAL_RATIOS.load);
  return [
    loadFigure('deployment with one service', load.deployment),
    loadFigure('cloudformation', load.cloudformation),
    loadFigure('codepipeline', load.codepipeline),
    time('synth of 50 cancellations, a process each', synth.ours, synth.framework, GOAL_RATIOS.synth),
  ];
}

/** Tells whether a figure meets its goal; undefined if it has none. */
export function isMet({ ours, peer = Number.NaN, goal, goalRatio }: Figure): boolean | undefined {
  if (goalRatio !== undefined) return ours / peer <= goalRatio;
  return goal === undefined ? undefined : ours <= goal;
}
