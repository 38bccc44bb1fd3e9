import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, linksOf, MANUAL, PAGES, proseOf, readPage } from '../helpers/documents';

const ROOT = join(__dirname, '../..');
const isRelative = (target: string) => !/^[a-z]+:/.test(target);

/** Returns what is wrong with a relative link of a page, or undefined. */
function problemOf(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (path.startsWith('/') || file.startsWith('..')) return `${page}: ${target} leaves the repository`;
  if (!existsSync(join(ROOT, file))) return `${page}: ${target} does not exist`;
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md')) return `${page}: ${target} is an anchor of a file without headings`;
  return anchorsOf(readPage(file)).includes(anchor) ? undefined : `${page}: ${target} is not a heading`;
}

const problemsOf = (page: string, text: string) =>
  linksOf(text)
    .filter(isRelative)
    .flatMap((target) => problemOf(page, target) ?? []);

test('every relative link and anchor of a page resolves, and one that does not is found', () => {
  expect(PAGES.flatMap((page) => linksOf(readPage(page)).filter(isRelative)).length).toBeGreaterThan(60);
  expect(PAGES.flatMap((page) => problemsOf(page, readPage(page)))).toEqual([]);
  expect(
    problemsOf(
      'docs/page.md',
      '[a](../README.md#install) [b](nothing.md)\n[c](../README.md#nothing) ![d](../../x.svg)',
    ),
  ).toEqual([
    'docs/page.md: nothing.md does not exist',
    'docs/page.md: ../README.md#nothing is not a heading',
    'docs/page.md: ../../x.svg leaves the repository',
  ]);
});

// npmjs.com and Construct Hub resolve relative links of the README from the root of the repository.
test('relative links of the README start with the name of a file, a folder or an anchor', () => {
  const relative = linksOf(readPage('README.md')).filter(isRelative);
  expect(relative.length).toBeGreaterThan(20);
  expect(relative.filter((target) => !/^[\w#]/.test(target))).toEqual([]);
});

test('the index links every page of the manual once', () => {
  const listed = linksOf(readPage('docs/README.md'))
    .filter((target) => /^[\w-]+\.md$/.test(target))
    .map((target) => `docs/${target}`);
  const pages = MANUAL.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
  expect(listed.sort()).toEqual(pages.sort());
});

test('no page contains HTML, which Construct Hub does not show; a comment of a page in docs/ is allowed', () => {
  const html = (text: string) =>
    proseOf(text)
      .replace(/`[^`\n]*`/g, '')
      .match(/<!--|<\/?[a-z][^>]*>/gi) ?? [];
  expect(html('a <b>c</b> `<d>` <!-- e -->')).toEqual(['<b>', '</b>', '<!--']);
  expect(html(readPage('README.md'))).toEqual([]);
  expect(MANUAL.flatMap((page) => html(readPage(page)).filter((tag) => tag !== '<!--'))).toEqual([]);
});
