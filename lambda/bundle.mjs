// Bundles the functions into dist/lambda: one asset for all of them.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBundle } from '../scripts/write-bundle.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const entryPoints = ['cloudformation', 'codepipeline', 'deployment'].map((name) => ({
  in: `lambda/${name}/index.ts`,
  out: name,
}));

// The SDK loads these on demand, and never in a function of Lambda: the credentials of a function are in its environment,
// it is no browser, and it calls no operation that streams events. They would be a fifth of the asset.
const NEVER_LOADED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/core/event-streams',
  '@smithy/credential-provider-imds',
  'bowser',
];

await writeBundle(root, entryPoints, join(root, 'dist', 'lambda'), { external: NEVER_LOADED });
