import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { options } from '../../bin/options';

const ROOT = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const BLOCK = /^```([^\n]*)\n(.*?)^```$/gms;

/** The inline code of a document. */
function codesOf(document: string): string[] {
  return [...document.replace(BLOCK, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The npm and npx commands of a document, in blocks and inline. */
function commandsOf(document: string): string[] {
  const blocks = [...document.matchAll(BLOCK)].filter(([, language]) => language === 'sh');
  const lines = [...blocks.flatMap(([, , block = '']) => block.split('\n')), ...codesOf(document)];
  return lines.flatMap((line) => line.split(' && ')).filter((line) => /^(npm|npx) /.test(line));
}

/** Tells whether a command names a script of package.json, or a program that `npm ci` installs. */
function exists(command: string): boolean {
  const [program, name = '', script = ''] = command.split(' ');
  if (program === 'npx') return existsSync(join(ROOT, 'node_modules/.bin', name));
  return ['ci', 'install'].includes(name) || (name === 'run' ? script : name) in scripts;
}

const EXAMPLES = readdirSync(join(ROOT, 'examples')).map((name) => `examples/${name}`);
const DECISIONS = readdirSync(join(ROOT, 'docs/decisions')).map((name) => `docs/decisions/${name}`);
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...DECISIONS, ...EXAMPLES];

test('every documented command exists', () => {
  const commands = DOCUMENTS.flatMap((file) => {
    const text = read(file);
    return file.endsWith('.ts') ? text.slice(3, text.indexOf('\n')) : commandsOf(text);
  });
  expect(commands.length).toBeGreaterThan(EXAMPLES.length + 20);
  expect([...commands, 'npm run nothing', 'npx nothing'].filter((command) => !exists(command))).toEqual([
    'npm run nothing',
    'npx nothing',
  ]);
});

test('npm start accepts every documented option and scenario', () => {
  const commands = DOCUMENTS.flatMap((file) => [...read(file).matchAll(/npm start -- ([^`\n]+)/g)]);
  const documented = commands.map(([, args = '']) => args).filter((args) => !/NAME|FILE/.test(args));
  const alone = codesOf(read('README.md')).filter((code) => /^--(realtime|json|report .+)$/.test(code));
  expect(documented.length).toBeGreaterThan(10);
  expect(alone.length).toBeGreaterThan(2);
  for (const args of [...documented, ...alone]) expect(() => options(args.split(' '))).not.toThrow();
  expect(() => options(['--scenario', 'nothing'])).toThrow("--scenario 'nothing' is not known");
});

test('every block of the README says that it is TypeScript, which is compiled, or a command; a query says nothing', () => {
  const blocks = [...read('README.md').matchAll(BLOCK)];
  expect(blocks.length).toBeGreaterThan(10);
  const strange = blocks.filter(
    ([, language = '', code = '']) => !['ts', 'sh'].includes(language) && !/^fields @/.test(code),
  );
  expect(strange.map(([block]) => block)).toEqual([]);
});
