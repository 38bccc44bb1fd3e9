import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs';
import { type DeploymentPlan, MINUTES, SECONDS, type SeededDeployment } from '../../../../emulator/core/plan';
import type { ServiceFactory } from '../../../../emulator/core/service';
import { emulateEcs } from '../../../../emulator/services/ecs/service';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import type { Outcome } from '../../../../lib/contract/cancellation';
import { serviceWith } from '../../../emulator/services/service-with';
import { setUp } from '../run-to-end';
import { ARN, cancel, expectEnd } from './ecs-outcomes';

setUp();

type Deployment = SeededDeployment<ServiceDeploymentStatus>;

const of = (...deployments: readonly Deployment[]) => serviceWith('ecs-service-deployment', ...deployments);
const NEWER: DeploymentPlan<ServiceDeploymentStatus> = { steps: [{ after: 25 * MINUTES, status: 'SUCCESSFUL' }] };
const ROLLED_BACK = { steps: [{ after: 40 * SECONDS, status: 'ROLLBACK_SUCCESSFUL' as const }] };
const RUNNING: Deployment = { at: -2 * MINUTES, onCancel: ROLLED_BACK };
const OVER: Deployment = { at: -60 * MINUTES, steps: [{ after: MINUTES, status: 'SUCCESSFUL' }] };

test.each<ScenarioName>([
  'cancelled',
  'cancel-fails',
  'finishes-first',
  'nothing-to-cancel',
  'conflict',
  'not-found',
  'superseded',
  'overtaken',
  'vanishes',
])('%s', expectEnd);

test.each(['blue-green', 'linear', 'canary', 'paused'])(
  'a deployment with the strategy of %s is rolled back',
  async (name) => {
    const { services: [factory] = [] } = scenarioOf('ecs-service-deployment', name);
    const { result, cancelled } = await cancel(factory as ServiceFactory);
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      failed: false,
      attributes: { deploymentStatus: 'ROLLBACK_SUCCESSFUL' },
    });
    expect(cancelled).toEqual(['prod/web 0']);
  },
);

test('a pending service deployment is stopped as well', async () => {
  const { result, cancelled } = await cancel(of({ ...RUNNING, steps: [{ after: 0, status: 'PENDING' }] }));
  expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'CANCELLED', cancelled: ['prod/web 0'] });
});

test('a service without service deployments has nothing to cancel', async () => {
  const clusters = [{ name: 'prod', services: [{ name: 'web' }] }];
  const { result } = await cancel((clock) => emulateEcs({ clusters }, clock));
  expect(result).toMatchObject({
    outcome: 'NOTHING_TO_CANCEL',
    failed: false,
    reason: 'nothing to cancel: ecs service prod/web has no deployment',
  });
});

test('a service whose deployments ECS does not list is refused, and the reason says what to cancel instead', async () => {
  const fault = {
    kind: 'error',
    type: 'UnsupportedFeatureException',
    message: 'The controller is CODE_DEPLOY.',
  } as const;
  const { result, cancelled } = await cancel(of(RUNNING), {
    faults: [{ service: 'ecs', operation: 'ListServiceDeployments', fault }],
  });
  expect(result).toMatchObject({
    outcome: 'REFUSED',
    failed: true,
    reason: expect.stringContaining(
      'only a service whose deployment controller is ECS has service deployments; if CodeDeploy deploys it, cancel its codedeploy-deployment: The controller is CODE_DEPLOY',
    ),
  });
  expect(cancelled).toEqual([]);
});

test('the result of a blue/green deployment that is still in progress has its lifecycle stage', async () => {
  const { services: [factory] = [] } = scenarioOf('ecs-service-deployment', 'blue-green');
  const fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' } as const;
  const { result, simulated } = await cancel(factory as ServiceFactory, {
    settings: { timeoutSeconds: 30 },
    faults: [{ service: 'ecs', operation: 'StopServiceDeployment', fault }],
  });
  const [deployment] = simulated.resource('prod/web').deployments;
  const stage = deployment && simulated.stageOf(deployment);
  expect(stage).toMatch(/^[A-Z_]+$/);
  expect(result).toMatchObject({ outcome: 'TIMED_OUT', attributes: { lifecycleStage: stage } });
});

test('of several service deployments in flight, only the newest is stopped', async () => {
  const { result, ids, cancelled } = await cancel(
    of(OVER, { ...RUNNING, at: -9 * MINUTES }, RUNNING, { ...OVER, at: -1.5 * MINUTES }),
  );
  expect({ outcome: result.outcome, id: result.attributes.deploymentId, cancelled }).toEqual({
    outcome: 'CANCELLED',
    id: ids[2],
    cancelled: ['prod/web 2'],
  });
});

