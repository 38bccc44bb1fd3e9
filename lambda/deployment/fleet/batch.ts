import { CONTRACT_VERSION, ENDED, type Progress, STEPS } from '../../../lib/contract/cancellation';
import type { Batch, BatchEvent, Fleet, Member, Tally } from '../../../lib/contract/fleet';
import { errorName, log } from '../../log';
import { parseFleetRequest } from '../../parse-fleet';
import { firstCall, GRACE, RESERVE } from '../engine/polling';
import { run, type Surroundings } from '../engine/run';
import { add } from './counts';
import { beginningOf, deploymentOf, nameOf } from './item';

type Opened = Exclude<Member, string>;

/**
 * Takes the cancellations of a batch one step further, all at the same time, each as if it were the only one.
 *
 * As soon as one of them has something that the state machine must keep before it can go on, the others come to a stop
 * where they would wait, and all go on with the next step.
 */
export async function cancelBatch(event: BatchEvent, surroundings: Omit<Surroundings, 'crowd'>): Promise<Batch> {
  const { request, startTime, crowd, batch } = event;
  const { fleet, policy } = parseFleetRequest(request);
  const { clock } = surroundings;
  let leaveBy = Number.POSITIVE_INFINITY;
  const remaining = () => Math.min(surroundings.remaining(), leaveBy + RESERVE - clock.now());

  async function advance(member: Member): Promise<Opened> {
    const { key, progress, notBefore } = open(member);
    const wait = notBefore - clock.now();
    if (wait > 0) await clock.sleep(wait);
    const after = await step(key, progress);
    if (after.next !== STEPS.END) leaveBy = Math.min(leaveBy, clock.now() + GRACE);
    return { key, progress: after, notBefore: clock.now() + after.waitSeconds * 1000 };
  }

  function open(member: Member): Opened {
    if (typeof member !== 'string') return member;
    const delay = firstCall(crowd, policy.timeoutSeconds * 1000, clock.random());
    return { ...beginningOf(member), notBefore: clock.now() + delay };
  }

  /** What goes wrong with one is its own result, and not the others'. */
  async function step(key: string, progress: Progress): Promise<Progress> {
    try {
      const own = { contractVersion: CONTRACT_VERSION, deployment: deploymentOf(fleet, key), policy };
      return await run({ request: own, startTime, progress }, { ...surroundings, remaining, crowd });
    } catch (error) {
      log(ENDED, {
        kind: fleet.kind,
        subject: nameOf(fleet, key),
        outcome: 'ERROR',
        failed: true,
        errorName: errorName(error),
        durationMs: clock.now() - Date.parse(startTime),
      });
      const reason = `its cancellation failed with ${errorName(error)}; look into the log of the deployment function`;
      return { ...progress, next: STEPS.END, result: { outcome: 'ERROR', failed: true, reason, attributes: {} } };
    }
  }

  const advanced = await Promise.all(batch.left.map(advance));
  const left = advanced.filter(({ progress }) => !progress.result);
  const waits = left.map(({ notBefore }) => Math.max(0, notBefore - clock.now()));
  return {
    next: left.length > 0 ? STEPS.CANCEL : STEPS.END,
    // The state machine waits whole seconds only; what is left of the wait of one is waited for by the next step.
    waitSeconds: left.length > 0 ? Math.floor(Math.min(...waits) / 1000) : 0,
    left,
    tally: tallyOf(batch.tally, fleet, advanced),
  };
}

function tallyOf(tally: Tally, fleet: Fleet, advanced: readonly Opened[]): Tally {
  return advanced.reduce(
    (sum, { key, progress: { result } }) => (result ? add(sum, nameOf(fleet, key), result) : sum),
    tally,
  );
}
