import {
  CONTRACT_VERSION,
  DEPLOYMENT_ENDED,
  type Outcome,
  type Progress,
  STEPS,
} from '../../../lib/contract/cancellation';
import { BATCH_SIZE, type Batch, type BatchEvent, type FleetItem } from '../../../lib/contract/fleet';
import { displayNameOf } from '../../../lib/deployments/kinds';
import { errorName, log } from '../../log';
import { parseFleetRequest } from '../../parse-fleet';
import { BATCH_GRACE_MS, fleetLoad, isLoaded, spreadCall, TIMEOUT_RESERVE_MS } from '../engine/polling';
import { withResult } from '../engine/result';
import { run, type StepDependencies } from '../engine/run';
import { addOutcome } from './counts';
import { deploymentOf, initialProgress, nameOf } from './item';
import { pack, unpack } from './packed';

type Opened = Exclude<FleetItem, string>;

/**
 * Takes the cancellations of a batch one step further: the first `maxActive` of them, in parallel and independent of each
 * other. The others wait until one of these has ended, and end as well when the timeout has passed.
 *
 * As soon as one has progress that the state machine must keep, or has ended while others wait for their turn, the rest stop
 * at their next wait, and all go on with the next step.
 */
export async function cancelBatch(event: BatchEvent, deps: StepDependencies): Promise<Batch> {
  const { request, startTime, activeCount, batch } = event;
  const { fleet, settings, concurrency, requestedAt } = parseFleetRequest(request);
  const { clock } = deps;
  const timeout = settings.timeoutSeconds * 1000;
  const startedAt = Date.parse(startTime);
  const items = unpack(batch.packed);
  const waiting = items.slice(batch.maxActive);
  const load = fleetLoad(deps.load ?? {}, concurrency, activeCount);
  let leaveBy = Number.POSITIVE_INFINITY;
  const remaining = () => Math.min(deps.remaining(), leaveBy + TIMEOUT_RESERVE_MS - clock.now());

  async function advance(item: FleetItem): Promise<Opened> {
    const { key, progress, nextPollAt } = open(item);
    const wait = nextPollAt - clock.now();
    if (wait > 0) await clock.sleep(wait);
    const after = await step(key, progress);
    if (after.next !== STEPS.END || waiting.length > 0) leaveBy = Math.min(leaveBy, clock.now() + BATCH_GRACE_MS);
    return { key, progress: after, nextPollAt: clock.now() + after.waitSeconds * 1000 };
  }

  function open(item: FleetItem): Opened {
    if (typeof item !== 'string') return item;
    const delay = spreadCall(activeCount, timeout, clock.random());
    return { ...initialProgress(item), nextPollAt: clock.now() + delay };
  }

  /** An error of one cancellation is the result of that one, and does not affect the others. */
  async function step(key: string, progress: Progress): Promise<Progress> {
    try {
      const own = { contractVersion: CONTRACT_VERSION, deployment: deploymentOf(fleet, key), settings, requestedAt };
      return await run({ request: own, startTime, progress }, { ...deps, remaining, load, inFleet: true });
    } catch (error) {
      const name = errorName(error);
      const outcome = 'ERROR';
      logFailure(key, { outcome, errorName: name });
      const reason = `its cancellation failed with ${name}; look into the log of the deployment function`;
      return { ...progress, next: STEPS.END, result: { outcome, failed: true, reason, attributes: {} } };
    }
  }

  /** Logs the end of a cancellation that `run` has not ended, as `run` does. */
  function logFailure(key: string, failure: { readonly outcome: Outcome; readonly errorName?: string }): void {
    const deployment = deploymentOf(fleet, key);
    const subject = { kind: deployment.kind, displayName: displayNameOf(deployment) };
    log(DEPLOYMENT_ENDED, { ...subject, ...failure, failed: true, durationMs: clock.now() - startedAt });
  }

  /** Ends a cancellation whose turn has not come before the timeout. A read of each would take longer than CloudFormation waits. */
  function timedOut(item: FleetItem): Opened {
    const { key, progress, nextPollAt } = open(item);
    const displayName = displayNameOf(deploymentOf(fleet, key));
    const context = { settings, displayName, unavailableHint: '', startedAt, now: clock.now(), random: 0 };
    const outcome = 'TIMED_OUT';
    logFailure(key, { outcome });
    return { key, progress: withResult({ outcome, progress, read: undefined }, context), nextPollAt };
  }

  /** Returns how long the state machine waits, and when each deployment is read after that. */
  function scheduled(items: readonly FleetItem[]): { readonly active: readonly FleetItem[]; readonly wait: number } {
    const now = clock.now();
    const waits = items.map((item) => (typeof item === 'string' ? 0 : Math.max(0, item.nextPollAt - now)));
    // Among few invocations, one waits for the rest of its batch.
    if (!isLoaded(load)) return { active: items, wait: Math.min(...waits) };
    const last = Math.max(0, ...waits);
    if (items.length <= BATCH_SIZE) return { active: items, wait: last };
    // The reads of a large batch are spread, or the batches together would exceed the rate of the service.
    const wait = Math.max(0, last - spreadCall(activeCount, timeout, 1));
    const nextPollAt = () => now + wait + spreadCall(activeCount, timeout, clock.random());
    const active = items.map((item) => (typeof item === 'string' ? item : { ...item, nextPollAt: nextPollAt() }));
    return { active, wait };
  }

  const advanced = await Promise.all(items.slice(0, batch.maxActive).map(advance));
  const hasTimedOut = clock.now() >= startedAt + timeout;
  let { counts } = batch;
  for (const { key, progress } of [...advanced, ...(hasTimedOut ? waiting.map(timedOut) : [])]) {
    if (progress.result) counts = addOutcome(counts, nameOf(fleet, key), progress.result);
  }
  const left = [...advanced.filter(({ progress }) => !progress.result), ...(hasTimedOut ? [] : waiting)];
  const { active, wait } = scheduled(left.slice(0, batch.maxActive));
  return {
    ...batch,
    next: left.length > 0 ? STEPS.CANCEL : STEPS.END,
    // The state machine waits whole seconds only. The next step waits for the rest.
    waitSeconds: left.length > 0 ? Math.floor(wait / 1000) : 0,
    packed: pack([...active, ...left.slice(batch.maxActive)]),
    left: left.length,
    counts,
  };
}
