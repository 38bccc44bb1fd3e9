// What the SDK holds ready for others than a Lambda function, and so is not bundled. Everything that is left is the SDK's
// own code; test/lambda/bundles.test.ts says what must be left out and what must still work.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Modules that the SDK loads when it needs them, which is never: for operations that stream, and in a browser. */
export const NEVER_LOADED = ['@smithy/core/event-streams', 'bowser'];

/** Modules of the SDK, as it imports them, for which one of ours is bundled: `in-place-of.ts` says why, for each. */
const REPLACED = [
  '@aws-sdk/credential-provider-node',
  'AdaptiveRetryStrategy',
  'loadSharedConfigFiles',
  'getInstanceMetadataRegion',
  'service-customizations',
];

const read = (path) => readFileSync(path, 'utf8');
const sources = readdirSync(dirname(here), { recursive: true })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(join(dirname(here), file)));
const words = new Set(sources.join('\n').match(/\w+/g));

export const leanSdk = {
  name: 'lean-sdk',
  setup(build) {
    const unused = new Set(REPLACED);
    for (const name of REPLACED) {
      build.onResolve({ filter: new RegExp(`^(\\.{1,2}/.*)?${name}$`) }, () => {
        unused.delete(name);
        return { path: join(here, 'in-place-of.ts') };
      });
    }

    // A client reads its version there, and would have all the rest in the bundle.
    build.onLoad({ filter: /[\\/]client-[a-z]+[\\/]package\.json$/ }, ({ path }) => {
      return { loader: 'json', contents: JSON.stringify({ version: JSON.parse(read(path)).version }) };
    });

    // What no handler uses of the shapes of a service is left out once the bundler can see that nothing depends on it.
    build.onLoad(
      { filter: /[\\/]client-[a-z]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ },
      ({ path, pluginData }) => ({
        contents: withoutUnnamedErrors(withPlainKeys(read(path), path), path),
        pluginData,
      }),
    );

    build.onEnd(() => ({
      errors: [...unused].map((name) => ({
        text: `the sdk imports no ${name} any more: look what has taken its place`,
      })),
    }));
  },
};

/** `{ [_e]: 404 }` as `{ "error": 404 }`: to find out what a computed key is might have an effect. */
function withPlainKeys(contents, path) {
  const values = new Map(
    [...contents.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]),
  );
  if (values.size === 0) throw new Error(`${path} has no constants of the form that is known here`);
  return contents.replace(/\[(_\w+)\]:/g, (key, name) => (values.has(name) ? `${values.get(name)}:` : key));
}

/**
 * A client registers the classes of all errors of its service, so that it keeps them all. One that no handler names need
 * not be registered: it is thrown as the exception of its service, under the same name and with the same message.
 */
function withoutUnnamedErrors(contents, path) {
  const registration = /^\w+\.registerError\(\w+\$, (\w+)\);$/gm;
  if (!registration.test(contents)) throw new Error(`${path} registers no errors in the way that is known here`);
  const isKept = (name) => name.endsWith('ServiceException') || words.has(name);
  return contents.replace(registration, (line, name) => (isKept(name) ? line : ''));
}
