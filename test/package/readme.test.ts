import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// npmjs.com and Construct Hub lead relative links of the README to the repository, from its root.
const ROOT = join(__dirname, '../..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const PROSE = README.replace(/^```[\s\S]*?^```$/gm, '');
const TARGETS = [...PROSE.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
const RELATIVE = TARGETS.filter((target) => !/^([a-z]+:|#)/.test(target));

test('every relative link of the README is a file of the repository, named from its root', () => {
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

test('the README holds no HTML, which Construct Hub would not show', () => {
  expect(PROSE.replace(/`[^`\n]*`/g, '').match(/<\/?[a-z][^>]*>/gi) ?? []).toEqual([]);
});
