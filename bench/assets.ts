import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** The file that the function with this handler loads. */
export function fileOf(assembly: Assembly, handler: string): string {
  const functions = Object.values(templateOf(assembly).Resources).flatMap(({ Properties }) => Properties ?? []);
  const { Code } = functions.find(({ Handler }) => Handler === handler) ?? {};
  if (!Code) {
    const handlers = functions.flatMap(({ Handler }) => Handler ?? []);
    throw new Error(`the stack has no function with handler ${handler}, but ${handlers.join(', ')}`);
  }
  const module = join(assembly.pathOf(Code.S3Key), handler.replace(/[.][^.]+$/, ''));
  const file = ['.js', '.mjs'].map((extension) => module + extension).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`there is no file ${module} with extension .js or .mjs`);
  return file;
}

/** The file of our code that the deployment function loads when it meets a deployment of the service. */
export function serviceFileOf(directory: string, service: string): string {
  const file = readdirSync(directory).find((name) => name.startsWith(`${service}-`));
  if (file === undefined) throw new Error(`there is no file for the service ${service} in ${directory}`);
  return join(directory, file);
}
