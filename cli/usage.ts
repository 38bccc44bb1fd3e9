import { DEPLOYMENT_KINDS } from '../lib/deployments/kinds';
import { EXIT_CODES } from './exit-code';
import { COMMON_FLAGS, commandOf, type Flag, flagSetsOf, flagsOfKind } from './flags';

const kindLines = DEPLOYMENT_KINDS.map((kind) => {
  const flags = flagsOfKind(kind);
  const sets = flagSetsOf(kind).map((names) => names.map((name) => `--${name} ${flags[name]?.value}`).join(' '));
  const identifying = new Set(flagSetsOf(kind).flat());
  const behaviors = Object.entries(flags).filter(([name]) => !identifying.has(name));
  const options = behaviors
    .map(([name, { value }]) => ` [--${name}${value === undefined ? '' : ` ${value}`}]`)
    .join('');
  return `  ${commandOf(kind).padEnd(24)} ${sets.join(', or ')}${options}`;
});

const flagLines = Object.entries(COMMON_FLAGS).map(([name, { short, value, help }]: [string, Flag]) => {
  const spelled = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
  return `  ${spelled.padEnd(30)} ${help}`;
});

export const USAGE = `usage: cancel-deployment KIND [options]

Cancels a deployment in flight, waits until it is over, and says how it ended.

Kinds, and the flags that name a deployment:
${kindLines.join('\n')}

A name that is the only flag a kind needs may be given without the flag: cancel-deployment stack web-prod

Options:
${flagLines.join('\n')}

Exit codes:
${EXIT_CODES.map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}
`;
