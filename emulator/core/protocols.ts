import { randomUUID } from 'node:crypto';
import type { RawAnswer, RawRequest } from './http-server';

/** The type of an error, and its HTTP status where that is not 400. */
interface ErrorType {
  readonly type: string;
  readonly statusCode?: number;
}

/** A call as a request contains it; without an input that can be read, `input` is undefined. */
interface ReadCall {
  readonly operation: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** The way in which a service of AWS reads calls from requests and renders its answers. */
export interface Protocol {
  /** The errors of every service with this protocol. */
  readonly errors: Readonly<Record<'accessDenied' | 'throttled', ErrorType>>;
  /** Undefined if the request is for another service. */
  read(request: RawRequest): ReadCall | undefined;
  /** Renders the output of an operation. Dates have the format of the protocol. */
  render(operation: string, output: object): RawAnswer;
  renderError(statusCode: number, error: { readonly type: string; readonly message?: string }): RawAnswer;
}

export const JSON_ERRORS: Protocol['errors'] = {
  accessDenied: { type: 'AccessDeniedException' },
  throttled: { type: 'ThrottlingException' },
};

export const QUERY_ERRORS: Protocol['errors'] = {
  accessDenied: { type: 'AccessDenied', statusCode: 403 },
  throttled: { type: 'Throttling' },
};

/** The JSON protocols: the operation is in a header, after the name of the service. */
export function jsonProtocol(target: string, version: '1.0' | '1.1'): Protocol {
  return {
    errors: JSON_ERRORS,
    read({ headers, body }) {
      const header = headers['x-amz-target'];
      const [prefix, operation] = typeof header === 'string' ? header.split('.') : [];
      return prefix === target && operation ? { operation, input: parseObject(body) } : undefined;
    },
    ...jsonAnswers(`application/x-amz-json-${version}`, (date) => date.getTime() / 1000),
  };
}

interface RestOptions {
  /** The method and path of each operation, with the names of members in braces: `GET /apps/{appId}`. */
  readonly routes: Readonly<Record<string, string>>;
  /** The headers that are members of inputs, by the names of the members. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: seconds since the epoch. */
  readonly dates?: 'iso';
}

/** The REST protocol: the operation is in the method and the path. Members of the query have their names on the wire. */
export function restProtocol({ routes, headers: members = {}, dates }: RestOptions): Protocol {
  const patterns = Object.entries(routes).map(([operation, route]) => {
    const [method, path = ''] = route.split(' ');
    return { operation, method, path: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`) };
  });
  return {
    errors: JSON_ERRORS,
    read({ method, path, headers, body }) {
      const [route = '', search = ''] = path.split('?');
      for (const pattern of patterns) {
        const match = method === pattern.method && pattern.path.exec(route);
        if (!match) continue;
        const inPath = Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
        const inHeaders = Object.entries(members).flatMap(([name, header]) => {
          const value = headers[header.toLowerCase()];
          return value === undefined ? [] : [[name, value]];
        });
        const inBody = parseObject(body);
        const input = inBody && Object.fromEntries([...new URLSearchParams(search), ...inHeaders, ...inPath]);
        return { operation: pattern.operation, input: input && { ...inBody, ...input } };
      }
      return undefined;
    },
    ...jsonAnswers('application/json', (date) => (dates === 'iso' ? date.toISOString() : date.getTime() / 1000)),
  };
}

/**
 * The query protocol: the operation is in a form, and answers are XML.
 *
 * @param operations the operations to read, if other services have the same version
 */
export function queryProtocol(version: string, operations?: readonly string[]): Protocol {
  const namespace = `http://emulated.amazonaws.com/doc/${version}/`;
  const xml = (statusCode: number, root: string, content: object): RawAnswer => ({
    statusCode,
    contentType: 'text/xml',
    body: `<${root} xmlns="${namespace}">${renderXml(content)}</${root}>`,
  });
  return {
    errors: QUERY_ERRORS,
    read({ method, headers, body }) {
      const type = headers['content-type'] ?? '';
      if (method !== 'POST' || !type.startsWith('application/x-www-form-urlencoded')) return undefined;
      const { Version, Action, ...input } = parseForm(new URLSearchParams(body));
      if (Version !== version || typeof Action !== 'string') return undefined;
      return operations === undefined || operations.includes(Action) ? { operation: Action, input } : undefined;
    },
    render: (operation, output) =>
      xml(200, `${operation}Response`, {
        [`${operation}Result`]: output,
        ResponseMetadata: { RequestId: randomUUID() },
      }),
    renderError: (statusCode, { type, message }) =>
      xml(statusCode, 'ErrorResponse', {
        Error: { Type: statusCode < 500 ? 'Sender' : 'Receiver', Code: type, Message: message },
        RequestId: randomUUID(),
      }),
  };
}

function jsonAnswers(contentType: string, format: (date: Date) => unknown): Pick<Protocol, 'render' | 'renderError'> {
  const answer = (statusCode: number, output: object): RawAnswer => ({
    statusCode,
    contentType,
    body: JSON.stringify(withDates(output, format)),
  });
  return {
    render: (_, output) => answer(200, output),
    renderError: (statusCode, { type, message }) => answer(statusCode, { __type: type, message }),
  };
}

function withDates(value: unknown, format: (date: Date) => unknown): unknown {
  if (value instanceof Date) return format(value);
  if (Array.isArray(value)) return value.map((item) => withDates(item, format));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withDates(item, format)]));
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body || '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The members of a form; those of a list are `Ids.member.1`, `Ids.member.2` and so on. */
function parseForm(form: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  const members: Record<string, string | string[]> = {};
  for (const [key, value] of form) {
    const list = /^(\w+)\.member\.\d+$/.exec(key)?.[1];
    if (list === undefined) members[key] = value;
    else members[list] = [...(members[list] ?? []), value];
  }
  return members;
}

function renderXml(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `<member>${renderXml(item)}</member>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return escapeXml(String(value));
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => `<${name}>${renderXml(item)}</${name}>`)
    .join('');
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
