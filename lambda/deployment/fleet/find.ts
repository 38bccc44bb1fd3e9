import { type Progress, type Result, STEPS } from '../../../lib/contract/cancellation';
import {
  BATCH_SIZE,
  type Batch,
  type FindEvent,
  type FindResult,
  FLEET_STEPS,
  type Fleet,
  type FleetItem,
  type FleetResult,
  type FoundFleet,
  MAX_BATCH_SIZE,
  MAX_BATCHES,
  type OutcomeCounts,
} from '../../../lib/contract/fleet';
import { log } from '../../log';
import { InvalidRequestError } from '../../parse';
import { type FleetRequest, parseFleetRequest } from '../../parse-fleet';
import { afterRead, INITIAL_PROGRESS } from '../engine/decide';
import type { DecisionContext } from '../engine/decision-context';
import { isOver } from '../engine/driver';
import { SECOND_READ_DELAY_MS, TIMEOUT_RESERVE_MS } from '../engine/polling';
import { withResult } from '../engine/result';
import { requireDeclared, type StepDependencies, time } from '../engine/run';
import { skipReason } from '../engine/skip';
import { timeLeft } from '../engine/wait';
import { cancelBatch } from './batch';
import { NO_OUTCOMES } from './counts';
import type { FleetLister, Listed } from './fleet-lister';
import { listedItems, toItem, withoutId } from './item';
import { pack, unpack } from './packed';
import { displayNameOf, summarize } from './summarize';

/** The length of the packed deployments of a fleet: a state has at most 256 KiB, with the batches and the input. */
const MAX_PACKED_LENGTH = 256 * 1024 - 15_000;

/** How much longer the packed text of a batch may become with the progress of one of its deployments. */
const PROGRESS_ROOM = 100;

export interface FindDependencies extends StepDependencies {
  /** @throws `InvalidRequestError` if the service lists no such fleet */
  readonly listerFor: (
    fleet: FoundFleet,
    settings: FleetRequest['settings'],
    ownStackId: FleetRequest['ownStackId'],
  ) => FleetLister | Promise<FleetLister>;
}

/** Finds and pins the deployments of a fleet that are in flight. Deployments that start later are not cancelled. */
export async function findFleet(event: FindEvent, deps: FindDependencies): Promise<FindResult> {
  try {
    const request = parseFleetRequest(event.request);
    requireDeclared(request.settings, deps);
    const startedAt = time(event.startTime);
    const { fleet } = request;
    if (!('deployments' in fleet)) return await findListed(fleet, request, startedAt, deps);
    // The first step of a cancellation pins the deployment in flight, and cancels nothing.
    const listed = listedItems(fleet);
    const activeCount = listed.length;
    const batch = batchOf(listed, activeCount, NO_OUTCOMES);
    const { packed, counts } = await cancelBatch({ ...event, fleetStep: FLEET_STEPS.CANCEL, activeCount, batch }, deps);
    return batched(unpack(packed), counts, request);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    log('invalid-request', { errorName: error.name });
    return over(failure({ outcome: 'ERROR', reason: error.message }));
  }
}

/** A deployment as it was listed, and whether no request came before the list. */
interface Found extends Listed {
  readonly isFirst: boolean;
}

async function findListed(
  fleet: FoundFleet,
  request: FleetRequest,
  startedAt: number,
  { clock, remaining, listerFor }: FindDependencies,
): Promise<FindResult> {
  const { settings } = request;
  const requestedAt = request.requestedAt === undefined ? undefined : Date.parse(request.requestedAt);
  const lister = await listerFor(fleet, settings, request.ownStackId);
  const { displayName, unavailableHint } = lister;
  const found = new Map<string, Found>();
  let progress: Progress = INITIAL_PROGRESS;
  let from: string | undefined;
  let isFirst = true;
  let isSecondList = false;
  let hasFailed = false;
  /** Whether the function has the time for another page after a wait. */
  const isTimeFor = (wait: number) => wait <= remaining() - TIMEOUT_RESERVE_MS;
  for (;;) {
    const page = await lister.page(from);
    const now = { now: clock.now(), random: clock.random() };
    const context: DecisionContext = { settings, displayName, unavailableHint, startedAt, requestedAt, ...now };
    let wait: number;
    if (page.kind === 'page') {
      for (const listed of page.listed) {
        // What the first list has in flight stays pinned: the second one may have a newer deployment.
        if (!mayBeInFlight(found.get(listed.key))) found.set(listed.key, { ...listed, isFirst });
      }
      from = page.next;
      progress = { ...INITIAL_PROGRESS, allowed: true };
      if (from !== undefined && isTimeFor(0)) continue;
      wait = Math.min(SECOND_READ_DELAY_MS, timeLeft(context));
      const all = [...found.values()];
      const isEveryInFlight = all.length > 0 && all.every(mayBeInFlight);
      const isComplete = from === undefined || isSecondList;
      // If no error has taken the time, another function has no more of it.
      const isTooLong = !hasFailed && !isTimeFor(wait);
      if (isSecondList || (isComplete && isEveryInFlight) || isTooLong || wait <= 0) {
        return isComplete ? findResultOf(all, request, context) : over(tooLong(fleet));
      }
      isSecondList = true;
    } else {
      hasFailed = true;
      if (page.kind === 'error') log('list', { displayName, operation: page.action, errorName: page.errorName });
      progress = withResult(afterRead(progress, page, context), context);
      if (progress.result) return over(resultOf(fleet, progress.result));
      wait = progress.waitSeconds * 1000;
    }
    isFirst = false;
    // The state machine waits whole seconds only.
    if (!isTimeFor(wait)) return { next: STEPS.FIND, waitSeconds: Math.ceil(wait / 1000) };
    await clock.sleep(wait);
  }
}

