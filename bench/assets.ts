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

/** Returns the template of the only stack of an assembly. */
export function templateOf({ stacks }: Assembly): Template {
  const [stack] = stacks;
  if (!stack) throw new Error('the assembly has no stack');
  return stack.template as Template;
}

/** Counts the resources of the stack. */
export function resourcesOf(assembly: Assembly): number {
  return Object.keys(templateOf(assembly).Resources).length;
}

/** Returns the directories with the code of the functions, each once. */
export function codeOf(assembly: Assembly): string[] {
  const keys = Object.values(templateOf(assembly).Resources).flatMap(({ Properties }) => Properties?.Code?.S3Key ?? []);
  return [...new Set(keys)].map((key) => assembly.pathOf(key));
}

/** Returns the size of a zip of a directory without subdirectories, at the highest compression level. */
export function zippedBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => {
    const data = deflateRawSync(readFileSync(join(directory, name)), { level: 9 });
    return sum + ENTRY + 2 * Buffer.byteLength(name) + data.length;
  }, END_OF_DIRECTORY);
}

/** The overhead of the format for each file, without its name: a local header and a directory entry. */
const ENTRY = 30 + 46;
const END_OF_DIRECTORY = 22;

/** Returns the file that the function with a handler loads. */
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

/** Returns the file of the asset that the deployment function loads for a service. */
export function serviceFileOf(directory: string, service: string): string {
  const file = readdirSync(directory).find((name) => name.startsWith(`${service}-`));
  if (file === undefined) throw new Error(`there is no file for the service ${service} in ${directory}`);
  return join(directory, file);
}
