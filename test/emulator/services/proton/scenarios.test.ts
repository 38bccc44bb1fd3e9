import { CancelServiceInstanceDeploymentCommand, GetServiceInstanceCommand } from '@aws-sdk/client-proton';
import { VirtualClock } from '../../../../emulator/core/clock';
import { MINUTES, SECONDS } from '../../../../emulator/services/proton/plan';
import { scenario } from '../../../../emulator/services/proton/scenarios';
import { SimulatedProton } from '../../../../emulator/services/proton/simulated-service';
import { findScenario } from '../../../../emulator/simulation/find-scenario';
import { SCENARIO_NAMES, type ScenarioName } from '../../../../emulator/simulation/scenarios';
import { PROTON_KINDS, type ProtonKindName } from '../../../../lib/deployments/proton/kinds';
import { errorOf, stopAll } from '../../serve-service';
import { runProton } from './serve-proton';

const KINDS = Object.keys(PROTON_KINDS) as ProtonKindName[];
const NAMES = { serviceName: 'shop', serviceInstanceName: 'shop-live' };
const PATH = 'service/shop/service-instance/shop-live';

afterEach(stopAll);

async function play(name: ScenarioName) {
  const { seed, faults } = scenario(name, NAMES);
  const proton = await runProton(seed, faults);
  const read = async () => {
    const command = new GetServiceInstanceCommand({ serviceName: 'shop', name: 'shop-live' });
    const { serviceInstance } = await proton.client.send(command);
    return serviceInstance!;
  };
  const status = async () => (await read()).deploymentStatus;
  const cancel = async () => {
    const { serviceInstance } = await proton.client.send(new CancelServiceInstanceDeploymentCommand(NAMES));
    return serviceInstance!;
  };
  return { ...proton, read, status, cancel };
}

test('cancelled: the cancellation is accepted, and the deployment is cancelled after 40 seconds', async () => {
  const { clock, read, status, cancel } = await play('cancelled');
  expect(await status()).toBe('IN_PROGRESS');
  expect((await cancel()).deploymentStatus).toBe('CANCELLING');
  await clock.pass(39 * SECONDS);
  expect(await status()).toBe('CANCELLING');
  await clock.pass(SECONDS);
  expect(await read()).toMatchObject({
    deploymentStatus: 'CANCELLED',
    deploymentStatusMessage: 'User initiated cancellation.',
  });
});

test('cancelled: without a cancellation, the deployment succeeds', async () => {
  const { clock, status } = await play('cancelled');
  await clock.pass(23 * MINUTES - 1);
  expect(await status()).toBe('IN_PROGRESS');
  await clock.pass(1);
  expect(await status()).toBe('SUCCEEDED');
});

test('cancel-fails: the cancellation is accepted, and the deployment is FAILED after a minute and a half', async () => {
  const { clock, read, cancel } = await play('cancel-fails');
  expect((await cancel()).deploymentStatus).toBe('CANCELLING');
  await clock.pass(90 * SECONDS);
  expect(await read()).toMatchObject({ deploymentStatus: 'FAILED', deploymentStatusMessage: expect.any(String) });
});

test('finishes-first: the cancellation is accepted, and the deployment succeeds', async () => {
  const { clock, read, cancel } = await play('finishes-first');
  const { lastAttemptedDeploymentId } = await cancel();
  await clock.pass(20 * SECONDS);
  expect(await read()).toMatchObject({
    deploymentStatus: 'SUCCEEDED',
    lastSucceededDeploymentId: lastAttemptedDeploymentId,
  });
});

test('nothing-to-cancel: the deployment is over, and a cancellation is a conflict', async () => {
  const { status, cancel } = await play('nothing-to-cancel');
  expect(await status()).toBe('SUCCEEDED');
  expect((await errorOf(cancel())).name).toBe('ConflictException');
});

test('already-cancelling: the deployment becomes CANCELLING, and CANCELLED later', async () => {
  const { clock, status, simulated } = await play('already-cancelling');
  expect(await status()).toBe('CANCELLING');
  await clock.pass(70 * SECONDS);
  expect(await status()).toBe('CANCELLED');
  expect(simulated.acceptedCancels).toEqual([]);
});

