import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

const pagesIn = (folder: string) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);

/** The pages of the manual, as paths from the root of the repository. */
export const MANUAL = ['README.md', ...pagesIn('docs')];

/** All pages, as paths from the root of the repository. */
export const PAGES = [...MANUAL, 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...pagesIn('docs/decisions')];

export const readPage = (page: string) => readFileSync(join(ROOT, page), 'utf8');

const BLOCK = /^```([^\n]*)\n(.*?)^```$/gms;

/** The code blocks of a text; the language is empty if the block has none. */
export function blocksOf(text: string): { readonly language: string; readonly code: string }[] {
  return [...text.matchAll(BLOCK)].map(([, language = '', code = '']) => ({ language, code }));
}

/** A text without its code blocks. */
export const proseOf = (text: string) => text.replace(BLOCK, '');

/** The inline code of a text. */
export function codesOf(text: string): string[] {
  return [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The targets of the links and images of a text. */
export function linksOf(text: string): string[] {
  const prose = proseOf(text);
  const inline = [...prose.matchAll(/\]\(([^)\s]+)\)/g)];
  const references = [...prose.matchAll(/^\[[^\]\n]+\]: (\S+)$/gm)];
  return [...inline, ...references].map(([, target = '']) => target);
}

/** The anchors of the headings of a text, as GitHub renders them. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
