const base = require('../../jest.config.js');

/** The tests that load the source, not the bundles. Types are not checked, because a mutant need not compile. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/lambda', '<rootDir>/test/lib'],
  rootDir: '../..',
  transform: { '^.+\\.ts$': ['ts-jest', { diagnostics: false, isolatedModules: true }] },
};
