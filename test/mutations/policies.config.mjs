import { configFor } from './common.mjs';

/** The IAM policies and the retries of the workflow, and the permissions of the deployments. */
export default configFor({
  name: 'policies',
  // The whole part has not been measured yet: the run only reports.
  break: null,
  mutate: [
    'lib/workflow/private/{assumed-role,cloudformation-policy,encryption,functions,retries,role,role-policies}.ts',
    'lib/workflow/private/{handler,network,notifications,state-machine,workflow-base}.ts',
    'lib/deployments/*.ts',
    'lib/deployments/*/*.ts',
    'lib/private/nested-stacks.ts',
    'lib/constructs/private/other-environment.ts',
  ],
  // The tests synthesize stacks: all of them would take minutes for each mutant. The one that is left out mocks a module.
  tests: { folders: ['test/lib'], leftOut: 'acknowledgements\\.test\\.ts$', mirrors: true },
});
