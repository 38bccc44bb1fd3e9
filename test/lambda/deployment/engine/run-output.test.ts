import { createHash } from 'node:crypto';
import type { Driver, Found, Meant, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { run } from '../../../../lambda/deployment/engine/run';
import { CLOCK_TOLERANCE } from '../../../../lambda/deployment/engine/skip';
import { InvalidRequestError } from '../../../../lambda/parse';
import { CONTRACT_VERSION, type Progress, STEPS } from '../../../../lib/contract/cancellation';
import { AwsApiDeployment } from '../../../../lib/deployments/awsapi/aws-api-deployment';
import { callError, found, MISSING, SETTINGS, START } from './decisions';

const DISPLAY_NAME = 'service instance web/web-prod';
const KIND = 'proton-service-instance';
const TO_CANCEL: Progress = { next: STEPS.CANCEL, waitSeconds: 0, pinnedDeploymentId: 'x' };
const AWAITING: Progress = { next: STEPS.AWAIT, waitSeconds: 2, pinnedDeploymentId: 'x' };

let lines: Record<string, unknown>[];
let meant: (Meant | undefined)[];
beforeEach(() => {
  lines = [];
  meant = [];
});

/** Runs a step whose every read returns the same. */
function step(read: ReadResult, progress?: Progress, requestedAt?: string): Promise<Progress> {
  const driver: Driver = {
    displayName: DISPLAY_NAME,
    unavailableHint: 'a hint',
    describe: async (_id, _resourceId, asked) => {
      meant.push(asked);
      return read;
    },
    describeById: async () => read,
    cancel: async () => found('CANCELLING'),
  };
  const deployment = { kind: KIND, identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' } };
  const request = { contractVersion: CONTRACT_VERSION, deployment, settings: SETTINGS, requestedAt };
  return run(
    { request, startTime: new Date(START).toISOString(), progress },
    {
      clock: { now: () => START + 1_000, sleep: async () => undefined, random: () => 0.5 },
      // No time to wait in this invocation.
      remaining: () => 0,
      driverFor: () => driver,
      endpoints: [],
      log: (event, fields) => lines.push({ event, ...fields }),
    },
  );
}

const withoutId = (read: Found): Found => ({ ...read, deploymentId: undefined });

describe('the end has what a notification says of the deployment', () => {
  test.each<[string, () => Promise<Progress>, object | undefined]>([
    ['its ID', () => step(found('CANCELLED'), AWAITING), { kind: KIND, displayName: DISPLAY_NAME, deploymentId: 'x' }],
    [
      'no ID, where the service has none',
      () => step(withoutId(found('CANCELLED')), { ...AWAITING, pinnedDeploymentId: undefined }),
      { kind: KIND, displayName: DISPLAY_NAME, deploymentId: '' },
    ],
    ['nothing before the end', () => step(found('IN_PROGRESS')), undefined],
    [
      'nothing of a request that is invalid',
      () => step(found('CANCELLED'), AWAITING, 'some day'),
      { kind: '', displayName: '', deploymentId: '' },
    ],
  ])('%s', async (_what, perform, expected) => {
    expect((await perform()).ended).toEqual(expected);
  });
});

describe('the log', () => {
  const status = { deploymentStatus: 'IN_PROGRESS', deploymentId: 'x' };
  test.each<[string, ReadResult, object]>([
    ['a deployment', { ...found('IN_PROGRESS'), inFlight: 2 }, { ...status, inFlight: 2 }],
    ['nothing', MISSING, { deploymentStatus: 'DELETE_COMPLETE' }],
    ['no deployment', { kind: 'never-deployed' }, {}],
    ['an error', callError('throttled'), { operation: 'proton:GetServiceInstance', errorName: 'ThrottlingException' }],
  ])('says what a read found, and names the resource: %s', async (_what, read, expected) => {
    await step(read);
    expect(lines[0]).toEqual({ event: 'describe', displayName: DISPLAY_NAME, ...expected });
  });

  test('has one line for the read, one for the cancel request, and one for the step', async () => {
    await step(found('IN_PROGRESS'), TO_CANCEL);
    expect(lines).toEqual([
      expect.objectContaining({ event: 'describe', ...status }),
      { event: 'cancel', displayName: DISPLAY_NAME, deploymentStatus: 'CANCELLING', deploymentId: 'x' },
      {
        event: 'step',
        kind: KIND,
        displayName: DISPLAY_NAME,
        next: STEPS.AWAIT,
        deploymentId: 'x',
        deploymentStatus: 'CANCELLING',
      },
    ]);
  });
});

test.each([
  ['of the request', '2026-09-30T23:50:00.000Z', Date.UTC(2026, 8, 30, 23, 50)],
  ['of the start of the execution, without that of the request', undefined, START],
])('a read is meant for a deployment that had started by the time %s', async (_what, requestedAt, time) => {
  await step(found('IN_PROGRESS'), undefined, requestedAt);
  expect(meant[0]?.startedBy).toBe(time + CLOCK_TOLERANCE);
});

describe('an API that the user has declared', () => {
  const deployment = AwsApiDeployment.fromDeclaration({
    label: 'build of web',
    service: 'codebuild',
    cancel: { action: 'codebuild:StopBuild', parameters: { id: AwsApiDeployment.DEPLOYMENT_ID }, resources: ['*'] },
    read: {
      action: 'codebuild:BatchGetBuilds',
      parameters: { ids: [AwsApiDeployment.DEPLOYMENT_ID] },
      resources: ['*'],
      idPath: 'builds[0].id',
      statusPath: 'builds[0].buildStatus',
    },
    statuses: { inProgress: ['IN_PROGRESS'], cancelling: [], cancelled: ['STOPPED'], failed: [], succeeded: [] },
    deploymentId: 'web:1',
  })._toContract();
  const { declaration = '' } = deployment.identifiers;
  const digest = createHash('sha256').update(declaration).digest('hex');

  test.each<[string, readonly string[] | undefined, boolean]>([
    ['among others', ['another', digest], true],
    ['not another one', ['another'], false],
    ['not if the stack declares none', undefined, false],
  ])('is called only if the stack has declared it: %s', async (_what, apis, isCalled) => {
    const driverFor = jest.fn(() => {
      throw new InvalidRequestError('it would be called');
    });
    const request = { contractVersion: CONTRACT_VERSION, deployment, settings: SETTINGS };
    const event = { request, startTime: new Date(START).toISOString() };
    const clock = { now: () => START, sleep: async () => undefined, random: () => 0.5 };
    const { result } = await run(event, { clock, remaining: () => 0, driverFor, endpoints: [], apis, log: () => {} });
    expect(driverFor).toHaveBeenCalledTimes(isCalled ? 1 : 0);
    expect(result).toMatchObject({
      outcome: 'ERROR',
      reason: isCalled
        ? 'it would be called'
        : 'the API of the aws-api-deployment is not declared: declare a cancellation of the same deployment in the stack of the workflow',
    });
  });
});
