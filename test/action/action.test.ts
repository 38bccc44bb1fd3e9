import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argumentsOf, FLAG_INPUTS } from '../../action/inputs';
import { ACTION_YML } from '../../action/metadata';
import { flagsOfKind } from '../../cli/flags';
import { DEPLOYMENT_KINDS } from '../../lib/deployments/kinds';

test('action.yml is what npm run action:metadata writes', () => {
  expect(readFileSync(join(__dirname, '../../action/action.yml'), 'utf8')).toBe(ACTION_YML);
});

test('every flag of every kind is an input', () => {
  const flags = DEPLOYMENT_KINDS.flatMap((kind) => Object.keys(flagsOfKind(kind)));
  for (const flag of flags) expect(FLAG_INPUTS).toHaveProperty([flag]);
  for (const flag of flags) expect(ACTION_YML).toContain(`\n  ${flag}:\n`);
});

test.each([
  [{}, []],
  [{ kind: 'stack', stack: 'web' }, ['stack', '--stack=web']],
  [
    { kind: 'pipeline', pipeline: 'release', abandon: 'true', 'dry-run': 'false' },
    ['pipeline', '--pipeline=release', '--abandon'],
  ],
  // A value cannot become a flag of its own.
  [{ kind: 'stack', stack: '--yes' }, ['stack', '--stack=--yes']],
])('the inputs %j are the arguments %j', (inputs: Readonly<Record<string, string>>, expected) => {
  expect(argumentsOf((name) => inputs[name] ?? '').toSorted()).toEqual([...expected].toSorted());
});
