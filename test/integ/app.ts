import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';

/** An app that is the same wherever it is synthesised: under our feature flags, whatever whoever runs it recommends. */
export function integApp(): App {
  const cdkJson = readFileSync(join(__dirname, '..', '..', 'cdk.json'), 'utf8');
  const { context } = JSON.parse(cdkJson) as { context: Record<string, unknown> };
  return new App({
    // Where something was created is another path for everyone.
    postCliContext: { ...context, [DISABLE_CREATION_STACK_TRACES]: true },
    analyticsReporting: false,
    treeMetadata: false,
  });
}
