import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Assembly } from '../../emulator/simulation/assembly';
import { CancelOnRollback, DeploymentCancellation, FleetCancellation, ProtonFleet } from '../../lib/index';
import { assemble, CloudFixture, deployedAt, stackOf, WEB_PROD, withoutPermission } from './emulator-fixture';
import { expectDiscretion } from './recorder';

/** A stack with a key of its own, and what is cancelled under it. */
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

/** Everything that the key can be given to, one after the other. */
const ALL = encrypted((stack, encryptionKey) => {
  const fleet = ProtonFleet.fromServiceName('web');
  const guard = new CancelOnRollback(stack, 'Guard', { deployment: WEB_PROD, encryptionKey });
  const cancellation = new DeploymentCancellation(stack, 'Cancellation', { deployment: WEB_PROD, encryptionKey });
  cancellation.node.addDependency(guard);
  new FleetCancellation(stack, 'Fleet', { fleet, encryptionKey }).node.addDependency(cancellation);
});

const keysOf = ({ recorder }: CloudFixture) =>
  recorder.calls.flatMap(({ call }) => (call.operation === 'PutParameter' ? [call.input.KeyId] : []));

const failuresOf = ({ recorder }: CloudFixture) =>
  recorder.events.flatMap(({ status, statusReason }) => (status === 'CREATE_FAILED' ? [statusReason] : [])).join('\n');

test('a stack with a key of its own cancels, and keeps all its secrets under that key', async () => {
  const fixture = await CloudFixture.start({ assembly: ALL, seed: deployedAt(-2) });
  expect(await fixture.create(stackOf(ALL))).toMatchObject({ status: 'CREATE_COMPLETE' });
  expect(fixture.deployments).toEqual(['CANCELLED']);
  // Where to answer to, three times, and the watch of the guard.
  expect(keysOf(fixture)).toHaveLength(4);
  const [key] = keysOf(fixture);
  expect(key).toMatch(/^arn:aws:kms:/);
  expect(new Set(keysOf(fixture))).toEqual(new Set([key]));
  expect(new Set(fixture.emulator.stepFunctions.executions.map(({ encryptionKey }) => encryptionKey))).toEqual(
    new Set([key]),
  );
  expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
  expectDiscretion(fixture.recorder);
});

test('an execution that a person aborts is answered, although the event holds no encrypted input', async () => {
  const fixture = await CloudFixture.start({ assembly, seed: deployedAt(-2) });
  const running = () => fixture.emulator.stepFunctions.executions.find(({ status }) => status === 'RUNNING');
  fixture.clock.schedule(20_000, () => running()?.stop('Person', 'enough of this'));
  expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
  expect(failuresOf(fixture)).toContain('the execution of the cancellation ended as ABORTED before it could say');
  expectDiscretion(fixture.recorder);
});

test.each(['kms:Encrypt', 'kms:GenerateDataKey'])(
  'without %s of the key nothing starts, and the stack says so',
  async (action) => {
    const fixture = await CloudFixture.start({ assembly, seed: deployedAt(-2) });
    expect(await fixture.create(withoutPermission(stack, action))).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(failuresOf(fixture)).toContain('the workflow that cancels could not be started');
    expect(fixture.recorder.cancelled).toEqual([]);
  },
);
