import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exactFigures } from '../../bench/figures';
import { lagOf, meanLag } from '../../bench/lag';
import { type Exact, measureExact, Stacks } from '../../bench/measure';

let directory: string;
let exact: Exact;
// Starts a dozen emulators, one after the other.
jest.setTimeout(600_000);
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bench-'));
  exact = await measureExact(new Stacks(directory));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('every exact figure is within its goal', () => {
  const withGoal = exactFigures(exact).filter(({ goal }) => goal !== undefined);
  expect(withGoal).toHaveLength(13);
  const missed = withGoal.filter(({ ours, goal }) => ours > (goal ?? Number.NaN));
  expect(missed.map(({ name, ours, goal }) => `${name}: ${ours}, not ${goal}`)).toEqual([]);
});

test('where there is a goal, the provider framework has the larger figure, except for the calls of the service', () => {
  const ahead = exactFigures(exact).filter(
    ({ ours, peer, goal }) => goal !== undefined && ours >= (peer ?? Number.NaN),
  );
  expect(ahead.map(({ name }) => name)).toEqual(['calls of Proton, 600 s']);
});

test('the provider framework runs unchanged: two functions and a transition for each poll', () => {
  const { at60, at600 } = exact.cancelling.framework;
  expect(at60).toMatchObject({ stateTransitions: 13, lambdaInvocations: 28, protonCalls: 14, lag: 0 });
  expect(at600).toMatchObject({ stateTransitions: 121, lambdaInvocations: 244, protonCalls: 122, lag: 0 });
});

test('a wait loop takes three transitions for each poll', () => {
  // Plus one for the cancellation and one for the end state.
  expect(exact.cancelling.waitLoop.at600).toMatchObject({ stateTransitions: 1 + 3 * 120 + 1, lag: 0 });
});

test('the lag that is computed from the polls of a longer run is the measured lag', () => {
  for (const { at60, at600 } of Object.values(exact.cancelling)) {
    for (const [run, end] of [[at60, 60] as const, [at600, 600] as const]) {
      expect(lagOf(run.polls, end)).toBeCloseTo(run.lag, 6);
      // Up to then, both runs poll at the same times.
      if (end === 60) expect(lagOf(at600.polls, end)).toBeCloseTo(run.lag, 6);
    }
    expect(meanLag(at600.polls, 0, 60)).toBeGreaterThan(0);
  }
});
