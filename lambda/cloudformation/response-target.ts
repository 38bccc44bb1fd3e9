import { type Dependencies, tryDelete, tryPut } from './dependencies';

/** Where a response is sent. */
export interface ResponseTarget {
  /** A secret: no log line, error or input of an execution repeats it. */
  readonly url: string;
  /** The execution that the URL is stored for; undefined if the URL is only in the event. */
  readonly executionName?: string;
  /** The body of a response that could not be delivered earlier. It is sent again unchanged. */
  readonly undeliveredBody?: string;
}

type Store = Pick<Dependencies, 'responseUrls'>;

/** Reads the target of an execution; undefined if its response was sent, or nobody waits for it any more. */
export async function findResponseTarget(
  executionName: string,
  { responseUrls }: Store,
): Promise<ResponseTarget | undefined> {
  const url = await responseUrls.get(executionName);
  return url === undefined ? undefined : { url, executionName };
}

/** Reads the body that an execution could not deliver. */
export function findUndeliveredBody(executionName: string, { responseUrls }: Store): Promise<string | undefined> {
  return responseUrls.get(undeliveredBodyKey(executionName));
}

/** Keeps a body for the next attempt. A target that is only in the event has none: Lambda delivers the event again. */
export async function keepUndeliveredBody(
  { executionName }: ResponseTarget,
  body: string,
  { responseUrls }: Store,
): Promise<void> {
  if (executionName !== undefined) await tryPut(responseUrls, undeliveredBodyKey(executionName), body);
}

/** Closes the target of an execution: no response is sent to it from now on. */
export async function closeResponseTarget(executionName: string, { responseUrls }: Store): Promise<void> {
  // May fail: when a guard is deleted, CloudFormation may have removed the permission already.
  await tryDelete(responseUrls, executionName);
  await tryDelete(responseUrls, undeliveredBodyKey(executionName));
}

function undeliveredBodyKey(executionName: string): string {
  return `${executionName}.response`;
}