describe('a newer service deployment that replaces the pinned one', () => {
  const replacedAfter = (after: number): Deployment['steps'] => [
    { after, start: NEWER },
    { after: 300, status: 'STOPPED', message: 'Replaced by a new service deployment.' },
  ];

  test.each<[string, Deployment, string[]]>([
    ['before a stop', { ...RUNNING, steps: replacedAfter(2 * MINUTES + 20 * SECONDS) }, []],
    ['after the stop', { ...RUNNING, onCancel: { steps: replacedAfter(10 * SECONDS) } }, ['prod/web 0']],
  ])('%s supersedes it, and is not stopped', async (_, deployment, cancelled) => {
    const cancellation = await cancel(of(deployment), {
      faults:
        cancelled.length > 0 ? [] : [{ service: 'ecs', operation: 'StopServiceDeployment', fault: { kind: 'reset' } }],
    });
    expect(cancellation.result).toMatchObject({
      outcome: 'SUPERSEDED',
      failed: false,
      reason: expect.stringContaining('gave way to a newer one, and ended as STOPPED'),
      attributes: { deploymentStatus: 'STOPPED', deploymentId: cancellation.ids[0] },
    });
    expect(cancellation.cancelled).toEqual(cancelled);
    expect(cancellation.simulated.resource('prod/web').deployments.at(-1)?.status).toBe('IN_PROGRESS');
  });

  test('after it has ended does not supersede it: a person has stopped it', async () => {
    const steps: Deployment['steps'] = [
      { after: 10 * SECONDS, status: 'STOPPED' },
      { after: 500, start: NEWER },
    ];
    const { result } = await cancel(of({ ...RUNNING, onCancel: { steps } }));
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'STOPPED' } });
  });
});

describe('a service deployment that is specified by its ARN', () => {
  test('is stopped, and the newer one is not', async () => {
    const { result, ids, cancelled } = await cancel(of({ ...RUNNING, at: -9 * MINUTES }, RUNNING), { byArn: 0 });
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      attributes: { deploymentId: ids[0], arn: `${ARN}/${ids[0]}`, serviceName: 'web' },
    });
    expect(cancelled).toEqual(['prod/web 0']);
  });

  test('and is over has nothing to cancel, even if another one is in flight', async () => {
    const { result, ids, cancelled } = await cancel(of(OVER, RUNNING), { byArn: 0 });
    expect(result).toMatchObject({ outcome: 'NOTHING_TO_CANCEL', attributes: { deploymentId: ids[0] } });
    expect(cancelled).toEqual([]);
  });

  test('and does not exist is not found', async () => {
    const { result, cancelled } = await cancel(of(RUNNING), { byArn: 7 });
    expect(result).toMatchObject({ outcome: 'NOT_FOUND', reason: expect.stringContaining('prod/web/undefined') });
    expect(cancelled).toEqual([]);
  });
});

describe('a guard', () => {
  test('reports the deployment in flight, or the latest one', async () => {
    const observeOnly = { otherFields: { observeOnly: true } };
    const inFlight = await cancel(of(OVER, RUNNING), observeOnly);
    expect(inFlight.result).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: inFlight.ids[1] } });
    const over = await cancel(of(OVER), observeOnly);
    expect(over.result).toMatchObject({ outcome: 'ARMED', attributes: { deploymentId: over.ids[0] } });
    expect([...inFlight.cancelled, ...over.cancelled]).toEqual([]);
  });

  test('skips the deployment that was in flight before, and stops one that has started since', async () => {
    const first = await cancel(of(RUNNING), { otherFields: { observeOnly: true } });
    const ignoreDeploymentId = first.result.attributes.deploymentId;
    const again = await cancel(of(RUNNING), { otherFields: { ignoreDeploymentId } });
    expect([again.result.outcome, ...again.cancelled]).toEqual<(Outcome | string)[]>(['SKIPPED']);
    const newer = await cancel(of({ ...OVER, at: -9 * MINUTES }, RUNNING), { otherFields: { ignoreDeploymentId } });
    expect([newer.result.outcome, ...newer.cancelled]).toEqual(['CANCELLED', 'prod/web 1']);
  });
});

test('a late event stops the deployment that was in flight when it happened, and not the newer one', async () => {
  const requestedAt = new Date(Date.parse('2026-01-01T00:00:00Z') - 5 * MINUTES).toISOString();
  const { result, cancelled } = await cancel(of({ ...RUNNING, at: -9 * MINUTES }, RUNNING), {
    otherFields: { requestedAt },
  });
  expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'CANCELLED', cancelled: ['prod/web 0'] });
});
