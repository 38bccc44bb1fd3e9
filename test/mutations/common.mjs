/**
 * Returns the configuration of StrykerJS for a part of the code.
 *
 * @param {{ name: string, mutate: string[], tests: object, break?: number }} part `tests` are the options of the runner;
 *   `break` is the score below which the run fails
 */
export function configFor({ name, mutate, tests, break: score = 85 }) {
  return {
    mutate,
    inProcess: tests,
    testRunner: 'in-process',
    plugins: ['./test/mutations/runner.mjs'],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    ignorePatterns: ['/bench', 'examples', 'dist/mutation', '/testing', 'action', 'cli'],
    incremental: false,
    thresholds: { high: 95, low: 90, break: score },
    reporters: ['clear-text', 'progress', 'json'],
    jsonReporter: { fileName: `dist/mutation/${name}.json` },
    tempDirName: `dist/mutation/sandbox-${name}`,
    concurrency: 2,
    timeoutMS: 10_000,
    dryRunTimeoutMinutes: 20,
  };
}
