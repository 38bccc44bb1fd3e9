/**
 * Returns the configuration of StrykerJS for a part of the code.
 *
 * @param {{ name: string, mutate: string[], tests: { folders: string[], leftOut: string } }} part
 */
export function configFor({ name, mutate, tests }) {
  return {
    mutate,
    inProcess: tests,
    testRunner: 'in-process',
    plugins: ['./test/mutations/runner.mjs'],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    ignorePatterns: ['/bench', 'examples', 'dist/mutation', '/testing', 'action', 'cli'],
    incremental: false,
    thresholds: { high: 95, low: 90, break: 85 },
    reporters: ['clear-text', 'progress', 'json'],
    jsonReporter: { fileName: `dist/mutation/${name}.json` },
    tempDirName: `dist/mutation/sandbox-${name}`,
    concurrency: 2,
    timeoutMS: 10_000,
    dryRunTimeoutMinutes: 20,
  };
}
