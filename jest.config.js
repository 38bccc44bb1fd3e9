/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // Those that take longer are *.long.ts: npm run test:long.
  testMatch: ['**/*.test.ts'],
  // TypeScript first: jsii compiles lib/ in place, and a stale .js must never be what is tested.
  moduleFileExtensions: ['ts', 'js', 'cjs', 'mjs', 'json'],
  transform: { '^.+\\.ts$': 'ts-jest' },
  setupFiles: ['<rootDir>/test/setup.ts'],
  // Nothing waits in real time, so this only ends what hangs; a busy machine may take its time.
  testTimeout: 60_000,
  maxWorkers: '100%',
};
