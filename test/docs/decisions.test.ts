import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const FOLDER = 'docs/decisions';
const INDEX = `${FOLDER}/README.md`;
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const RECORDS = readdirSync(join(ROOT, FOLDER))
  .filter((name) => name !== 'README.md')
  .sort();
const PAGES = ['CONTRIBUTING.md', INDEX, ...RECORDS.map((name) => `${FOLDER}/${name}`)];

/** Import specifiers leave out the extension. */
const exists = (path: string) => existsSync(join(ROOT, path)) || existsSync(join(ROOT, `${path}.ts`));

/** The headings of a record, with the marks before them. */
function headingsOf(record: string): string[] {
  return [...read(`${FOLDER}/${record}`).matchAll(/^#+ .+$/gm)].map(([heading]) => heading);
}

test('decisions have different numbers, and each has a context, a decision and consequences', () => {
  expect(RECORDS.length).toBeGreaterThan(20);
  expect(new Set(RECORDS.map((record) => record.slice(0, 4))).size).toBe(RECORDS.length);
  for (const record of RECORDS) {
    const [title, ...sections] = headingsOf(record);
    expect(record).toMatch(/^\d{4}(-[a-z0-9]+)+\.md$/);
    expect(title).toMatch(new RegExp(`^# ${record.slice(0, 4)}\\. \\S`));
    expect(sections).toEqual(['## Context', '## Decision', '## Consequences']);
  }
});

test('the index lists every decision in order, by its title', () => {
  const listed = read(INDEX)
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(listed).toEqual(RECORDS.map((record) => `- [${headingsOf(record)[0]?.slice(2)}](${record})`));
});

test('every file that CONTRIBUTING and the decisions link to or name exists', () => {
  const missing = PAGES.flatMap((page) => {
    const links = [...read(page).matchAll(/\]\(([^)#:\s]+)\)/g)].map(([, target = '']) => join(dirname(page), target));
    const codes = [...read(page).matchAll(/`([^`\s]+)`/g)].map(([, code = '']) => code);
    const paths = codes.filter((code) =>
      /^(lib|lambda|emulator|bin|bench|docs|scripts|test|\.ci)\/[^A-Z*]*$/.test(code),
    );
    return [...links, ...paths].filter((path) => !exists(path));
  });
  expect(missing).toEqual([]);
});
