import type { CloudFormationRequest } from '../../lib/contract/cancellation';
import { log } from '../log';
import { attemptsUntil, retryDelay } from '../retry';
import { type Dependencies, tryDelete, tryPut } from './dependencies';
import type { ResourceType } from './resource-types';

/** The resource that gets a response, and its request. */
export interface Requester {
  readonly resourceType: ResourceType;
  readonly identity: CloudFormationRequest;
}

/** Where a response is sent, and for whom. */
export interface ResponseTarget {
  /** A secret: no log line, error or input of an execution repeats it. */
  readonly url: string;
  readonly requester: Requester;
  /** The execution for whose request this is: the key of what is stored about the response. */
  readonly executionName: string;
  /** Whether the URL is stored for the execution. */
  readonly isStored: boolean;
  /** The body of a response that could not be delivered earlier. It is sent again unchanged. */
  readonly undeliveredBody?: string;
}

/** What is stored about the request of an execution: the target of its response, or why it needs no response. */
export type StoredTarget =
  | { readonly state: 'open'; readonly target: ResponseTarget }
  /** A response was sent, or a later request has withdrawn this one. */
  | { readonly state: Mark }
  /** Nothing was found, for as long as a stored target may stay invisible. */
  | { readonly state: 'missing' };

/** A mark takes the place of a target. It holds no secret. */
export type Mark = 'answered' | 'withdrawn';

type Store = Pick<Dependencies, 'responseTargets'>;

/** The stored form of an open target. */
interface OpenRecord {
  readonly url: string;
  readonly requester: Requester;
  /** Whether a body is stored that could not be delivered. */
  readonly undelivered?: true;
}

type StoredRecord = OpenRecord | { readonly mark: Mark };

/** Stores the target of an execution. False if something is stored for it already. */
export function openResponseTarget(
  { executionName, url, requester }: ResponseTarget,
  { responseTargets }: Store,
): Promise<boolean> {
  return responseTargets.create(executionName, JSON.stringify({ url, requester } satisfies OpenRecord));
}

/** Reads what is stored for an execution. Reads again while nothing is found: the target may be too new to be visible. */
export async function findResponseTarget(executionName: string, deps: Dependencies): Promise<StoredTarget> {
  const text = await getVisible(executionName, deps);
  if (text === undefined) return { state: 'missing' };
  const record = JSON.parse(text) as StoredRecord;
  if ('mark' in record) return { state: record.mark };
  const { url, requester, undelivered } = record;
  const undeliveredBody = undelivered && (await getVisible(bodyKey(executionName), deps));
  return { state: 'open', target: { url, requester, executionName, isStored: true, undeliveredBody } };
}

/** Reads the mark of an execution; undefined if there is none, or none is visible. */
export async function findMark(executionName: string, { responseTargets }: Store): Promise<Mark | undefined> {
  const text = await responseTargets.get(executionName);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as StoredRecord;
  return 'mark' in record ? record.mark : undefined;
}

async function getVisible(key: string, { responseTargets, clock, budget }: Dependencies): Promise<string | undefined> {
  const since = clock.now();
  const until = attemptsUntil(budget, since);
  for (let attempt = 1; ; attempt++) {
    const text = await responseTargets.get(key);
    if (text !== undefined) return text;
    const failed = { attempt, since, now: clock.now(), until, isAnyCallAllowed: true, random: clock.random() };
    const delay = retryDelay({ kind: 'not-visible', ...failed });
    if (delay === undefined) return undefined;
    log('parameter-not-visible', { key, attempt });
    await clock.sleep(delay);
  }
}

/** Reads the body that could not be delivered for a request without an execution. */
export function findUndeliveredBody(executionName: string, { responseTargets }: Store): Promise<string | undefined> {
  return responseTargets.get(bodyKey(executionName));
}

/** Keeps a body that may or may not have been delivered, so that the next attempt sends the same one. */
export async function keepUndeliveredBody(target: ResponseTarget, body: string, { responseTargets }: Store) {
  const { executionName, url, requester, isStored } = target;
  const kept = await tryPut(responseTargets, bodyKey(executionName), body);
  if (!kept || !isStored) return;
  const record: OpenRecord = { url, requester, undelivered: true };
  await tryPut(responseTargets, executionName, JSON.stringify(record));
}

/** How long it is tried to put a mark, in milliseconds. It is shorter than `MARK_WAIT`, so that the URL is gone by then. */
const MARK_PATIENCE = 20_000;

/** How long to wait for a mark that may just be put, or may not be visible yet, in milliseconds. */
export const MARK_WAIT = 30_000;

/** Puts a mark in the place of the target. The handler of the end of the execution deletes it. */
export async function markResponseTarget(executionName: string, mark: Mark, { responseTargets }: Store) {
  const record: StoredRecord = { mark };
  const marked = await tryPut(responseTargets, executionName, JSON.stringify(record), MARK_PATIENCE);
  if (marked) log('response-target-marked', { executionName, mark });
  // Without a mark, at least the URL must go.
  else await tryDelete(responseTargets, executionName);
}

/** Deletes what is stored for an execution: nobody will read it any more. */
export async function deleteResponseTarget(executionName: string, { responseTargets }: Store): Promise<void> {
  await tryDelete(responseTargets, executionName);
}

export async function deleteUndeliveredBody(executionName: string, { responseTargets }: Store): Promise<void> {
  await tryDelete(responseTargets, bodyKey(executionName));
}

function bodyKey(executionName: string): string {
  return `${executionName}.response`;
}