test('throttled: three cancellations and bursts of reads are throttled', async () => {
  const { status, cancel, simulated } = await play('throttled');
  const answers: (string | undefined)[] = [];
  for (let call = 0; call < 4; call++) {
    try {
      answers.push((await cancel()).deploymentStatus);
    } catch (error) {
      answers.push((error as Error).name);
    }
  }
  expect(answers).toEqual(['ThrottlingException', 'ThrottlingException', 'ThrottlingException', 'CANCELLING']);
  expect(simulated.acceptedCancels).toHaveLength(1);
  const throttledReads: number[] = [];
  for (let call = 1; call <= 15; call++) {
    await status().catch((error: Error) => {
      expect(error.name).toBe('ThrottlingException');
      throttledReads.push(call);
    });
  }
  expect(throttledReads).toEqual([2, 3, 8, 9, 10, 11]);
});

test('conflict: the cancellation is a conflict, and the next read returns SUCCEEDED', async () => {
  const { status, cancel, simulated } = await play('conflict');
  expect(await status()).toBe('IN_PROGRESS');
  expect((await errorOf(cancel())).name).toBe('ConflictException');
  expect(await status()).toBe('SUCCEEDED');
  expect(simulated.acceptedCancels).toEqual([]);
});

test('refused: every cancellation is rejected while the deployment is in progress', async () => {
  const { clock, status, cancel } = await play('refused');
  for (let call = 0; call < 5; call++) {
    expect((await errorOf(cancel())).name).toBe('ValidationException');
    await clock.pass(MINUTES);
    expect(await status()).toBe('IN_PROGRESS');
  }
});

test('not-found: neither a read nor a cancellation finds the service instance', async () => {
  const { status, cancel } = await play('not-found');
  expect((await errorOf(status())).name).toBe('ResourceNotFoundException');
  expect((await errorOf(cancel())).name).toBe('ResourceNotFoundException');
});

test('access-denied: a read is allowed, and a cancellation is denied with the message of IAM', async () => {
  const { status, cancel, simulated } = await play('access-denied');
  expect(await status()).toBe('IN_PROGRESS');
  const error = await errorOf(cancel());
  expect(error.name).toBe('AccessDeniedException');
  expect(error.message).toMatch(
    /^User: arn:aws:sts::123456789012:assumed-role\/\S+ is not authorized to perform: proton:CancelServiceInstanceDeployment on resource: arn:aws:proton:us-east-1:123456789012:service\/shop\/service-instance\/shop-live because no identity-based policy allows the proton:CancelServiceInstanceDeployment action$/,
  );
  expect(await status()).toBe('IN_PROGRESS');
  expect(simulated.acceptedCancels).toEqual([]);
});

test('superseded: the cancelled deployment is never the last one, and the newer one is not cancelled', async () => {
  const { clock, read, cancel, simulated } = await play('superseded');
  const { lastAttemptedDeploymentId: older } = await cancel();
  await clock.pass(30 * SECONDS);
  const after = await read();
  expect(after.deploymentStatus).toBe('IN_PROGRESS');
  expect(after.lastAttemptedDeploymentId).not.toBe(older);
  const deployment = simulated.resource(PATH).deployments.find(({ id }) => id === older);
  expect(deployment?.status).toBe('CANCELLED');
  expect(simulated.acceptedCancels.map(({ deploymentId }) => deploymentId)).toEqual([older]);
});

test('overtaken: the cancellation reaches a deployment that started after the last read', async () => {
  const { clock, read, cancel, simulated } = await play('overtaken');
  const { lastAttemptedDeploymentId: older } = await read();
  const { lastAttemptedDeploymentId: newer } = await cancel();
  expect(newer).not.toBe(older);
  await clock.pass(40 * SECONDS);
  expect(
    simulated
      .resource(PATH)
      .deployments.map(({ id, status }) => [id, status])
      .slice(1),
  ).toEqual([
    [older, 'SUCCEEDED'],
    [newer, 'CANCELLED'],
  ]);
  expect(simulated.acceptedCancels.map(({ deploymentId }) => deploymentId)).toEqual([newer]);
});

test('vanishes: the service instance is deleted, and then it is not found', async () => {
  const { clock, status, cancel } = await play('vanishes');
  await cancel();
  await clock.pass(15 * SECONDS);
  expect(await status()).toBe('DELETE_IN_PROGRESS');
  await clock.pass(45 * SECONDS);
  expect((await errorOf(status())).name).toBe('ResourceNotFoundException');
});

