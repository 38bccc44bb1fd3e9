import type { OptionDefinition } from '../lib/deployments/kind-definition';
import { DEPLOYMENT_KINDS, kindDefinition } from '../lib/deployments/kinds';
import { EXIT_CODES } from './exit-code';
import { COMMON_FLAGS, commandOf, type Flag, flagOfOption, flagSetsOf, flagsOfKind } from './flags';

const kindLines = DEPLOYMENT_KINDS.map((kind) => {
  const flags = flagsOfKind(kind);
  const sets = flagSetsOf(kind).map((names) => names.map((name) => `--${name} ${flags[name]?.value}`).join(' '));
  const behaviors = Object.entries<OptionDefinition>(kindDefinition(kind).options ?? {}).map(([name, option]) => {
    const flag = flagOfOption(name, option);
    return ` [--${[flag, flags[flag]?.value].filter((word) => word !== undefined).join(' ')}]`;
  });
  return `  ${commandOf(kind).padEnd(24)} ${sets.join(', or ')}${behaviors.join('')}`;
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
