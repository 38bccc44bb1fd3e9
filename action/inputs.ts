import { type COMMON_FLAGS, type Flag, flagsOf } from '../cli/flags';
import { UsageError } from '../cli/usage-error';
import { DEPLOYMENT_KINDS } from '../lib/deployments/kinds';

/** The input that names what to cancel. */
export const KIND = 'kind';

/** The input that makes the action cancel at the end of a job, and only then. */
export const POST = 'post';

/** The flags of the command line that an action has no use for. */
const NOT_INPUTS: ReadonlySet<string> = new Set([
  'help',
  'version',
  'yes',
  'json',
] satisfies (keyof typeof COMMON_FLAGS)[]);

/** The inputs that are flags of the command line. */
export const FLAG_INPUTS: Readonly<Record<string, Flag>> = Object.fromEntries(
  Object.entries(flagsOf(DEPLOYMENT_KINDS)).filter(([name]) => !NOT_INPUTS.has(name)),
);

type Input = (name: string) => string;

/** The arguments of the command line that inputs stand for. An input that is empty or `false` is left out. */
export function argumentsOf(input: Input): string[] {
  const flags = Object.entries(FLAG_INPUTS).flatMap(([name, { type }]) => {
    if (type === 'boolean') return isTrue(name, input) ? [`--${name}`] : [];
    const value = input(name);
    return value === '' ? [] : [`--${name}=${value}`];
  });
  const kind = input(KIND);
  return [...(kind === '' ? [] : [kind]), ...flags];
}

/** Whether the action cancels at the end of the job. */
export function isPost(input: Input): boolean {
  return isTrue(POST, input);
}

function isTrue(name: string, input: Input): boolean {
  const value = input(name);
  if (['', 'true', 'false'].includes(value)) return value === 'true';
  throw new UsageError(`input ${name} must be true or false, not '${value}'`);
}
