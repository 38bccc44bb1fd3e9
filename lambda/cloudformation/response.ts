import { ATTRIBUTES, type CloudFormationRequest } from '../../lib/contract/cancellation';

/** The limit of CloudFormation for the body of a response. */
export const MAX_RESPONSE_BYTES = 4096;

/** The attributes of the resource, by name. */
export type ResponseAttributes = Readonly<Partial<Record<string, string>>>;

/** The result of a request. */
export type CustomResourceResponse =
  | { readonly status: 'SUCCESS'; readonly attributes: ResponseAttributes }
  | { readonly status: 'FAILED'; readonly reason: string; readonly attributes: ResponseAttributes };

/** The limit for the cause in a reason, in bytes. A longer cause is cut, so the link behind it stays visible. */
const MAX_CAUSE = 1024;

/** The limit for a reason, in bytes: the longest cause and a link fit. It always leaves room for attributes. */
const MAX_REASON = 1536;

/** Appends a link to the execution to the cause. Only the cause is ever cut. */
export function formatReason(cause: string, executionArn: string): string {
  return `${cut(plain(cause), MAX_CAUSE)}; see ${executionUrl(executionArn)}`;
}

/** The body that CloudFormation expects. */
interface Body extends Omit<CloudFormationRequest, 'guard'> {
  readonly Status: CustomResourceResponse['status'];
  readonly Reason: string;
  readonly Data: Readonly<Record<string, string>>;
}

/**
 * Renders the body of a response, never over the limit: the longest attributes are cut until it fits. Every attribute is
 * present, and empty if it is unknown, because CloudFormation fails a stack that reads a missing attribute.
 *
 * @param attributeNames the names of all attributes of the resource type
 */
export function renderResponse(
  { guard, ...request }: CloudFormationRequest,
  response: CustomResourceResponse,
  attributeNames: readonly string[] = ATTRIBUTES,
): string {
  const Reason = response.status === 'FAILED' ? cut(plain(response.reason), MAX_REASON) : '';
  const texts = attributeNames.map((name) => [name, plain(response.attributes[name] ?? '')] as const);
  const body = (limit: number): string => {
    const Data = Object.fromEntries(texts.map(([name, text]) => [name, cut(text, limit)]));
    return JSON.stringify({ ...request, Status: response.status, Reason, Data } satisfies Body);
  };
  const room = MAX_RESPONSE_BYTES - Buffer.byteLength(body(0));
  const sizes = texts.map(([, text]) => size(text));
  let limit = MAX_RESPONSE_BYTES;
  while (limit > 0 && sizes.reduce((sum, size) => sum + Math.min(size, limit), 0) > room) limit--;
  return body(limit);
}

/** The size of a text in JSON, where one character takes up to six bytes. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/** Cuts a text to a number of bytes in JSON, never in the middle of a character. */
function cut(text: string, bytes: number): string {
  if (size(text) <= bytes) return text;
  let kept = '';
  let used = size(ELLIPSIS);
  for (const character of text) {
    used += size(character);
    if (used > bytes) break;
    kept += character;
  }
  return kept === '' ? '' : `${kept}${ELLIPSIS}`;
}

const ELLIPSIS = '…';

/** Puts a text on one line, without characters that are invalid in XML, which CloudFormation's API uses. */
function plain(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cs}]+/gu, ' ').trim();
}

const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The URL of an execution in the console. */
function executionUrl(arn: string): string {
  const [, partition = 'aws', , region = ''] = arn.split(':');
  const host = CONSOLES[partition] ?? `${region}.console.aws.amazon.com`;
  return `https://${host}/states/home?region=${region}#/v2/executions/details/${arn}`;
}
