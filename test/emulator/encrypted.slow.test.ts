import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Assembly } from '../../emulator/simulation/assembly';
import { CancelOnRollback, DeploymentCancellation, FleetCancellation, ProtonFleet } from '../../lib/index';
import { assemble, deployedAt, EmulatorFixture, stackOf, WEB_PROD, withoutPermission } from './emulator-fixture';
import { expectNoSecrets } from './recorder';

/** A stack whose workflow has an encryption key. */
function encrypted(build: (stack: Stack, encryptionKey: IKey) => void): Assembly {
  return assemble((app) => {
    const stack = new Stack(app, 'Stack');
    build(stack, new Key(stack, 'Key', { enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY }));
  });
}

const assembly = encrypted((stack, encryptionKey) => {
  new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB_PROD, encryptionKey });
});
const stack = stackOf(assembly);

/** Every resource that can use the key. */
const ALL = encrypted((stack, encryptionKey) => {
  const fleet = ProtonFleet.fromServiceName('web');
  const guard = new CancelOnRollback(stack, 'Guard', { deployment: WEB_PROD, encryptionKey });
  const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB_PROD, encryptionKey });
  cancellation.node.addDependency(guard);
  new FleetCancellation(stack, 'Fleet', { fleet, encryptionKey }).node.addDependency(cancellation);
});

const keysOf = ({ recorder }: EmulatorFixture) =>
  recorder.calls.flatMap(({ call }) => (call.operation === 'PutParameter' ? [call.input.KeyId] : []));

const failuresOf = ({ recorder }: EmulatorFixture) =>
  recorder.events.flatMap(({ status, statusReason }) => (status === 'CREATE_FAILED' ? [statusReason] : [])).join('\n');

test('a workflow with an encryption key cancels, and encrypts all its secrets with that key', async () => {
  const fixture = await EmulatorFixture.start({ assembly: ALL, seed: deployedAt(-2), consistency: 'strong' });
  expect(await fixture.create(stackOf(ALL))).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(fixture.deployments).toEqual(['CANCELLED']);
  // Three response URLs, the marks in their places, and the state of the guard.
  expect(keysOf(fixture)).toHaveLength(7);
  const [key] = keysOf(fixture);
  expect(key).toMatch(/^arn:aws:kms:/);
  expect(new Set(keysOf(fixture))).toEqual(new Set([key]));
  expect(new Set(fixture.emulator.stepFunctions.executions.map(({ encryptionKey }) => encryptionKey))).toEqual(
    new Set([key]),
  );
  expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
  expectNoSecrets(fixture.recorder);
});

test('CloudFormation gets a response for an aborted execution, although the event contains no encrypted input', async () => {
  const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
  const running = () => fixture.emulator.stepFunctions.executions.find(({ status }) => status === 'RUNNING');
  fixture.clock.schedule(20_000, () => running()?.stop('Person', 'enough of this'));
  expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(failuresOf(fixture)).toContain('the execution of the cancellation ended as ABORTED before it could say');
  expectNoSecrets(fixture.recorder);
});

test.each(['kms:Encrypt', 'kms:GenerateDataKey'])(
  'without %s of the key nothing starts, and the stack says so',
  async (action) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    expect(await fixture.create(withoutPermission(stack, action))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(failuresOf(fixture)).toContain('the workflow that cancels could not be started');
    expect(fixture.recorder.cancelled).toEqual([]);
  },
);
