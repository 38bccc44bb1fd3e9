/** An element as it was read, with what is in it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

const TAG = /^<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w:-]*="[^"<]*")*)\s*(\/?)>/;
const ATTRIBUTE = /([A-Za-z][\w:-]*)="([^"<]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** Reads a document that is well-formed XML after its doctype; throws where it is not, and where an id is there twice. */
export function parseXml(document: string): Element {
  const root: Element = { name: '#document', attributes: {}, children: [] };
  const open: Element[] = [root];
  const ids = new Set<string>();
  let rest = document.replace(/^<!DOCTYPE html>\s*/, '');
  while (rest !== '') {
    const inside = open.at(-1)!;
    const [text = ''] = /^[^<]+/.exec(rest) ?? [];
    if (text !== '') {
      inside.children.push(decoded(text));
      rest = rest.slice(text.length);
      continue;
    }
    const [whole, closing, name = '', attributes = '', empty] = TAG.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no tag: ${rest.slice(0, 80)}`);
    rest = rest.slice(whole.length);
    if (closing) {
      if (inside.name !== name) throw new Error(`</${name}> closes <${inside.name}>`);
      open.pop();
      continue;
    }
    const element: Element = { name, attributes: attributesOf(attributes), children: [] };
    const { id } = element.attributes;
    if (id !== undefined && ids.has(id)) throw new Error(`the id ${id} is there twice`);
    if (id !== undefined) ids.add(id);
    inside.children.push(element);
    if (!empty) open.push(element);
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> is never closed`);
  const elements = root.children.filter((child): child is Element => typeof child !== 'string');
  if (elements.length !== 1) throw new Error(`there are ${elements.length} elements at the top`);
  return elements[0]!;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, decoded(value)] as const);
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error(`an attribute twice: ${text}`);
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  return text.replace(/&([^;]*);?/g, (whole, name: string) => {
    const character = ENTITIES[name];
    if (character === undefined || !whole.endsWith(';')) throw new Error(`no entity: ${whole.slice(0, 20)}`);
    return character;
  });
}

/** Every element of that name, in the order of the document. */
export function elementsOf(element: Element, name: string): Element[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child, name))),
  ];
}

/** The text of an element and of all that is in it. */
export function textOf({ children }: Element): string {
  return children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}