test('unavailable: every response is an HTML page, which the client cannot parse', async () => {
  const { status, cancel, simulated } = await play('unavailable');
  expect((await errorOf(status())).name).toBe('SyntaxError');
  expect((await errorOf(cancel())).name).toBe('SyntaxError');
  expect(simulated.acceptedCancels).toEqual([]);
});

test('timeout: the cancellation never ends', async () => {
  const { clock, status, cancel } = await play('timeout');
  await cancel();
  await clock.pass(24 * 60 * MINUTES);
  expect(await status()).toBe('CANCELLING');
});

test('slow: the cancellation takes twenty minutes', async () => {
  const { clock, status, cancel } = await play('slow');
  await cancel();
  await clock.pass(20 * MINUTES - 1);
  expect(await status()).toBe('CANCELLING');
  await clock.pass(1);
  expect(await status()).toBe('CANCELLED');
});

describe('every scenario', () => {
  const names = KINDS.flatMap((kind) => SCENARIO_NAMES.map((name) => `${kind}/${name}`));
  test.each(names)('%s is plain data with its own name and a description of one line', (name) => {
    const made = findScenario(name, NAMES);
    expect(made).toMatchObject({ name, description: expect.stringMatching(/^[^\n]{10,120}$/) });
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  test.each(SCENARIO_NAMES)('%s has a deployment of web/web-prod by default', (name) => {
    expect(scenario(name)).toEqual(scenario(name, { serviceName: 'web', serviceInstanceName: 'web-prod' }));
    expect(scenario(name)).toEqual(scenario(name, { kind: 'proton-service-instance' }));
  });
});

describe('a scenario of another kind', () => {
  const KIND_NAMES = { ...NAMES, environmentName: 'live', componentName: 'queue' };
  /** The path of the resource, and the operations on it. */
  const OF: Readonly<Record<ProtonKindName, { path: string; read: string; cancel: string; resource: string }>> = {
    'proton-service-instance': {
      path: PATH,
      read: 'GetServiceInstance',
      cancel: 'CancelServiceInstanceDeployment',
      resource: PATH,
    },
    'proton-service-pipeline': {
      path: 'service/shop/pipeline',
      read: 'GetService',
      cancel: 'CancelServicePipelineDeployment',
      resource: 'service/shop',
    },
    'proton-environment': {
      path: 'environment/live',
      read: 'GetEnvironment',
      cancel: 'CancelEnvironmentDeployment',
      resource: 'environment/live',
    },
    'proton-component': {
      path: 'component/queue',
      read: 'GetComponent',
      cancel: 'CancelComponentDeployment',
      resource: 'component/queue',
    },
  };
  const protonWith = (kind: ProtonKindName, name: ScenarioName) => {
    const simulated = new SimulatedProton(scenario(name, { ...KIND_NAMES, kind }).seed, new VirtualClock());
    simulated.stop();
    return simulated;
  };

  test.each(KINDS)('has one %s with the given names, which has the only deployment besides the creations', (kind) => {
    const busy = protonWith(kind, 'cancelled').resources.filter(({ deployments }) => deployments.length > 1);
    expect(busy.map(({ path }) => path)).toEqual([OF[kind].path]);
    expect(busy[0]?.deployments.at(-1)?.status).toBe('IN_PROGRESS');
  });

  test.each(KINDS)('may be without the %s', (kind) => {
    expect(protonWith(kind, 'not-found').resources.map(({ path }) => path)).not.toContain(OF[kind].path);
  });

  test('without the pipeline has the service', () => {
    expect(protonWith('proton-service-pipeline', 'not-found').service('shop').name).toBe('shop');
  });

  test.each(KINDS)('has faults for the calls of a %s', (kind) => {
    const { read, cancel, resource } = OF[kind];
    const operations = (name: ScenarioName) =>
      scenario(name, { ...KIND_NAMES, kind }).faults.map(({ operation }) => operation);
    expect(operations('throttled')).toEqual([cancel, read, read]);
    expect(operations('access-denied')).toEqual([cancel]);
    expect(JSON.stringify(scenario('access-denied', { ...KIND_NAMES, kind }))).toContain(
      `not authorized to perform: proton:${cancel} on resource: arn:aws:proton:us-east-1:123456789012:${resource} `,
    );
  });
});
