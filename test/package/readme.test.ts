import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// npmjs.com and Construct Hub resolve relative links of the README from the root of the repository.
const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const PROSE = README.replace(/^```[\s\S]*?^```$/gm, '');
const TARGETS = [...PROSE.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
const RELATIVE = TARGETS.filter((target) => !/^([a-z]+:|#)/.test(target));

test('every relative link of the README is a file of the repository, relative to its root', () => {
  expect(RELATIVE.length).toBeGreaterThan(5);
  expect(RELATIVE.filter((target) => !/^[\w.]/.test(target) || !existsSync(join(ROOT, target)))).toEqual([]);
});

test('every anchor of the README is a heading', () => {
  const headings = [...PROSE.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(headings.length).toBeGreaterThan(5);
  const anchors = TARGETS.filter((target) => target.startsWith('#')).map((target) => target.slice(1));
  expect(anchors.filter((anchor) => !headings.includes(anchor))).toEqual([]);
});

test('the README contains no HTML, which Construct Hub does not show', () => {
  expect(PROSE.replace(/`[^`\n]*`/g, '').match(/<\/?[a-z][^>]*>/gi) ?? []).toEqual([]);
});
