import { surroundingOf } from '../../../lambda/deployment/aws';
import { codePipelineDriver } from '../../../lambda/deployment/codepipeline';
import { run } from '../../../lambda/deployment/run';
import { CONTRACT_VERSION, type Outcome, type Progress, type StepEvent } from '../../../lib/contract';
import { CODEPIPELINE_STAGE } from '../../../local/codepipeline/scenarios';
import type { FaultRule, ScenarioName } from '../../../local/scenarios';
import type { Populate } from '../../../local/service';
import { runCodePipeline, stopAll } from '../../local/codepipeline/harness';

const SURROUNDING = surroundingOf({
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment',
});
export const NAMES = { pipelineName: 'release', abandon: 'false' };

export interface End {
  readonly outcome: Outcome;
  readonly deploymentStatus: string;
  readonly failed?: true;
  /** The execution that was in flight at first has been stopped, once; no other one ever is. */
  readonly hit?: true;
}

export const ENDS: Readonly<Record<ScenarioName, End>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'Failed', hit: true },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded', hit: true },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'Succeeded' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'Stopped' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'InProgress', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'InProgress', failed: true },
  // The pinned one is looked at by its id, whatever comes after it.
  superseded: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
  // The stop names the pinned one, so the newer one is not hit.
  overtaken: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'Succeeded' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'UNKNOWN', hit: true },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'Stopping', failed: true, hit: true },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'Stopped', hit: true },
};

/** Has the clients find credentials and a region, and keeps the log quiet. */
export function prepare(): void {
  const savedEnvironment = { ...process.env };
  beforeAll(() => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_REGION: 'us-east-1' });
  });
  afterAll(() => {
    process.env = savedEnvironment;
  });
  beforeEach(() => {
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await stopAll();
  });
}

interface Asked {
  /** Which execution is named by its id, counted from the oldest; else the pipeline is named. */
  readonly byId?: number;
  readonly names?: object;
  readonly policy?: object;
  readonly request?: object;
  readonly faults?: readonly FaultRule[];
}

/** Takes a cancellation from step to step, as the state machine does. */
export async function cancel(populate: Populate, { byId, names, policy, request: more, faults }: Asked = {}) {
  const { clock, world, url } = await runCodePipeline(populate, faults);
  const { deployments = [] } = world.resources.find(({ path }) => path === 'release') ?? {};
  const ids = deployments.map(({ id }) => id);
  const one = byId === undefined ? {} : { executionId: ids[byId] };
  const request = {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind: 'codepipeline-execution', names: { ...NAMES, ...one, ...names } },
    policy: { timeoutSeconds: 1800, endpoint: url, ...policy },
    ...more,
  };
  const startTime = new Date(clock.now()).toISOString();
  let progress: Progress | undefined;
  while (!progress?.result) {
    const event: StepEvent = { request, startTime, progress };
    progress = await run(event, {
      clock: { now: () => clock.now(), sleep: (ms) => clock.pass(ms), random: () => 0.5 },
      remaining: () => 300_000,
      driverFor: ({ deployment, policy: parsed }) => codePipelineDriver(deployment, parsed, SURROUNDING),
    });
    await clock.pass(progress.waitSeconds * 1000);
  }
  const hits = world.acceptedCancels.map(({ resource, deploymentId }) => `${resource} ${ids.indexOf(deploymentId)}`);
  return { result: progress.result, world, ids, hits };
}

/** A scenario ends as the table says, and nothing but the pinned execution was stopped. */
export async function expectEnd(name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
  const { others = [], faults } = CODEPIPELINE_STAGE.scenario(name, {});
  const { result, ids, hits } = await cancel(others[0] as Populate, { faults });
  expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(result.reason).toContain('pipeline release');
  // Who cannot read it does not know which it is.
  if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(ids.at(-1));
  expect(hits).toEqual(hit ? ['release 0'] : []);
}
