import { surroundingOf } from '../../../lambda/deployment/aws';
import { protonDriver } from '../../../lambda/deployment/proton';
import { run } from '../../../lambda/deployment/run';
import { CONTRACT_VERSION, type Deployment, type Outcome, type Progress, type StepEvent } from '../../../lib/contract';
import { SCENARIO_NAMES, type ScenarioName, scenario } from '../../../local/proton/scenarios';
import { KINDS, type Kind } from '../../../local/proton/target';
import { runProton, stopAll } from '../../local/proton/harness';

const SURROUNDING = surroundingOf({
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment',
});

/** Each kind as the handlers are told of it, and where the world has it. */
const OF: Readonly<Record<Kind, { names: Deployment['names']; path: string; subject: string }>> = {
  'service-instance': {
    names: { serviceName: 'web', serviceInstanceName: 'web-prod' },
    path: 'service/web/service-instance/web-prod',
    subject: 'service instance web/web-prod',
  },
  'service-pipeline': {
    names: { serviceName: 'web' },
    path: 'service/web/pipeline',
    subject: 'service pipeline web',
  },
  environment: { names: { environmentName: 'prod' }, path: 'environment/prod', subject: 'environment prod' },
  component: { names: { componentName: 'bucket' }, path: 'component/bucket', subject: 'component bucket' },
};

interface End {
  readonly outcome: Outcome;
  readonly deploymentStatus: string;
  readonly failed?: true;
  /** Which deployment the service has cancelled, or begun to: the one that was in flight at first, or a newer one. */
  readonly hit?: 'pinned' | 'newer';
}

const ENDS: Readonly<Record<ScenarioName, End>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'FAILED', hit: 'pinned' },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCEEDED', hit: 'pinned' },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'SUCCEEDED' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCEEDED' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'IN_PROGRESS', failed: true },
  superseded: { outcome: 'SUPERSEDED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
  // What cannot be closed from outside.
  overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'SUCCEEDED', hit: 'newer' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'DELETE_COMPLETE', hit: 'pinned' },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'CANCELLING', failed: true, hit: 'pinned' },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
};

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(30_000);

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

/** Takes a cancellation from step to step, as the state machine does. */
async function cancel(kind: Kind, name: ScenarioName, policy: object = {}) {
  const { seed, faults } = scenario(name, { kind });
  const { clock, world, url } = await runProton(seed, faults);
  const request = {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind: `proton-${kind}`, names: OF[kind].names },
    policy: { timeoutSeconds: 1800, endpoint: url, ...policy },
  };
  const [pinned] = world.resources
    .filter(({ path }) => path === OF[kind].path)
    .map(({ deployments }) => deployments.at(-1)?.id);
  const startTime = new Date(clock.now()).toISOString();
  let progress: Progress | undefined;
  while (!progress?.result) {
    const event: StepEvent = { request, startTime, progress };
    progress = await run(event, {
      clock: { now: () => clock.now(), sleep: (ms) => clock.pass(ms), random: () => 0.5 },
      remaining: () => 300_000,
      driverFor: ({ deployment, policy: parsed }) => protonDriver(deployment, parsed, SURROUNDING),
    });
    await clock.pass(progress.waitSeconds * 1000);
  }
  return { result: progress.result, world, pinned };
}

describe.each(KINDS)('the deployment of one of the kind %s', (kind) => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
    const { result, world, pinned } = await cancel(kind, name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.reason).toContain(OF[kind].subject);
    // Who cannot read it does not know which it is.
    if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(pinned);
    const hits = world.acceptedCancels.map(({ resource, deploymentId }) => {
      expect(resource).toBe(OF[kind].path);
      return deploymentId === pinned ? 'pinned' : 'newer';
    });
    expect(hits).toEqual(hit ? [hit] : []);
  });

  test('that is not there is a result where it may be', async () => {
    const { result } = await cancel(kind, 'not-found', { onNotFound: 'succeed' });
    expect(result).toEqual({
      outcome: 'NOT_FOUND',
      failed: false,
      reason: `${OF[kind].subject} was not found`,
      attributes: { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', deploymentId: undefined },
    });
  });
});
