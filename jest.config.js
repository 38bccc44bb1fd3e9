/**
 * Only the types are removed; `npm run typecheck` checks them. The CDK writes its decorators in the form that TypeScript had
 * first, as `legacyDecorator` expects.
 */
const SWC = {
  swcrc: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, useDefineForClassFields: true },
  },
  module: { type: 'commonjs' },
};

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // Slow tests are *.slow.test.ts: npm run test:slow.
  testMatch: ['**/!(*.slow).test.ts'],
  // TypeScript first: jsii compiles lib/ in place, and a stale .js must never be what is tested.
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json'],
  transform: { '^.+\\.ts$': ['@swc/jest', SWC] },
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
  setupFiles: ['<rootDir>/test/setup.ts'],
  // Nothing waits in real time, so this only ends what hangs; a busy machine may take its time.
  testTimeout: 60_000,
  maxWorkers: '100%',
};
