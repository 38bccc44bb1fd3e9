import { type Result, STEPS } from '../../../lib/contract/cancellation';
import {
  BATCH_SIZE,
  type Batch,
  type FindEvent,
  FLEET_STEPS,
  type Fleet,
  type FleetResult,
  MAX_IN_FLIGHT,
  type Member,
  type Search,
  type Tally,
} from '../../../lib/contract/fleet';
import { log } from '../../log';
import { InvalidRequest } from '../../parse';
import { type FleetRequest, parseFleetRequest } from '../../parse-fleet';
import { afterLook, BEGINNING } from '../engine/decide';
import type { Circumstances } from '../engine/decision-context';
import { RESERVE } from '../engine/polling';
import { type Surroundings, time } from '../engine/run';
import { cancelBatch } from './batch';
import { NOTHING } from './counts';
import type { FoundFleet, Listed, Roster } from './fleet-lister';
import { listedMembers, memberOf } from './item';
import { subjectOf, summarise } from './summarize';

export interface FindSurroundings extends Surroundings {
  /** @throws `InvalidRequest` if it cannot be found here */
  readonly rosterFor: (fleet: FoundFleet, policy: FleetRequest['policy']) => Roster;
}

/** Finds what of a fleet is in flight, and pins it. What starts later is none of its business. */
export async function findFleet(event: FindEvent, surroundings: FindSurroundings): Promise<Search> {
  let request: FleetRequest;
  let startedAt: number;
  try {
    request = parseFleetRequest(event.request);
    startedAt = time(event.startTime);
  } catch (error) {
    return invalid(error);
  }
  const { fleet, policy } = request;
  if (fleet.kind === 'list') {
    // The first step of a cancellation is to pin what is in flight, and cancels nothing.
    const batch: Batch = { next: STEPS.CANCEL, waitSeconds: 0, left: listedMembers(fleet), tally: NOTHING };
    const crowd = batch.left.length;
    const { left, tally } = await cancelBatch({ ...event, fleetStep: FLEET_STEPS.CANCEL, crowd, batch }, surroundings);
    return batched(left, tally, request);
  }

  const { clock, remaining } = surroundings;
  let roster: Roster;
  try {
    roster = surroundings.rosterFor(fleet, policy);
  } catch (error) {
    return invalid(error);
  }
  const { subject, unavailableHint } = roster;
  const circumstances = (): Circumstances => {
    return { policy, subject, unavailableHint, startedAt, now: clock.now(), random: clock.random() };
  };
  const found = new Map<string, Listed>();
  let progress = BEGINNING;
  let from: string | undefined;
  for (;;) {
    const answer = await roster.page(from);
    if (answer.kind === 'page') {
      for (const listed of answer.listed) found.set(listed.key, listed);
      from = answer.next;
      progress = BEGINNING;
      if (from === undefined) return searched([...found.values()], request);
      continue;
    }
    if (answer.kind === 'trouble') log('list', { subject, operation: answer.action, errorName: answer.errorName });
    progress = afterLook(progress, answer, circumstances());
    if (progress.result) return over(resultOf(fleet, progress.result));
    const wait = progress.waitSeconds * 1000;
    // The state machine waits whole seconds only.
    if (wait > remaining() - RESERVE) return { next: STEPS.FIND, waitSeconds: Math.ceil(progress.waitSeconds) };
    await clock.sleep(wait);
  }
}

function searched(found: readonly Listed[], request: FleetRequest): Search {
  const { fleet } = request;
  const inFlight = found.filter(({ phase }) => IN_FLIGHT.has(phase));
  const idle = found.length - inFlight.length;
  log('found', { kind: fleet.kind, subject: subjectOf(fleet), total: found.length, inFlight: inFlight.length });
  const tally: Tally = idle === 0 ? NOTHING : { ...NOTHING, outcomes: { NOTHING_TO_CANCEL: idle } };
  if (inFlight.length > MAX_IN_FLIGHT) {
    const reason = `${inFlight.length} of the ${subjectOf(fleet)} are in flight, and a fleet can hold ${MAX_IN_FLIGHT}: nothing was cancelled; cancel them by service, or in lists`;
    return over(failure({ outcome: 'ERROR', reason }));
  }
  return batched(inFlight.map(memberOf), tally, request);
}

/** What is not known to be over may be in flight. */
const IN_FLIGHT: ReadonlySet<Listed['phase']> = new Set(['IN_PROGRESS', 'CANCELLING', 'DELETING', 'UNKNOWN']);

/** @param tally of what is over already; the first batch takes it along */
function batched(members: readonly Member[], tally: Tally, { fleet, concurrency }: FleetRequest): Search {
  if (members.length === 0) return over(summarise(fleet, [{ tally }]));
  const batches: Batch[] = [];
  for (let from = 0; from < members.length; from += BATCH_SIZE) {
    const left = members.slice(from, from + BATCH_SIZE);
    batches.push({ next: STEPS.CANCEL, waitSeconds: 0, left, tally: from === 0 ? tally : NOTHING });
  }
  const crowd = Math.min(members.length, concurrency * BATCH_SIZE);
  return { next: STEPS.CANCEL, batches, concurrency, crowd };
}

/** Nothing was called, and nothing will be. */
function invalid(error: unknown): Search {
  if (!(error instanceof InvalidRequest)) throw error;
  log('invalid-request', { errorName: error.name });
  return over(failure({ outcome: 'ERROR', reason: error.message }));
}

function over(result: FleetResult): Search {
  return { next: STEPS.END, result };
}

/** Nothing was found: a failure, or a fleet without deployments if the policy says so. */
function resultOf(fleet: Fleet, { outcome, failed, reason }: Result): FleetResult {
  return failed ? failure({ outcome, reason }) : summarise(fleet, []);
}

function failure({ outcome, reason }: Pick<Result, 'outcome' | 'reason'>): FleetResult {
  return { outcome, failed: true, reason, attributes: {} };
}
