import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../lambda/clock';
import type { Caller } from '../lambda/deployment/engine/caller';
import { INITIAL_PROGRESS } from '../lambda/deployment/engine/decide';
import { run, type StepDependencies } from '../lambda/deployment/engine/run';
import type { AwsContext } from '../lambda/deployment/services/aws-context';
import { serviceFor } from '../lambda/deployment/services/registry';
import { type CancellationInput, type Progress, type Result, STEPS } from '../lib/contract/cancellation';

/** The command line: its permissions are not new, and its user waits. */
const CALLER: Caller = {
  principal: 'these credentials',
  failOn: '--fail-on',
  onNotFound: '--on-not-found',
  ignoreStartedBefore: 'the time of --ignore-started-before',
  deniedTimeoutMs: 10_000,
};

export interface CancelDependencies {
  readonly aws: AwsContext;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly log: NonNullable<StepDependencies['log']>;
  /** Called after each step that is not the last one. The cancellation stops if it returns false. */
  readonly mayContinue: (progress: Progress, before: Progress) => boolean | Promise<boolean>;
}

/**
 * Cancels a deployment step by step, as the state machine does.
 *
 * @param deploymentId the deployment to cancel; by default, the one that is in flight
 * @returns undefined if the cancellation was stopped
 * @throws the reason of the signal, once it is aborted
 */
export async function cancel(
  request: CancellationInput,
  deploymentId: string | undefined,
  { aws, signal, log, mayContinue }: CancelDependencies,
): Promise<Result | undefined> {
  const clock = interruptibleClock(signal);
  const startTime = new Date(clock.now()).toISOString();
  const { endpoint } = request.settings;
  const deps: StepDependencies = {
    clock,
    remaining: () => Number.POSITIVE_INFINITY,
    driverFor: async ({ deployment, settings }) =>
      (await serviceFor(deployment.kind)).connect(settings, aws).driverFor(deployment),
    endpoints: endpoint === undefined ? [] : [endpoint],
    caller: CALLER,
    log,
  };
  let progress: Progress = { ...INITIAL_PROGRESS, pinnedDeploymentId: deploymentId };
  for (;;) {
    const before = progress;
    progress = await run({ request, startTime, progress }, deps);
    signal.throwIfAborted();
    if (progress.next === STEPS.END) return progress.result;
    if (!(await mayContinue(progress, before))) return undefined;
    await clock.sleep(progress.waitSeconds * 1000);
  }
}

function interruptibleClock(signal: AbortSignal): Clock {
  return {
    ...systemClock,
    sleep: async (ms) => {
      await sleep(ms, undefined, { signal });
    },
  };
}
