import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '../../bin/options';
import { parseArguments } from '../../cli/arguments';
import { name as CLI } from '../../cli/package.json';
import { blocksOf, codesOf, MANUAL, PAGES, readPage } from '../helpers/documents';

const ROOT = join(__dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const BUILT_IN = ['ci', 'install', 'outdated'];
const LANGUAGES = ['ts', 'sh', 'json', 'yaml', 'text'];

/** The npm and npx commands of a document, in blocks and inline. */
function commandsOf(document: string): string[] {
  const blocks = blocksOf(document).filter(({ language }) => language === 'sh');
  const lines = [...blocks.flatMap(({ code }) => code.split('\n')), ...codesOf(document)];
  return lines.flatMap((line) => line.split(' && ')).filter((line) => /^(npm|npx) /.test(line));
}

/** Tells whether a command names a script of package.json, or a program that `npm ci` installs. */
function exists(command: string): boolean {
  const [program, name = '', script = ''] = command.split(' ');
  if (program === 'npx' && name === CLI) return parses(command);
  if (program === 'npx') return existsSync(join(ROOT, 'node_modules/.bin', name));
  return BUILT_IN.includes(name) || (name === 'run' ? script : name) in scripts;
}

/** Tells whether the command line accepts its arguments. */
function parses(command: string): boolean {
  const [, , ...args] = command.split(' ');
  return typeof parseArguments(args) !== 'string';
}

const EXAMPLES = readdirSync(join(ROOT, 'examples')).map((name) => `examples/${name}`);
const DOCUMENTS = [...PAGES, ...EXAMPLES];

test('every documented command exists', () => {
  const commands = DOCUMENTS.flatMap((file) => {
    const text = readPage(file);
    return file.endsWith('.ts') ? text.slice(3, text.indexOf('\n')) : commandsOf(text);
  });
  expect(commands.length).toBeGreaterThan(EXAMPLES.length + 20);
  expect([...commands, 'npm run nothing', 'npx nothing'].filter((command) => !exists(command))).toEqual([
    'npm run nothing',
    'npx nothing',
  ]);
});

test('npm start accepts every documented option and scenario', () => {
  const commands = DOCUMENTS.flatMap((file) => [...readPage(file).matchAll(/npm start -- ([^`\n]+)/g)]);
  const documented = commands.map(([, args = '']) => args).filter((args) => !/NAME|FILE/.test(args));
  const alone = codesOf(readPage('README.md')).filter((code) => /^--(realtime|json|report .+)$/.test(code));
  expect(documented.length).toBeGreaterThan(10);
  expect(alone.length).toBeGreaterThan(2);
  for (const args of [...documented, ...alone]) expect(() => options(args.split(' '))).not.toThrow();
  expect(() => options(['--scenario', 'nothing'])).toThrow("--scenario 'nothing' is not known");
});

test('the README has the two commands of the repository, each in a block of its own', () => {
  const blocks = blocksOf(readPage('README.md')).filter(({ language }) => language === 'sh');
  expect(blocks.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['npm ci && npm start\n', 'npm ci && npm test\n']),
  );
});

test('every block of a page has a language; only a query of CloudWatch Logs Insights has none', () => {
  const blocks = MANUAL.flatMap((page) => blocksOf(readPage(page)).map((block) => ({ page, ...block })));
  expect(blocks.length).toBeGreaterThan(10);
  const unknown = blocks.filter(
    ({ language, code }) => !LANGUAGES.includes(language) && !(language === '' && /^fields @/.test(code)),
  );
  expect(unknown).toEqual([]);
});
