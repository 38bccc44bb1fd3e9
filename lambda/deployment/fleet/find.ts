import { type Result, STEPS } from '../../../lib/contract/cancellation';
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
  MAX_IN_FLIGHT,
  type OutcomeCounts,
} from '../../../lib/contract/fleet';
import { log } from '../../log';
import { InvalidRequestError } from '../../parse';
import { type FleetRequest, parseFleetRequest } from '../../parse-fleet';
import { afterRead, INITIAL_PROGRESS } from '../engine/decide';
import type { DecisionContext } from '../engine/decision-context';
import { TIMEOUT_RESERVE_MS } from '../engine/polling';
import { withResult } from '../engine/result';
import { type StepDependencies, time } from '../engine/run';
import { cancelBatch } from './batch';
import { NO_OUTCOMES } from './counts';
import type { FleetLister, Listed } from './fleet-lister';
import { listedItems, toItem } from './item';
import { displayNameOf, summarize } from './summarize';

export interface FindDependencies extends StepDependencies {
  /** @throws `InvalidRequestError` if the service lists no such fleet */
  readonly listerFor: (fleet: FoundFleet, settings: FleetRequest['settings']) => FleetLister | Promise<FleetLister>;
}

/** Finds and pins the deployments of a fleet that are in flight. Deployments that start later are not cancelled. */
export async function findFleet(event: FindEvent, deps: FindDependencies): Promise<FindResult> {
  try {
    const request = parseFleetRequest(event.request);
    const startedAt = time(event.startTime);
    const { fleet } = request;
    if (!('deployments' in fleet)) return await findListed(fleet, request, startedAt, deps);
    // The first step of a cancellation pins the deployment in flight, and cancels nothing.
    const batch: Batch = { next: STEPS.CANCEL, waitSeconds: 0, left: listedItems(fleet), counts: NO_OUTCOMES };
    const activeCount = batch.left.length;
    const { left, counts } = await cancelBatch({ ...event, fleetStep: FLEET_STEPS.CANCEL, activeCount, batch }, deps);
    return batched(left, counts, request);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    log('invalid-request', { errorName: error.name });
    return over(failure({ outcome: 'ERROR', reason: error.message }));
  }
}

async function findListed(
  fleet: FoundFleet,
  request: FleetRequest,
  startedAt: number,
  { clock, remaining, listerFor }: FindDependencies,
): Promise<FindResult> {
  const { settings } = request;
  const lister = await listerFor(fleet, settings);
  const { displayName, unavailableHint } = lister;
  const found = new Map<string, Listed>();
  let progress = INITIAL_PROGRESS;
  let from: string | undefined;
  for (;;) {
    const page = await lister.page(from);
    if (page.kind === 'page') {
      for (const listed of page.listed) found.set(listed.key, listed);
      from = page.next;
      progress = INITIAL_PROGRESS;
      if (from === undefined) return findResultOf([...found.values()], request);
      continue;
    }
    if (page.kind === 'error') log('list', { displayName, operation: page.action, errorName: page.errorName });
    const now = { now: clock.now(), random: clock.random() };
    const context: DecisionContext = { settings, displayName, unavailableHint, startedAt, ...now };
    progress = withResult(afterRead(progress, page, context), context);
    if (progress.result) return over(resultOf(fleet, progress.result));
    const wait = progress.waitSeconds * 1000;
    // The state machine waits whole seconds only.
    if (wait > remaining() - TIMEOUT_RESERVE_MS)
      return { next: STEPS.FIND, waitSeconds: Math.ceil(progress.waitSeconds) };
    await clock.sleep(wait);
  }
}

function findResultOf(found: readonly Listed[], request: FleetRequest): FindResult {
  const { fleet } = request;
  const inFlight = found.filter(({ phase }) => IN_FLIGHT.has(phase));
  const idle = found.length - inFlight.length;
  log('found', { kind: fleet.kind, displayName: displayNameOf(fleet), total: found.length, inFlight: inFlight.length });
  const counts: OutcomeCounts = idle === 0 ? NO_OUTCOMES : { ...NO_OUTCOMES, outcomes: { NOTHING_TO_CANCEL: idle } };
  if (inFlight.length > MAX_IN_FLIGHT) {
    const reason = `${inFlight.length} of the ${displayNameOf(fleet)} are in flight, and a fleet can hold ${MAX_IN_FLIGHT}: nothing was cancelled; cancel them by service, or in lists`;
    return over(failure({ outcome: 'ERROR', reason }));
  }
  return batched(inFlight.map(toItem), counts, request);
}

/** A deployment with an unknown status may be in flight. */
const IN_FLIGHT: ReadonlySet<Listed['phase']> = new Set(['IN_PROGRESS', 'CANCELLING', 'DELETING', 'UNKNOWN']);

/** @param counts the cancellations that have ended already; the first batch keeps them */
function batched(items: readonly FleetItem[], counts: OutcomeCounts, { fleet, concurrency }: FleetRequest): FindResult {
  if (items.length === 0) return over(summarize(fleet, [{ counts }]));
  const batches: Batch[] = [];
  for (let from = 0; from < items.length; from += BATCH_SIZE) {
    const left = items.slice(from, from + BATCH_SIZE);
    batches.push({ next: STEPS.CANCEL, waitSeconds: 0, left, counts: from === 0 ? counts : NO_OUTCOMES });
  }
  const activeCount = Math.min(items.length, concurrency * BATCH_SIZE);
  return { next: STEPS.CANCEL, batches, concurrency, activeCount };
}

function over(result: FleetResult): FindResult {
  return { next: STEPS.END, result };
}

/** Renders a search that found nothing: a failure, or, if the settings say so, a fleet without deployments. */
function resultOf(fleet: Fleet, { outcome, failed, reason }: Result): FleetResult {
  return failed ? failure({ outcome, reason }) : summarize(fleet, []);
}

function failure({ outcome, reason }: Pick<Result, 'outcome' | 'reason'>): FleetResult {
  return { outcome, failed: true, reason, attributes: {} };
}
