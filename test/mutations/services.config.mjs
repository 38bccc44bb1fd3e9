import { configFor } from './common.mjs';

/** The drivers of the services. */
export default configFor({
  name: 'services',
  mutate: ['lambda/deployment/services/**/*.ts'],
  // The tables of outcomes run whole cancellations, which takes seconds for each mutant.
  tests: { folders: ['test/lambda/deployment/services'], leftOut: '-outcomes\\.test\\.ts$' },
});
