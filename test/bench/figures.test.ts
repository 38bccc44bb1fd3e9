import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, fileOf, serviceFileOf, zippedBytes } from '../../bench/assets';
import { chart } from '../../bench/chart';
import { type Figure, isMet, timeFigures } from '../../bench/figures';
import { lagOf, meanLag } from '../../bench/lag';
import { cost, PRICES } from '../../bench/prices';
import { ours, synthesize } from '../../bench/stacks';
import { betweenMarks, markdownTable, textTable } from '../../bench/table';
import { Assembly } from '../../emulator/simulation/assembly';
import { readPage } from '../helpers/documents';

const figure = (overrides: Partial<Figure>): Figure => ({ name: 'calls', ours: 3, format: String, ...overrides });

describe('the cost', () => {
  test('adds transitions, requests and milliseconds of 128 MB', () => {
    expect(cost({ stateTransitions: 1e6, lambdaInvocations: 0, billedMs: 0 })).toBeCloseTo(25, 9);
    expect(cost({ stateTransitions: 0, lambdaInvocations: 1e6, billedMs: 0 })).toBeCloseTo(0.2, 9);
    expect(cost({ stateTransitions: 0, lambdaInvocations: 0, billedMs: 8000 })).toBeCloseTo(PRICES.lambdaGbSecond, 12);
  });

  test('of ten minutes with the provider framework is three tenths of a cent', () => {
    expect(cost({ stateTransitions: 121, lambdaInvocations: 244, billedMs: 244 })).toBeCloseTo(0.0031, 4);
  });
});

describe('the mean lag', () => {
  const every = (seconds: number, until: number) =>
    Array.from({ length: until / seconds + 1 }, (_, index) => index * seconds);

  test('is half of a constant poll interval', () => {
    expect(meanLag(every(5, 1200), 0, 60)).toBeCloseTo(2.5, 9);
    expect(meanLag(every(5, 1200), 60, 1200)).toBeCloseTo(2.5, 9);
  });

  test('weighs an interval by its length', () => {
    // A tenth of the ends waits half a second on average, and the others four and a half.
    expect(meanLag([0, 1, 10], 0, 10)).toBeCloseTo(0.1 * 0.5 + 0.9 * 4.5, 9);
  });

  test('is the mean over many evenly spaced ends', () => {
    const polls = [0, 0, 2, 4.1, 5.9, 9, 13.7, 20];
    const ends = Array.from({ length: 20_000 }, (_, index) => 3 + (15 * (index + 0.5)) / 20_000);
    const drawn = ends.reduce((sum, end) => sum + (lagOf(polls, end) ?? Number.NaN), 0) / ends.length;
    expect(meanLag(polls, 3, 18)).toBeCloseTo(drawn, 3);
  });

  test('is not computed from a run that is too short', () => {
    expect(() => meanLag([0, 5], 0, 60)).toThrow('the run is too short');
  });
});

describe('the code of a stack', () => {
  let directory: string;
  let assembly: Assembly;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'bench-'));
    synthesize(directory, ours, 1);
    assembly = new Assembly(directory);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test('is found by the handler of a function, and contains a file for a service', () => {
    const [code = ''] = codeOf(assembly);
    expect(fileOf(assembly, 'deployment.handler')).toBe(join(code, 'deployment.mjs'));
    expect(serviceFileOf(code, 'proton')).toMatch(/\/proton-[\w-]+\.mjs$/);
  });

  test('is an error if there is no such function or service', () => {
    expect(() => fileOf(assembly, 'index.handler')).toThrow(
      'the stack has no function with handler index.handler, but deployment.handler, cloudformation.handler',
    );
    expect(() => serviceFileOf(directory, 'proton')).toThrow('there is no file for the service proton in');
  });
});

test('the size of a zip includes its headers', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    writeFileSync(join(directory, 'index.js'), 'x'.repeat(10_000));
    // The headers of a zip with one entry of that name have 30 + 8, 46 + 8 and 22 bytes.
    const packed = zippedBytes(directory);
    expect(packed).toBeGreaterThan(114);
    expect(packed).toBeLessThan(114 + 60);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

describe('the times', () => {
  const spread = (median: number) => ({ median, min: median, max: median });
  const timesWith = (load: number) =>
    timeFigures({
      load: {
        deployment: spread(load),
        cloudformation: spread(load),
        codepipeline: spread(load),
        frameworkHandler: spread(100),
      },
      synth: { ours: spread(1), framework: spread(100) },
    });

  test('of a function to load are at most 0.6 of those of a function of the provider framework', () => {
    const missed = (load: number) => timesWith(load).flatMap((figure) => (isMet(figure) ? [] : figure.name));
    expect(missed(60)).toEqual([]);
    expect(missed(61)).toEqual([
      'module load above bare node, deployment with one service',
      'module load above bare node, cloudformation',
      'module load above bare node, codepipeline',
    ]);
  });
});

describe('the table', () => {
  test('has the figures, their ratio and the goal', () => {
    expect(
      markdownTable([figure({ peer: 4, goal: 5 })])
        .split('\n')
        .at(-1),
    ).toBe('| calls | 4 | 3 | 0.75 | ≤ 5 |');
    expect(textTable([figure({ peer: 4, goal: 5 })])).toMatch(/calls {2}4 +3 +0\.75 {3}≤ 5$/);
  });

  test('marks a missed goal, and figures without a counterpart', () => {
    const missed = figure({ goal: 2 });
    expect(isMet(missed)).toBe(false);
    expect(markdownTable([missed])).toContain('| calls | – | 3 | – | ≤ 2, missed |');
    expect(isMet(figure({ goal: 3 }))).toBe(true);
    expect(isMet(figure({}))).toBeUndefined();
  });

  test('shows a goal for a ratio', () => {
    expect(markdownTable([figure({ peer: 4, goalRatio: 0.75 })])).toContain('| 4 | 3 | 0.75 | ≤ a ratio of 0.75 |');
    expect(markdownTable([figure({ peer: 3, goalRatio: 0.75 })])).toContain('| ≤ a ratio of 0.75, missed |');
  });

  test('shows the spread of times', () => {
    expect(markdownTable([figure({ spread: { min: 1, max: 9 } })])).toContain('| 3 (1 to 9) |');
  });

  test('replaces the text between its marks in the page about cost, and nothing else', () => {
    const page = readPage('docs/cost.md');
    const written = betweenMarks(page, 'TABLE');
    expect(written).toContain('\nTABLE\n');
    expect(betweenMarks(written, 'ANOTHER')).toBe(written.replace('TABLE', 'ANOTHER'));
    expect(written.length).toBeLessThan(page.length);
    expect(() => betweenMarks('nothing', 'TABLE')).toThrow('the document has no <!--');
  });
});

test('the diagram shows every point and marks the default', () => {
  const points = (...settings: number[]) =>
    settings.map((setting) => ({ setting, dollars: 0.001 * setting, lag: setting }));
  const svg = chart({
    ours: points(1, 2),
    oursByDwell: points(1, 3),
    framework: points(5),
    waitLoop: points(5, 10),
  });
  expect(svg.match(/<circle cx=/g)).toHaveLength(7);
  expect(svg.match(/class="ring"/g)).toHaveLength(1);
  expect(svg).toContain('prefers-color-scheme: dark');
  expect(svg).not.toMatch(/NaN|undefined/);
});
