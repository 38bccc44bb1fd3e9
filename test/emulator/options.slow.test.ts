import { CfnOutput, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../../emulator/core/clock';
import { HttpServer } from '../../emulator/core/http-server';
import { type InitialState, MINUTES } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES, scenario, serviceInstanceSeed } from '../../emulator/services/proton/scenarios';
import { protonService } from '../../emulator/services/proton/service';
import { SimulatedProton } from '../../emulator/services/proton/simulated-service';
import { kindDefinition } from '../../lib/deployments/kinds';
import {
  CancellationOutcome,
  DeploymentCancellation,
  type DeploymentCancellationProps,
  OnNotFound,
  ProtonDeployment,
} from '../../lib/index';
import {
  assemble,
  type CheckProps,
  cancellationStack,
  check,
  deployedAt,
  EmulatorFixture,
  failureOf,
  stackOf,
  WEB_PROD,
  withoutPermission,
} from './emulator-fixture';
import { expectNoSecrets } from './recorder';

const assembly = cancellationStack();
const stack = stackOf(assembly);
const WEB_STAGE = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName: 'web-stage' });

/** Two service instances with a deployment in flight each. */
const TWO_INSTANCES: InitialState = {
  services: [
    {
      name: 'web',
      instances: ['web-prod', 'web-stage'].map((name) => ({
        name,
        environmentName: 'prod',
        deployments: [{ at: -2 * MINUTES }],
      })),
    },
  ],
};

function outputsOf({ outputs }: { outputs: readonly { key: string; value: string }[] }): Record<string, string> {
  return Object.fromEntries(outputs.map(({ key, value }) => [key, value]));
}

test('pollInterval is the time between polls, and the largest delay of the detection', async () => {
  const fixture = await EmulatorFixture.start({ consistency: 'strong', assembly, seed: scenario('slow').seed });
  const patient = cancellationStack({ pollInterval: Duration.minutes(2) });
  expect(await fixture.create(stackOf(patient))).toMatchObject({ status: 'CREATE_COMPLETE' });
  // 20 minutes, plus one read to find the deployment and one before the cancellation.
  const looks = fixture.recorder.callsOf('proton').filter((call) => call.startsWith('GetServiceInstance'));
  expect(looks.length).toBeGreaterThanOrEqual(2 + 9);
  expect(looks.length).toBeLessThanOrEqual(2 + 12);
});

describe('failOn', () => {
  test.each([
    ['cancelled', CancellationOutcome.CANCELLED],
    ['finishes-first', CancellationOutcome.COMPLETED_FIRST],
    ['cancel-fails', CancellationOutcome.CANCEL_FAILED],
    ['nothing-to-cancel', CancellationOutcome.NOTHING_TO_CANCEL],
    ['superseded', CancellationOutcome.SUPERSEDED],
  ] as const)('fails the stack in scenario %s when it names %s, and says so', async (name, outcome) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario(name).seed });
    expect(await fixture.create(stackOf(cancellationStack({ failOn: [outcome] })))).toMatchObject({
      status: 'ROLLBACK_COMPLETE',
    });
    expect(failureOf(fixture)).toContain(`; failOn names ${outcome}; see https://`);
    expect(fixture.recorder.results).toMatchObject([{ status: 'FAILED', outcome }]);
    expectNoSecrets(fixture.recorder);
  });

  test('does not fail the stack for other outcomes', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    const failOn = [CancellationOutcome.CANCEL_FAILED, CancellationOutcome.NOTHING_TO_CANCEL];
    expect(await fixture.create(stackOf(cancellationStack({ failOn })))).toMatchObject({ status: 'CREATE_COMPLETE' });
  });
});

