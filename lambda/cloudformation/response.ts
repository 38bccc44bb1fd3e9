import { ATTRIBUTES, type CloudFormationRequest } from '../../lib/contract/cancellation';

/** CloudFormation refuses an answer with a longer body. */
export const MAX_RESPONSE_BYTES = 4096;

/** By name. */
export type ResponseAttributes = Readonly<Partial<Record<string, string>>>;

/** How a request came out. */
export type CustomResourceResponse =
  | { readonly status: 'SUCCESS'; readonly attributes: ResponseAttributes }
  | { readonly status: 'FAILED'; readonly reason: string; readonly attributes: ResponseAttributes };

/** A reason is read in a table of events: a cause that is longer than this is cut, so that its end can be read as well. */
const MAX_CAUSE = 1024;

/** Room for the longest cause and where to see more; beside it there is always room for data. */
const MAX_REASON = 1536;

/** Puts where to see more behind the cause; only the cause is ever cut short. */
export function formatReason(cause: string, executionArn: string): string {
  return `${cut(plain(cause), MAX_CAUSE)}; see ${executionUrl(executionArn)}`;
}

/** What CloudFormation takes for an answer. */
interface Body extends Omit<CloudFormationRequest, 'guard'> {
  readonly Status: CustomResourceResponse['status'];
  readonly Reason: string;
  readonly Data: Readonly<Record<string, string>>;
}

/**
 * The body of an answer, never over the limit: the longest attributes are cut, as far as it takes. Every attribute is
 * there, empty where it is not known: CloudFormation fails a stack that reads one which is not.
 *
 * @param identifiers of all attributes
 */
export function renderResponse(
  { guard, ...request }: CloudFormationRequest,
  answer: CustomResourceResponse,
  identifiers: readonly string[] = ATTRIBUTES,
): string {
  const Reason = answer.status === 'FAILED' ? cut(plain(answer.reason), MAX_REASON) : '';
  const texts = identifiers.map((name) => [name, plain(answer.attributes[name] ?? '')] as const);
  const body = (limit: number): string => {
    const Data = Object.fromEntries(texts.map(([name, text]) => [name, cut(text, limit)]));
    return JSON.stringify({ ...request, Status: answer.status, Reason, Data } satisfies Body);
  };
  const room = MAX_RESPONSE_BYTES - Buffer.byteLength(body(0));
  const sizes = texts.map(([, text]) => size(text));
  let limit = MAX_RESPONSE_BYTES;
  while (limit > 0 && sizes.reduce((sum, size) => sum + Math.min(size, limit), 0) > room) limit--;
  return body(limit);
}

/** The size of a text inside JSON, where some characters take up to six bytes. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** The beginning of a text that takes at most so many bytes inside JSON; never half a character. */
function cut(text: string, bytes: number): string {
  if (size(text) <= bytes) return text;
  let kept = '';
  let used = size(ELLIPSIS);
  for (const character of text) {
    used += size(character);
    if (used > bytes) break;
    kept += character;
  }
  return used > bytes && kept === '' ? '' : `${kept}${ELLIPSIS}`;
}

const ELLIPSIS = '…';

/** On one line, and without what has no place in the XML of CloudFormation's API: control characters, halves of a character. */
function plain(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
}

const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** Where a person sees an execution. */
function executionUrl(arn: string): string {
  const [, partition = 'aws', , region = ''] = arn.split(':');
  const host = CONSOLES[partition] ?? `${region}.console.aws.amazon.com`;
  return `https://${host}/states/home?region=${region}#/v2/executions/details/${arn}`;
}
