import { answerTo, CloudFormationFixture, custom, failed, thing } from './cloudformation-fixture';

/** The events for custom resources in each operation and status of a stack. */

let fixture: CloudFormationFixture;
beforeEach(() => {
  fixture = new CloudFormationFixture();
});

test('ROLLBACK_IN_PROGRESS: Deletes only', async () => {
  await fixture.create({
    A: custom(),
    B: custom({}, { DependsOn: 'A' }),
    C: thing({ Fail: 'create' }, { DependsOn: 'B' }),
  });
  expect(fixture.takeSeen()).toEqual([
    'CREATE_IN_PROGRESS: Create A',
    'CREATE_IN_PROGRESS: Create B',
    'ROLLBACK_IN_PROGRESS: Delete B',
    'ROLLBACK_IN_PROGRESS: Delete A',
  ]);
});

test('UPDATE_ROLLBACK_IN_PROGRESS: Updates with new and old properties swapped; then, in the cleanup, Deletes of new resources', async () => {
  await fixture.create({ A: custom({ V: 1 }), U: custom({ V: 1 }), X: thing() });
  fixture.seen.length = 0;
  await fixture.update({
    A: custom({ V: 2 }),
    U: custom({ V: 1 }),
    N: custom({}, { DependsOn: 'A' }),
    X: thing({ Fail: 'update' }, { DependsOn: 'N' }),
  });
  expect(fixture.seen[2]?.event).toMatchObject({ ResourceProperties: { V: '1' }, OldResourceProperties: { V: '2' } });
  expect(fixture.seen[3]?.event.PhysicalResourceId).toBe('id-N');
  expect(fixture.takeSeen()).toEqual([
    'UPDATE_IN_PROGRESS: Update A',
    'UPDATE_IN_PROGRESS: Create N',
    'UPDATE_ROLLBACK_IN_PROGRESS: Update A',
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: Delete N',
  ]);
});

test('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: Deletes of removed resources', async () => {
  await fixture.create({ A: custom(), B: custom() });
  fixture.seen.length = 0;
  await fixture.update({ A: custom() });
  expect(fixture.takeSeen()).toEqual(['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: Delete B']);
});

test('DELETE_IN_PROGRESS: Deletes; a failure blocks the stack', async () => {
  await fixture.create({ A: custom(), B: custom({}, { DependsOn: 'A' }) });
  fixture.seen.length = 0;
  fixture.reply = () => failed();
  expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_FAILED');
  expect(fixture.takeSeen()).toEqual(['DELETE_IN_PROGRESS: Delete B']);
});

test('a failed Create is followed by a Delete with the physical ID of the response', async () => {
  fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? failed({ PhysicalResourceId: 'half-made' }) : {});
  expect((await fixture.create({ A: custom() })).status).toBe('ROLLBACK_COMPLETE');
  expect(fixture.seen[1]?.event).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'half-made' });
});

test('a failed Create in an update is followed by a Delete in the cleanup', async () => {
  await fixture.create({ A: thing() });
  fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? failed({ PhysicalResourceId: 'half-made' }) : {});
  await fixture.update({ A: thing(), B: custom() });
  expect(fixture.seen[1]?.event.PhysicalResourceId).toBe('half-made');
  expect(fixture.takeSeen()).toEqual([
    'UPDATE_IN_PROGRESS: Create B',
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: Delete B',
  ]);
});

