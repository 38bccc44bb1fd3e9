import { CloudFormationFixture, custom, failed, thing } from './cloudformation-fixture';

const ROLLED_BACK = [
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
];

let fixture: CloudFormationFixture;
beforeEach(() => {
  fixture = new CloudFormationFixture();
});

describe('update', () => {
  test('updates changed resources, creates new ones, and deletes removed ones, in that order', async () => {
    await fixture.create({ A: thing({ V: 1 }), B: thing(), C: thing({ V: { Ref: 'B' } }) });
    fixture.things.length = 0;
    const stack = await fixture.update({ A: thing({ V: 2 }), D: thing({}, { DependsOn: 'A' }) });
    expect(stack).toMatchObject({ status: 'UPDATE_COMPLETE', lastUpdatedTime: fixture.clock.now() });
    expect(fixture.statuses().slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
    expect(fixture.things).toEqual(['update A', 'create D', 'delete C', 'delete B']);
  });

  test('has no events for unchanged resources, even if they are written in another way', async () => {
    await fixture.create({ A: thing({ V: 1, W: { x: true, y: 'z' } }), B: thing({ V: 1 }) });
    fixture.events.length = 0;
    await fixture.update({ A: thing({ W: { y: 'z', x: 'true' }, V: '1' }), B: thing({ V: 2 }) });
    expect(fixture.statusesOf('A')).toEqual([]);
    expect(fixture.statusesOf('B')).toEqual(['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE']);
  });

  test('uses the new attributes of an updated resource', async () => {
    await fixture.create({ A: thing({ Name: 'one' }), B: thing({ V: { Ref: 'A' } }) });
    fixture.things.length = 0;
    await fixture.update({ A: thing({ Name: 'two' }), B: thing({ V: { Ref: 'A' } }) });
    expect(fixture.things).toEqual(['update A', 'update B', 'delete one']);
    expect(fixture.statusesOf('A').slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE',
      'DELETE_IN_PROGRESS',
      'DELETE_COMPLETE',
    ]);
    expect(fixture.events.find(({ status }) => status === 'DELETE_COMPLETE')?.physicalId).toBe('one');
  });

  test('that fails is rolled back: updated resources are reverted, new ones deleted, and the others unchanged', async () => {
    await fixture.create(
      { A: thing({ V: 1 }), B: thing(), D: thing({ V: 1 }), Z: thing() },
      { Outputs: { O: { Value: 'old' } } },
    );
    fixture.things.length = 0;
    fixture.events.length = 0;
    const stack = await fixture.update(
      {
        A: thing({ V: 2 }),
        B: thing(),
        C: thing({}, { DependsOn: 'A' }),
        D: thing({ V: 2, Fail: 'update' }, { DependsOn: 'C' }),
      },
      { Outputs: { O: { Value: 'new' } } },
    );
    expect(stack).toMatchObject({ status: 'UPDATE_ROLLBACK_COMPLETE', outputs: [{ key: 'O', value: 'old' }] });
    expect(fixture.statuses()).toEqual(['UPDATE_IN_PROGRESS', ...ROLLED_BACK]);
    expect(fixture.reasonOf('web', 'UPDATE_ROLLBACK_IN_PROGRESS')).toBe(
      'The following resource(s) failed to update: [D].',
    );
    expect(fixture.things).toEqual(['update A', 'create C', 'update D', 'update A', 'update D', 'delete C']);
    expect(fixture.statusesOf('B')).toEqual([]);
    expect(fixture.statusesOf('Z')).toEqual([]);
    expect(fixture.statusesOf('D')).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_FAILED',
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
  });

  test('that fails does not roll back the update before it', async () => {
    await fixture.create({ A: thing({ V: 1 }) });
    await fixture.update({ A: thing({ V: 2 }) });
    fixture.things.length = 0;
    expect((await fixture.update({ A: thing({ V: 2 }), B: thing({ Fail: 'create' }) })).status).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect(fixture.things).toEqual(['create B']);
  });

  test('that is rolled back restores a replaced resource and deletes the replacement', async () => {
    await fixture.create({ A: thing({ Name: 'one' }), B: thing() });
    fixture.things.length = 0;
    await fixture.update({ A: thing({ Name: 'two' }), B: thing({ Fail: 'update' }, { DependsOn: 'A' }) });
    expect(fixture.things).toEqual(['update A', 'update B', 'update B', 'delete two']);
    fixture.things.length = 0;
    await fixture.cloudFormation.deleteStack('web');
    expect(fixture.things).toContain('delete one');
    expect(fixture.things).not.toContain('delete two');
  });

  test('whose rollback fails ends in UPDATE_ROLLBACK_FAILED, without a cleanup, and can be deleted', async () => {
    await fixture.create({ A: custom({ V: 1 }) });
    fixture.reply = () => failed();
    const stack = await fixture.update({ A: custom({ V: 2 }), B: thing({}, { DependsOn: 'A' }) });
    expect(stack).toMatchObject({
      status: 'UPDATE_ROLLBACK_FAILED',
      statusReason: 'The following resource(s) failed to update: [A].',
    });
    await expect(fixture.update({ A: custom({ V: 3 }) })).rejects.toThrow(
      'is in UPDATE_ROLLBACK_FAILED state and can not be updated.',
    );
    fixture.reply = () => ({});
    expect(await fixture.cloudFormation.deleteStack('web')).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('with disabled rollback ends in UPDATE_FAILED and rolls nothing back', async () => {
    await fixture.create({ A: thing({ V: 1 }), B: thing() });
    fixture.things.length = 0;
    const stack = await fixture.cloudFormation.updateStack({
      stackName: 'web',
      disableRollback: true,
      template: {
        Resources: {
          A: thing({ V: 2 }),
          B: thing({ Fail: 'update' }, { DependsOn: 'A' }),
          C: thing({ Fail: 'create' }),
        },
      },
    });
    expect(stack).toMatchObject({
      status: 'UPDATE_FAILED',
      statusReason: 'The following resource(s) failed to create: [C]. The following resource(s) failed to update: [B].',
    });
    expect(fixture.things).toEqual(['update A', 'create C', 'update B']);
    fixture.things.length = 0;
    expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_COMPLETE');
    expect(fixture.things).toEqual(['delete B', 'delete A']);
  });

  test('a cleanup tries three times to delete a resource, and then leaves it', async () => {
    await fixture.create({ A: thing(), B: thing({ Fail: 'delete' }) });
    fixture.things.length = 0;
    const stack = await fixture.update({ A: thing() });
    expect(stack).toMatchObject({
      status: 'UPDATE_COMPLETE',
      statusReason: 'Update successful. One or more resources could not be deleted.',
    });
    expect(fixture.things).toEqual(['delete B', 'delete B', 'delete B']);
    fixture.things.length = 0;
    await fixture.cloudFormation.deleteStack('web');
    expect(fixture.things).toEqual(['delete A']);
  });

  test('an output that cannot be resolved rolls back the update', async () => {
    await fixture.create({ A: thing() });
    const stack = await fixture.update({ A: thing() }, { Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nope'] } } } });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('web', 'UPDATE_ROLLBACK_IN_PROGRESS')).toContain('does not support attribute type Nope');
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['changes nothing', { A: thing() }, 'No updates are to be performed.'],
    ['changes the type of a resource', { A: custom() }, 'modifies resource type of the following resources: [A]'],
    ['has an unknown type', { B: { Type: 'Foo::Bar' } }, 'Unrecognized resource types: [Foo::Bar]'],
  ])('that %s is rejected, and the stack stays unchanged', async (_what, resources, message) => {
    await fixture.create({ A: thing() });
    await expect(fixture.update(resources)).rejects.toThrow(message);
    expect(fixture.statuses()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  });

  test('is rejected after a rollback of the creation, during another operation, and of a stack that does not exist', async () => {
    await fixture.create({ A: thing({ Fail: 'create' }) });
    await expect(fixture.update({ A: thing() })).rejects.toThrow(
      'is in ROLLBACK_COMPLETE state and can not be updated.',
    );
    fixture.reply = () => ({ after: 1000 });
    const creating = fixture.cloudFormation.createStack({
      stackName: 'busy',
      template: { Resources: { A: custom() } },
    });
    const request = { stackName: 'busy', template: { Resources: { A: custom({ V: 1 }) } } };
    await expect(fixture.cloudFormation.updateStack(request)).rejects.toThrow('is in CREATE_IN_PROGRESS state');
    await expect(fixture.cloudFormation.deleteStack('busy')).rejects.toThrow(
      'cannot be deleted while in status CREATE_IN_PROGRESS',
    );
    expect((await creating).status).toBe('CREATE_COMPLETE');
    await expect(fixture.cloudFormation.updateStack({ ...request, stackName: 'ghost' })).rejects.toThrow(
      'Stack [ghost] does not exist',
    );
  });
});
