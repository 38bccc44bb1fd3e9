import { configFor } from './common.mjs';

/** The functions, without the services. */
export default configFor({
  name: 'functions',
  // Without what only creates the clients of AWS.
  mutate: [
    'lambda/*.ts',
    'lambda/cloudformation/!(clients|index).ts',
    'lambda/codepipeline/!(index).ts',
    'lambda/deployment/{engine,fleet}/*.ts',
  ],
  tests: {
    folders: ['test/lambda'],
    // Reads source texts, or takes seconds for each mutant: the tables of the services and sequences. These can
    // only detect more, so that the true score is not below the measured one.
    leftOut: '/services/|(independence|sequences)\\.test\\.ts$',
  },
});