test('a failed Update is rolled back like a successful one', async () => {
  await fixture.create({ A: custom({ V: 1 }) });
  fixture.seen.length = 0;
  fixture.reply = ({ ResourceProperties }) => (ResourceProperties.V === '2' ? failed() : {});
  expect((await fixture.update({ A: custom({ V: 2 }) })).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(fixture.takeSeen()).toEqual(['UPDATE_IN_PROGRESS: Update A', 'UPDATE_ROLLBACK_IN_PROGRESS: Update A']);
});

describe('while one is in progress and another fails', () => {
  /** A takes ten minutes, B fails after one. */
  const slowAndFailing = () => {
    fixture.reply = ({ LogicalResourceId, RequestType }) => {
      if (RequestType === 'Delete') return {};
      return LogicalResourceId === 'A' ? { after: 600_000 } : { after: 60_000, ...(failed() as object) };
    };
  };

  test('a Create is abandoned immediately, and a Delete with a generated ID is sent while it still runs', async () => {
    slowAndFailing();
    const start = fixture.clock.now();
    const { status } = await fixture.create({ A: custom(), B: custom() });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.clock.now() - start).toBe(60_000);
    expect(fixture.reasonOf('A', 'CREATE_FAILED')).toBe('Resource creation cancelled');
    expect(fixture.reasonOf('web', 'ROLLBACK_IN_PROGRESS')).toMatch('failed to create: [B, A].');
    const deleted = fixture.seen.find(({ event }) => event.RequestType === 'Delete' && event.LogicalResourceId === 'A');
    expect(deleted).toMatchObject({ stackStatus: 'ROLLBACK_IN_PROGRESS', at: start + 60_000 });
    expect(deleted?.event.PhysicalResourceId).toMatch(/^web-A-[0-9A-Z]{12}$/);

    const create = fixture.seen[0]?.event;
    expect(create && fixture.answer(create, answerTo(create))).toBe(200);
    expect(fixture.events.at(-1)).toMatchObject({ logicalId: 'web', status: 'ROLLBACK_COMPLETE' });
  });

  test('an Update is abandoned immediately and rolled back', async () => {
    await fixture.create({ A: custom({ V: 1 }), B: custom({ V: 1 }) });
    fixture.seen.length = 0;
    fixture.reply = ({ LogicalResourceId, ResourceProperties }) => {
      if (ResourceProperties.V === '1') return {};
      return LogicalResourceId === 'A' ? { after: 600_000 } : { after: 60_000, ...(failed() as object) };
    };
    const { status } = await fixture.update({ A: custom({ V: 2 }), B: custom({ V: 2 }) });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('A', 'UPDATE_FAILED')).toBe('Resource update cancelled');
    expect(fixture.takeSeen()).toEqual([
      'UPDATE_IN_PROGRESS: Update A',
      'UPDATE_IN_PROGRESS: Update B',
      'UPDATE_ROLLBACK_IN_PROGRESS: Update A',
      'UPDATE_ROLLBACK_IN_PROGRESS: Update B',
    ]);
  });

  test('with disabled rollback it is waited for, and nothing is sent afterwards', async () => {
    slowAndFailing();
    const template = { Resources: { A: custom(), B: custom() } };
    const { status } = await fixture.cloudFormation.createStack({ stackName: 'web', template, disableRollback: true });
    expect(status).toBe('CREATE_FAILED');
    expect(fixture.statusesOf('A')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
    expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create A', 'CREATE_IN_PROGRESS: Create B']);
  });
});

test('an unchanged custom resource gets no event, neither in an update nor in its rollback', async () => {
  await fixture.create({ A: custom({ V: 1 }), B: thing() });
  fixture.seen.length = 0;
  await fixture.update({ A: custom({ V: 1 }), B: thing({ Fail: 'update' }) });
  await fixture.update({ A: custom({ V: '1' }), B: thing({ V: 1 }) });
  expect(fixture.takeSeen()).toEqual([]);
});

test('with disabled rollback a failed update sends nothing afterwards', async () => {
  await fixture.create({ A: custom({ V: 1 }), B: thing() });
  fixture.seen.length = 0;
  const Resources = { A: custom({ V: 2 }), N: custom(), B: thing({ Fail: 'update' }, { DependsOn: ['A', 'N'] }) };
  await fixture.cloudFormation.updateStack({ stackName: 'web', template: { Resources }, disableRollback: true });
  expect(fixture.takeSeen()).toEqual(['UPDATE_IN_PROGRESS: Update A', 'UPDATE_IN_PROGRESS: Create N']);
});

test('the policy Retain prevents the Delete', async () => {
  await fixture.create({ A: custom({}, { DeletionPolicy: 'Retain' }), B: thing() });
  await fixture.update({ B: thing() });
  await fixture.cloudFormation.deleteStack('web');
  expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create A']);
});
