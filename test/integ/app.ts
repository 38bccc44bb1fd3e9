import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';

/** Creates an app with the feature flags of this package, so that its synthesis is the same everywhere. */
export function integApp(): App {
  const cdkJson = readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8');
  const { context } = JSON.parse(cdkJson) as { context: Record<string, unknown> };
  return new App({
    // Stack traces contain paths of the machine.
    postCliContext: { ...context, [DISABLE_CREATION_STACK_TRACES]: true },
    analyticsReporting: false,
    treeMetadata: false,
  });
}
