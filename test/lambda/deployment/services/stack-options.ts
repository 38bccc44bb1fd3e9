import { Consistency } from '../../../../emulator/core/consistency';
import type { Fault } from '../../../../emulator/core/http-server';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import { keyedRandom, seededRandom } from '../../../../emulator/core/seeded-random';
import type { SimulatedStack, SimulatedStacks } from '../../../../emulator/services/cloudformation/simulated-stacks';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { service } from '../../../../lambda/deployment/services/cloudformation';
import type { HeldClock } from '../../../emulator/serve-service';
import { runStacks } from '../../../emulator/services/cloudformation/simulated-stacks';
import { runToEnd } from '../run-to-end';

export const SKIP_SERVICE = { onRollbackFailed: 'continue', resourcesToSkip: ['Service'] };
export const CONTINUE = { onRollbackFailed: 'continue' };
export const DELETE = { deleteOnCreate: true };

/** An update whose rollback fails a minute after it is cancelled. */
export const ROLLBACK_FAILS: SimulatedStack = {
  name: 'web',
  updates: [
    {
      at: -2 * MINUTES,
      steps: [{ after: 25 * MINUTES, status: 'UPDATE_COMPLETE' }],
      onCancel: { steps: [{ after: MINUTES, status: 'UPDATE_ROLLBACK_FAILED' }] },
    },
  ],
};

/** A creation that completes, or fails, some time after the start. */
export function creating(endsAfter = 25 * MINUTES, change: Partial<SimulatedStack> = {}): SimulatedStack {
  const steps = [{ after: 2 * MINUTES + endsAfter, status: 'CREATE_COMPLETE' }] as const;
  return { name: 'web', updates: [{ at: -2 * MINUTES, status: 'CREATE_IN_PROGRESS', steps }], ...change };
}

/** Reads that are up to a few seconds behind, each by its own time. */
export function eventual(seed: number): Consistency {
  return new Consistency('eventual', keyedRandom(seededRandom(seed)));
}

interface Options {
  readonly rules?: readonly FaultRule[];
  readonly consistency?: Consistency;
  readonly attempts?: number;
  readonly otherFields?: object;
  /** Called before the first step. */
  readonly others?: (simulated: SimulatedStacks, clock: HeldClock) => void;
}

/** Cancels with these options, and returns the requests that the stacks have accepted. */
export async function cancelWith(
  stack: SimulatedStack,
  options: object,
  { rules, consistency, attempts, otherFields, others }: Options = {},
) {
  const { clock, simulated, url } = await runStacks([stack], rules, consistency);
  others?.(simulated, clock);
  const pinned = simulated.resources[0]?.deployments.at(-1)?.id;
  const deployment = { kind: 'cloudformation-stack-update', identifiers: { stackName: 'web' }, options };
  const { result } = await runToEnd({ clock, url, deployment, otherFields, service, attempts });
  // What was requested has time to happen.
  await clock.pass(2 * MINUTES);
  const [{ id: stackId, deployments }] = simulated.resources as [(typeof simulated.resources)[number]];
  const { acceptedRequests: requests, acceptedCancels: cancels } = simulated;
  return { result, pinned, requests, cancels, stackId, status: deployments.at(-1)?.status };
}

export const LAG = 3 * SECONDS;

export const faultOf = (operation: string, fault: Fault, to = 1) => [
  { service: 'cloudformation', operation, to, fault },
];
