import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Assembly } from '../emulator/simulation/assembly';

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Properties }>>;
}

interface Properties {
  readonly Code?: { readonly S3Key: string };
  readonly Handler?: string;
}

/** The one template of an assembly. */
export function templateOf({ stacks }: Assembly): Template {
  const [stack] = stacks;
  if (!stack) throw new Error('the assembly has no stack');
  return stack.template as Template;
}

/** How many resources its stack has. */
export function resourcesOf(assembly: Assembly): number {
  return Object.keys(templateOf(assembly).Resources).length;
}

/** Where the code of its functions is, each once. */
export function codeOf(assembly: Assembly): string[] {
  const keys = Object.values(templateOf(assembly).Resources).flatMap(({ Properties }) => Properties?.Code?.S3Key ?? []);
  return [...new Set(keys)].map((key) => assembly.pathOf(key));
}

/** How long a zip of a directory without subdirectories is, packed as tightly as deflate can. */
export function zippedBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => {
    const data = deflateRawSync(readFileSync(join(directory, name)), { level: 9 });
    return sum + ENTRY + 2 * Buffer.byteLength(name) + data.length;
  }, END_OF_DIRECTORY);
}

/** What the format adds for each file, beside its name: a local header and an entry of the directory. */
const ENTRY = 30 + 46;
const END_OF_DIRECTORY = 22;

/** The file of this name that a function of it loads. */
export function bundleOf(assembly: Assembly, name: string): string {
  const files = Object.values(templateOf(assembly).Resources).flatMap(({ Properties: { Code, Handler = '' } = {} }) =>
    Code?.S3Key ? join(assembly.pathOf(Code.S3Key), Handler.replace(/[.][^.]+$/, '.js')) : [],
  );
  const bundle = files.find((file) => basename(file) === name);
  if (bundle === undefined) throw new Error(`the stack has no function whose code is ${name}, but ${files.join(', ')}`);
  return bundle;
}
