import { surroundingOf } from '../../../lambda/deployment/aws';
import { cloudFormationDriver } from '../../../lambda/deployment/cloudformation';
import { run } from '../../../lambda/deployment/run';
import { CONTRACT_VERSION, type Outcome, type Progress } from '../../../lib/contract';
import type { PlannedStack } from '../../../local/cloudformation/planned-stacks';
import { stackScenario } from '../../../local/cloudformation/scenarios';
import type { FaultRule, ScenarioName } from '../../../local/scenarios';
import { runStacks } from '../../local/cloudformation/planned';

const SURROUNDING = surroundingOf({
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment',
});

export interface End {
  readonly outcome: Outcome;
  readonly deploymentStatus: string;
  readonly failed?: true;
  /** Which update the service has cancelled, or begun to: the one that was in flight at first, or a newer one. */
  readonly hit?: 'pinned' | 'newer';
}

export const ENDS: Readonly<Record<ScenarioName, End>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'UPDATE_ROLLBACK_FAILED', hit: 'pinned' },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'UPDATE_COMPLETE', hit: 'pinned' },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'UPDATE_COMPLETE' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'UPDATE_COMPLETE' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  superseded: { outcome: 'SUPERSEDED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
  // What cannot be closed from outside: the service is told the stack, and not which update.
  overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'UPDATE_COMPLETE', hit: 'newer' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'DELETE_COMPLETE', hit: 'pinned' },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UPDATE_IN_PROGRESS', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'UPDATE_ROLLBACK_IN_PROGRESS', failed: true, hit: 'pinned' },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE', hit: 'pinned' },
};

/** Takes the cancellation of a scenario from step to step, as the state machine does. */
export function cancelScenario(name: ScenarioName, change: Partial<PlannedStack> = {}, policy: object = {}) {
  const { stacks, faults } = stackScenario(name);
  const changed = stacks.map((stack) => ({ ...stack, ...change }));
  return cancelUpdate(changed, faults, { policy });
}

interface Asked {
  readonly policy?: object;
  readonly more?: object;
}

export async function cancelUpdate(
  stacks: readonly PlannedStack[],
  faults: readonly FaultRule[] = [],
  { policy = {}, more = {} }: Asked = {},
) {
  const { clock, world, url } = await runStacks(stacks, faults);
  const request = {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind: 'cloudformation-stack-update', names: { stackName: 'web' } },
    policy: { timeoutSeconds: 1800, endpoint: url, ...policy },
    ...more,
  };
  const pinned = world.resources[0]?.deployments.at(-1)?.id;
  const startTime = new Date(clock.now()).toISOString();
  let progress: Progress | undefined;
  while (!progress?.result) {
    progress = await run(
      { request, startTime, progress },
      {
        clock: { now: () => clock.now(), sleep: (ms) => clock.pass(ms), random: () => 0.5 },
        remaining: () => 300_000,
        driverFor: ({ deployment, policy: parsed }) => cloudFormationDriver(deployment, parsed, SURROUNDING),
      },
    );
    await clock.pass(progress.waitSeconds * 1000);
  }
  const hits = world.acceptedCancels.map(({ deploymentId }) => (deploymentId === pinned ? 'pinned' : 'newer'));
  return { result: progress.result, pinned, hits, world };
}