function findResultOf(found: readonly Found[], request: FleetRequest, context: DecisionContext): FindResult {
  const { fleet } = request;
  const inFlight = found.filter(mayBeInFlight);
  const idle = found.length - inFlight.length;
  log('found', { kind: fleet.kind, displayName: displayNameOf(fleet), total: found.length, inFlight: inFlight.length });
  const max = MAX_BATCHES * Math.min(MAX_BATCH_SIZE, request.concurrency * BATCH_SIZE);
  if (inFlight.length > max) {
    const reason = `${inFlight.length} of the ${displayNameOf(fleet)} are in flight, and a fleet can hold ${max} with a maxConcurrency of ${request.concurrency * BATCH_SIZE}: nothing was cancelled; cancel them by service, or in lists`;
    return over(failure({ outcome: 'ERROR', reason }));
  }
  const items = inFlight.flatMap((listed) =>
    skipReason(listed, context, listed.isFirst) ? [] : (toItem(listed) ?? []),
  );
  const skipped = inFlight.length - items.length;
  const outcomes = { ...(idle > 0 && { NOTHING_TO_CANCEL: idle }), ...(skipped > 0 && { SKIPPED: skipped }) };
  if (items.length > 0 && timeLeft(context) <= 0) {
    const reason = `${items.length} of the ${displayNameOf(fleet)} are in flight, but the timeout of ${request.settings.timeoutSeconds} s had passed when they were found: nothing was cancelled`;
    return over(failure({ outcome: 'TIMED_OUT', reason }));
  }
  return batched(items, { ...NO_OUTCOMES, outcomes }, request);
}

function mayBeInFlight(listed: Listed | undefined): boolean {
  return listed !== undefined && !isOver(listed.phase);
}

/** @param counts the cancellations that have ended already; the first batch keeps them */
function batched(items: readonly FleetItem[], counts: OutcomeCounts, request: FleetRequest): FindResult {
  const { fleet } = request;
  if (items.length === 0) return over(summarize(fleet, [{ counts }]));
  const atOnce = request.concurrency * BATCH_SIZE;
  // No batch waits for another one, whose function may hang.
  const maxActive = Math.min(Math.max(BATCH_SIZE, Math.ceil(items.length / MAX_BATCHES)), MAX_BATCH_SIZE, atOnce);
  const count = Math.min(Math.floor(atOnce / maxActive), Math.ceil(items.length / maxActive));
  const size = Math.ceil(items.length / count);
  const activeCount = Math.min(items.length, count * maxActive);
  // A start time pins a deployment as well as its ID, and takes less room.
  for (const shortened of [items, items.map(withoutId)]) {
    const batches = inBatches(shortened, { size, maxActive }, counts);
    const lengths = batches.map(({ packed }) => packed.length);
    const longest = Math.max(...lengths) + maxActive * PROGRESS_ROOM;
    if (Math.max(sum(lengths), longest) <= MAX_PACKED_LENGTH) return { next: STEPS.CANCEL, batches, activeCount };
  }
  const reason = `the names of ${items.length} of the ${displayNameOf(fleet)}, which are in flight, do not fit into the state of an execution: nothing was cancelled; cancel them in lists`;
  return over(failure({ outcome: 'ERROR', reason }));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}

function inBatches(
  items: readonly FleetItem[],
  { size, maxActive }: { readonly size: number; readonly maxActive: number },
  counts: OutcomeCounts,
): Batch[] {
  const batches: Batch[] = [];
  for (let from = 0; from < items.length; from += size) {
    batches.push(batchOf(items.slice(from, from + size), maxActive, from === 0 ? counts : NO_OUTCOMES));
  }
  return batches;
}

function batchOf(items: readonly FleetItem[], maxActive: number, counts: OutcomeCounts): Batch {
  return { next: STEPS.CANCEL, waitSeconds: 0, packed: pack(items), left: items.length, maxActive, counts };
}

function over(result: FleetResult): FindResult {
  return { next: STEPS.END, result };
}

/** Renders a search that found nothing: a failure, or, if the settings say so, a fleet without deployments. */
function resultOf(fleet: Fleet, { outcome, failed, reason }: Result): FleetResult {
  return failed ? failure({ outcome, reason }) : summarize(fleet, []);
}

function tooLong(fleet: Fleet): FleetResult {
  const reason = `the list of the ${displayNameOf(fleet)} does not end in the time of one function: nothing was cancelled; cancel them in lists`;
  return failure({ outcome: 'ERROR', reason });
}

function failure({ outcome, reason }: Pick<Result, 'outcome' | 'reason'>): FleetResult {
  return { outcome, failed: true, reason, attributes: {} };
}
