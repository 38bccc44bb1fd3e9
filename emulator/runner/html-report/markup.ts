/** HTML that is also well-formed XML: what is put into it is escaped, unless it is markup itself. */
export class Markup {
  constructor(readonly text: string) {}
}

type Held = Markup | string | number | readonly Held[];

/** A template literal: `html\`<p>${text}</p>\``. */
export function html(parts: TemplateStringsArray, ...held: readonly Held[]): Markup {
  return new Markup(String.raw({ raw: parts }, ...held.map(written)));
}

function written(held: Held): string {
  if (held instanceof Markup) return held.text;
  return typeof held === 'object' ? held.map(written).join('') : escaped(String(held));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters, halves of characters and the like have no place in HTML, escaped or not. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replace(/[^\P{Cc}\n\t]|\p{Cs}|[\ufffe\uffff]/gu, '\ufffd');
}