describe('attributes', () => {
  const COMMON = ['deploymentStatus', 'outcome', 'deploymentId', 'executionArn'] as const;
  const ATTRIBUTES = kindDefinition('proton-service-instance').attributes;
  const valuesOf = (cancellation: DeploymentCancellation): Record<string, string> => ({
    ...Object.fromEntries(COMMON.map((name) => [name, cancellation[name]])),
    ...Object.fromEntries(ATTRIBUTES.map((name) => [name, cancellation.attributes[name]])),
  });

  /** A stack in which each attribute is an output, and a property of another resource. */
  function reading(props: Partial<DeploymentCancellationProps>, checkProps: CheckProps = {}) {
    return stackOf(
      cancellationStack({ output: false, ...props }, (cancellation, scope) => {
        const values = valuesOf(cancellation);
        for (const [name, value] of Object.entries(values)) new CfnOutput(scope, name, { value });
        check(scope, { values: Object.values(values), ...checkProps });
      }),
    );
  }

  const none = Object.fromEntries([...COMMON, ...ATTRIBUTES].map((name) => [name, '']));

  test('are those of the service', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    const [deployment] = fixture.emulator.proton
      .resource('service/web/service-instance/web-prod')
      .deployments.slice(-1);
    const created = await fixture.create(reading({}));
    expect(outputsOf(created)).toEqual({
      deploymentStatus: 'CANCELLED',
      outcome: 'CANCELLED',
      deploymentId: deployment?.id,
      executionArn: fixture.emulator.stepFunctions.executions[0]?.arn,
      arn: 'arn:aws:proton:us-east-1:123456789012:service/web/service-instance/web-prod',
      createdAt: '2025-12-31T00:00:00.000Z',
      environmentName: 'prod',
      lastDeploymentAttemptedAt: '2025-12-31T23:58:00.000Z',
      lastDeploymentSucceededAt: '2025-12-31T00:04:00.000Z',
      name: 'web-prod',
      serviceName: 'web',
      templateName: 'fargate-service',
      templateMajorVersion: '1',
      templateMinorVersion: '0',
    });
  });

  test('are empty, except the known ones, when nothing is found and that is no failure', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario('not-found').seed });
    const created = await fixture.create(reading({ onNotFound: OnNotFound.SUCCEED }));
    const executionArn = fixture.emulator.stepFunctions.executions[0]?.arn;
    expect(created.status).toBe('CREATE_COMPLETE');
    expect(outputsOf(created)).toEqual({ ...none, deploymentStatus: 'UNKNOWN', outcome: 'NOT_FOUND', executionArn });
  });

  test('can be read during and after the rollback of an update', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 10) });
    const created = outputsOf(await fixture.create(reading({ trigger: 'one' })));
    await fixture.pass(10 * 60);
    const rolledBack = await fixture.update(reading({ trigger: 'two' }, { fails: true }));
    expect([rolledBack.status, outputsOf(rolledBack)]).toEqual(['UPDATE_ROLLBACK_COMPLETE', created]);

    const updated = await fixture.update(reading({ trigger: 'one' }, { afterSeconds: 1 }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(outputsOf(updated)).toEqual({ ...none, deploymentStatus: 'UNKNOWN', outcome: 'NOT_ATTEMPTED' });
    expectNoSecrets(fixture.recorder);
  });

  test.each([
    ['User initiated cancellation.', 'cancelled'],
    ['Resource AWS::ECS::Service failed to roll back: the service did not stabilize.', 'cancel-fails'],
  ] as const)('give the status message when asked for: %s', async (message, name) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario(name).seed });
    const telling = cancellationStack({ includeStatusMessage: true }, (cancellation, scope) => {
      new CfnOutput(scope, 'Message', { value: cancellation.deploymentStatusMessage });
    });
    expect(outputsOf(await fixture.create(stackOf(telling)))).toMatchObject({ Message: message });
    expectNoSecrets(fixture.recorder);
  });
});

test('the output is exported with its export name', async () => {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
  const { outputs } = await fixture.create(stackOf(cancellationStack({ exportName: 'web-prod-status' })));
  expect(outputs).toMatchObject([{ value: 'CANCELLED', exportName: 'web-prod-status' }]);
});

describe('many cancellations', () => {
  test('of one stack share a workflow, and each has its execution and status', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: TWO_INSTANCES });
    const both = cancellationStack({}, (_cancellation, scope) => {
      new DeploymentCancellation(scope, 'Stage', { deployment: WEB_STAGE });
    });
    expect(Object.values(outputsOf(await fixture.create(stackOf(both))))).toEqual(['CANCELLED', 'CANCELLED']);
    const made = fixture.recorder.events.filter(({ status }) => status === 'CREATE_COMPLETE');
    const count = (type: string) => made.filter(({ resourceType }) => resourceType === type).length;
    expect([count('AWS::Lambda::Function'), count('AWS::StepFunctions::StateMachine')]).toEqual([2, 1]);
    expect(fixture.recorder.results).toMatchObject([{ outcome: 'CANCELLED' }, { outcome: 'CANCELLED' }]);
    expect(fixture.emulator.proton.acceptedCancels.map(({ resource }) => resource).sort()).toEqual([
      'service/web/service-instance/web-prod',
      'service/web/service-instance/web-stage',
    ]);
    expectNoSecrets(fixture.recorder);
  });

  test('of two stacks are independent', async () => {
    const two = assemble((app) => {
      const one = new Stack(app, 'One');
      new DeploymentCancellation(one, 'Cancellation', { deployment: WEB_PROD });
      const other = new Stack(app, 'Other');
      new DeploymentCancellation(other, 'Cancellation', { deployment: WEB_STAGE });
    });
    const fixture = await EmulatorFixture.start({ assembly: two, seed: TWO_INSTANCES });
    for (const each of two.stacks) expect(await fixture.create(each)).toMatchObject({ status: 'CREATE_COMPLETE' });
    const { executions } = fixture.emulator.stepFunctions;
    expect(new Set(executions.map(({ stateMachineArn }) => stateMachineArn)).size).toBe(2);
    expect(await fixture.delete('One')).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(await fixture.delete('Other')).toMatchObject({ status: 'DELETE_COMPLETE' });
    expect(fixture.recorder.cancelled).toHaveLength(2);
    expectNoSecrets(fixture.recorder);
  });
});

