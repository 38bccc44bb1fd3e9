import { configFor } from './common.mjs';

/** The IAM policies of the workflow, and the kinds of deployments with their permissions. */
export default configFor({
  name: 'policies',
  // Some tests synthesize once, when they are loaded, and detect nothing here.
  break: 80,
  mutate: [
    'lib/deployments/**/*.ts',
    'lib/workflow/private/{assumed-role,cloudformation-policy,encryption,role,role-policies}.ts',
  ],
  // The tests synthesize stacks: all of them would take minutes for each mutant. The one that is left out mocks a module.
  tests: { folders: ['test/lib'], leftOut: 'acknowledgements\\.test\\.ts$', mirrors: true },
});