test.each([
  ['proton:CancelServiceInstanceDeployment', 'IN_PROGRESS'],
  ['proton:GetServiceInstance', undefined],
])('a role that may not %s fails the stack, which names the action and the ARN', async (action, lastSeen) => {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
  expect(await fixture.create(withoutPermission(stack, action))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  const resource = 'arn:aws:proton:us-east-1:123456789012:service/web/service-instance/web-prod';
  expect(failureOf(fixture)).toContain(`Message returned: not allowed to call ${action} on ${resource}; allow it`);
  expect(failureOf(fixture)).toContain(lastSeen === undefined ? 'was never seen' : `last seen as ${lastSeen}`);
  expect(fixture.recorder.results).toMatchObject([{ status: 'FAILED', outcome: 'ACCESS_DENIED' }]);
  expect(fixture.deployments).toEqual(['IN_PROGRESS']);
  expectNoSecrets(fixture.recorder);
});

describe('names that are parameters', () => {
  const parametrised = stackOf(
    assemble((app) => {
      const scope = new Stack(app, 'Stack');
      const serviceInstanceName = new CfnParameter(scope, 'Name').valueAsString;
      const deployment = ProtonDeployment.serviceInstance({ serviceName: 'web', serviceInstanceName });
      new DeploymentCancellation(scope, 'Cancellation', { deployment });
    }),
  );

  test('are resolved before the cancellation', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    expect(await fixture.create({ ...parametrised, parameters: { Name: 'web-prod' } })).toMatchObject({
      status: 'CREATE_COMPLETE',
    });
    expect(fixture.deployments).toEqual(['CANCELLED']);
  });

  test('are validated when the stack is deployed', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    await fixture.create({ ...parametrised, parameters: { Name: '../web-prod' } });
    expect(failureOf(fixture)).toContain(
      "Message returned: nothing was cancelled: serviceInstanceName must start with a letter or digit and hold only letters, digits, '-' and '_', not '../web-prod'",
    );
    expect(fixture.recorder.callsOf('proton')).toEqual([]);
    expectNoSecrets(fixture.recorder);
  });
});

test.each([
  ['is called as the endpoint of the emulator', true],
  ['is not called as the endpoint of the construct only, because functions cannot leave the emulator', false],
])('a Proton that runs elsewhere %s', async (_what, isEndpointOfEmulator) => {
  const cancelledAtOnce = { onCancel: { steps: [{ after: 0, status: 'CANCELLED' as const }] } };
  const elsewhere = new SimulatedProton(serviceInstanceSeed(DEFAULT_NAMES, cancelledAtOnce), new VirtualClock());
  const server = await HttpServer.listen({ services: [protonService(elsewhere)] });
  const protonEndpoint = isEndpointOfEmulator ? server.url : undefined;
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2), protonEndpoint });
  const created = await fixture.create(
    isEndpointOfEmulator ? stack : stackOf(cancellationStack({ endpoint: server.url })),
  );
  await server.close();
  expect(Object.values(outputsOf(created))).toEqual(['CANCELLED']);
  const [called, other] = isEndpointOfEmulator
    ? [elsewhere, fixture.emulator.proton]
    : [fixture.emulator.proton, elsewhere];
  expect(called.acceptedCancels).toHaveLength(1);
  expect(other.acceptedCancels).toEqual([]);
  expect(fixture.deployments).toEqual([isEndpointOfEmulator ? 'IN_PROGRESS' : 'CANCELLED']);
  expect(fixture.recorder.callsOf('proton').length > 0).toBe(!isEndpointOfEmulator);
});
