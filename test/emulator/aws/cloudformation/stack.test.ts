import { CloudFormationFixture, custom, failed, thing } from './cloudformation-fixture';

let fixture: CloudFormationFixture;
beforeEach(() => {
  fixture = new CloudFormationFixture();
});

describe('create', () => {
  test('ends in CREATE_COMPLETE, with the outputs', async () => {
    const stack = await fixture.create(
      { A: thing({ V: { Ref: 'B' } }), B: thing() },
      { Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Arn'] }, Description: 'an ARN' } } },
    );
    expect(stack).toMatchObject({
      stackName: 'web',
      status: 'CREATE_COMPLETE',
      creationTime: Date.UTC(2026, 0, 1),
      outputs: [{ key: 'O', value: 'arn:thing:A', description: 'an ARN' }],
    });
    expect(fixture.things).toEqual(['create B', 'create A']);
  });

  test('has the events of CloudFormation', async () => {
    await fixture.create({ A: thing() });
    const id = fixture.cloudFormation.describeStack('web')?.stackId;
    expect(fixture.events.map(({ timestamp, stackId, stackName, ...event }) => event)).toEqual([
      {
        logicalId: 'web',
        physicalId: id,
        resourceType: 'AWS::CloudFormation::Stack',
        status: 'CREATE_IN_PROGRESS',
        statusReason: 'User Initiated',
      },
      { logicalId: 'A', resourceType: 'Test::Thing', status: 'CREATE_IN_PROGRESS' },
      {
        logicalId: 'A',
        physicalId: 'thing-A',
        resourceType: 'Test::Thing',
        status: 'CREATE_IN_PROGRESS',
        statusReason: 'Resource creation Initiated',
      },
      { logicalId: 'A', physicalId: 'thing-A', resourceType: 'Test::Thing', status: 'CREATE_COMPLETE' },
      { logicalId: 'web', physicalId: id, resourceType: 'AWS::CloudFormation::Stack', status: 'CREATE_COMPLETE' },
    ]);
    expect(
      fixture.events.every(
        (event) => event.stackId === id && event.stackName === 'web' && event.timestamp === fixture.clock.now(),
      ),
    ).toBe(true);
  });

  test('independent custom resources wait in parallel, dependent ones one after the other', async () => {
    fixture.reply = () => ({ after: 60_000 });
    await fixture.create({ A: custom(), B: custom(), C: custom({}, { DependsOn: ['A', 'B'] }) });
    const start = fixture.seen[0]?.at ?? 0;
    expect(fixture.seen.map(({ event, at }) => [event.LogicalResourceId, at - start])).toEqual([
      ['A', 0],
      ['B', 0],
      ['C', 60_000],
    ]);
  });

  test('that fails is rolled back in reverse order', async () => {
    const stack = await fixture.create({
      A: thing(),
      B: thing({ V: { Ref: 'A' } }),
      C: thing({ V: { Ref: 'B' }, Fail: 'create' }),
      D: thing({ V: { Ref: 'C' } }),
    });
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.statuses()).toEqual(['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']);
    expect(fixture.things).toEqual(['create A', 'create B', 'create C', 'delete B', 'delete A']);
    expect(fixture.reasonOf('C', 'CREATE_FAILED')).toBe('cannot create');
    expect(fixture.reasonOf('web', 'ROLLBACK_IN_PROGRESS')).toBe(
      'The following resource(s) failed to create: [C]. Rollback requested by user.',
    );
    expect(fixture.statusesOf('D')).toEqual([]);
  });

  test('whose rollback fails ends in ROLLBACK_FAILED, and the dependencies of the failed resource still exist', async () => {
    const stack = await fixture.create({
      A: thing(),
      B: thing({ V: { Ref: 'A' }, Fail: 'delete' }),
      C: thing({ Fail: 'create' }, { DependsOn: 'B' }),
    });
    expect(stack).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'The following resource(s) failed to delete: [B].',
    });
    expect(fixture.things).not.toContain('delete A');
  });

  test('with disabled rollback ends in CREATE_FAILED, after all other resources have been created', async () => {
    const stack = await fixture.cloudFormation.createStack({
      stackName: 'web',
      disableRollback: true,
      template: { Resources: { A: thing({ Fail: 'create' }), B: custom(), C: thing({}, { DependsOn: 'B' }) } },
    });
    expect(stack).toMatchObject({
      status: 'CREATE_FAILED',
      statusReason: 'The following resource(s) failed to create: [A].',
      disableRollback: true,
    });
    expect(fixture.things).toEqual(['create A', 'create C']);
    expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create B']);
  });

  test('with the name of an existing stack is rejected, until that stack is deleted', async () => {
    const first = await fixture.create({ A: thing() });
    await expect(fixture.create({ A: thing() })).rejects.toMatchObject({ name: 'AlreadyExistsException' });
    await fixture.cloudFormation.deleteStack('web');
    const second = await fixture.create({ A: thing() });
    expect(second.stackId).not.toBe(first.stackId);
    expect(fixture.cloudFormation.describeStack(first.stackId)?.status).toBe('DELETE_COMPLETE');
    expect(fixture.cloudFormation.describeStack('web')?.stackId).toBe(second.stackId);
  });

  test('with an invalid name is rejected', async () => {
    const request = { stackName: 'no_underscores', template: { Resources: { A: thing() } } };
    await expect(fixture.cloudFormation.createStack(request)).rejects.toThrow('failed to satisfy constraint');
  });
});

describe('delete', () => {
  test('deletes in reverse order', async () => {
    await fixture.create({ A: thing(), B: thing({ V: { Ref: 'A' } }), C: thing({}, { DependsOn: 'B' }) });
    fixture.things.length = 0;
    const stack = await fixture.cloudFormation.deleteStack('web');
    expect(stack).toMatchObject({ status: 'DELETE_COMPLETE', deletionTime: fixture.clock.now() });
    expect(fixture.statuses().slice(2)).toEqual(['DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
    expect(fixture.things).toEqual(['delete C', 'delete B', 'delete A']);
    expect(fixture.cloudFormation.describeStack('web')).toBeUndefined();
    expect(await fixture.cloudFormation.deleteStack(stack.stackId)).toMatchObject({ status: 'DELETE_COMPLETE' });
  });

  test('that fails leaves the failed resource and its dependencies, which the next deletion deletes', async () => {
    await fixture.create({ A: thing(), B: custom({ V: { Ref: 'A' } }), C: thing() });
    fixture.things.length = 0;
    fixture.reply = () => failed();
    expect(await fixture.cloudFormation.deleteStack('web')).toMatchObject({
      status: 'DELETE_FAILED',
      statusReason: 'The following resource(s) failed to delete: [B].',
    });
    expect(fixture.things).toEqual(['delete C']);
    fixture.reply = () => ({});
    expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_COMPLETE');
    expect(fixture.things).toEqual(['delete C', 'delete A']);
  });
});

describe('policies', () => {
  const create = (policy: string, more = {}) =>
    fixture.create({ A: thing({ Name: 'one' }, { DeletionPolicy: policy }), ...more });
  const broken = { X: thing({ Fail: 'create' }, { DependsOn: 'A' }) };

  test.each<[string, string, readonly string[]]>([
    ['Delete', 'DELETE_COMPLETE', ['delete one']],
    ['Retain', 'DELETE_SKIPPED', []],
    ['RetainExceptOnCreate', 'DELETE_SKIPPED', []],
  ])('DeletionPolicy %s on a deletion of the stack: %s', async (policy, status, deleted) => {
    await create(policy);
    fixture.things.length = 0;
    expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_COMPLETE');
    expect(fixture.statusesOf('A').at(-1)).toBe(status);
    expect(fixture.things).toEqual(deleted);
  });

  test.each<[string, string]>([
    ['Delete', 'DELETE_COMPLETE'],
    ['Retain', 'DELETE_SKIPPED'],
    ['RetainExceptOnCreate', 'DELETE_COMPLETE'],
  ])('DeletionPolicy %s on a rollback of the creation: %s', async (policy, status) => {
    expect((await create(policy, broken)).status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.statusesOf('A').at(-1)).toBe(status);
  });

  test.each<[string, string]>([
    ['Delete', 'DELETE_COMPLETE'],
    ['Retain', 'DELETE_SKIPPED'],
    ['RetainExceptOnCreate', 'DELETE_COMPLETE'],
  ])('DeletionPolicy %s on a rollback of an update that created it: %s', async (policy, status) => {
    await fixture.create({ B: thing() });
    await fixture.update({ B: thing(), A: thing({}, { DeletionPolicy: policy }), ...broken });
    expect(fixture.statuses().at(-1)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.statusesOf('A').at(-1)).toBe(status);
  });

  test.each<[string, string]>([
    ['Delete', 'DELETE_COMPLETE'],
    ['Retain', 'DELETE_SKIPPED'],
    ['RetainExceptOnCreate', 'DELETE_SKIPPED'],
  ])('DeletionPolicy %s when an update removes it: %s', async (policy, status) => {
    await create(policy);
    await fixture.update({ B: thing() });
    expect(fixture.statusesOf('A').at(-1)).toBe(status);
  });

  test.each<[string, readonly string[]]>([
    ['Delete', ['update A', 'delete one']],
    ['Retain', ['update A']],
  ])('UpdateReplacePolicy %s when an update replaces it', async (policy, things) => {
    await create('Delete');
    fixture.things.length = 0;
    await fixture.update({ A: thing({ Name: 'two' }, { UpdateReplacePolicy: policy }) });
    expect(fixture.things).toEqual(things);
  });
});

describe('exports', () => {
  const exporting = (name: string, value: string) => ({
    template: { Resources: { A: thing() }, Outputs: { O: { Value: value, Export: { Name: { 'Fn::Sub': name } } } } },
  });
  const importing = { Resources: { A: custom({ V: { 'Fn::ImportValue': 'shared' } }) } };

  test('can be imported by another stack, and then neither changed nor deleted', async () => {
    await fixture.cloudFormation.createStack({ stackName: 'owner', ...exporting('shared', 'v1') });
    expect((await fixture.cloudFormation.createStack({ stackName: 'web', template: importing })).status).toBe(
      'CREATE_COMPLETE',
    );
    expect(fixture.seen[0]?.event.ResourceProperties.V).toBe('v1');

    await fixture.cloudFormation.updateStack({ stackName: 'owner', ...exporting('shared', 'v2') });
    expect(fixture.statuses('owner').at(-1)).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('owner', 'UPDATE_ROLLBACK_IN_PROGRESS')).toBe(
      'Export shared cannot be updated as it is in use by web',
    );
    expect(await fixture.cloudFormation.deleteStack('owner')).toMatchObject({
      status: 'DELETE_FAILED',
      statusReason: 'Export shared cannot be deleted as it is in use by web',
    });

    await fixture.cloudFormation.deleteStack('web');
    expect((await fixture.cloudFormation.deleteStack('owner')).status).toBe('DELETE_COMPLETE');
  });

  test.each(['', '  '])('with the value "%s" are rejected', async (value) => {
    await fixture.cloudFormation.createStack({ stackName: 'owner', ...exporting('shared', value) });
    expect(fixture.statuses('owner').at(-1)).toBe('ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('owner', 'ROLLBACK_IN_PROGRESS')).toBe(
      'Cannot export output O. Exported values must not be empty or whitespace-only. Rollback requested by user.',
    );
    expect(fixture.things).toEqual(['create A', 'delete A']);
  });

  test('with the name of an export of another stack are rejected', async () => {
    await fixture.cloudFormation.createStack({ stackName: 'owner', ...exporting('shared', 'v1') });
    const { status } = await fixture.cloudFormation.createStack({ stackName: 'web', ...exporting('shared', 'v1') });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('web', 'ROLLBACK_IN_PROGRESS')).toContain(
      'Export with name shared is already exported by stack owner.',
    );
  });
});

test('an output that is not a string is rejected', async () => {
  const { status } = await fixture.create({ A: thing() }, { Outputs: { O: { Value: ['a'] } } });
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(fixture.reasonOf('web', 'ROLLBACK_IN_PROGRESS')).toContain(
    'The Value field of output O must evaluate to a String.',
  );
});

test('the metadata of the CDK is an ordinary resource', async () => {
  const metadata = (Analytics: string) => ({ Type: 'AWS::CDK::Metadata', Properties: { Analytics } });
  expect((await fixture.create({ CDKMetadata: metadata('v2:1') })).status).toBe('CREATE_COMPLETE');
  expect((await fixture.update({ CDKMetadata: metadata('v2:2') })).status).toBe('UPDATE_COMPLETE');
  expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_COMPLETE');
});

test('the clock stands still during a request for a resource, and continues during one for a custom resource', async () => {
  const fired: number[] = [];
  fixture.clock.schedule(30_000, () => fired.push(fixture.clock.now()));
  const before = fixture.clock.now();
  await fixture.create({ A: thing() });
  expect(fixture.clock.now()).toBe(before);
  expect(fired).toEqual([]);
  fixture.reply = () => ({ after: 60_000 });
  await fixture.update({ A: thing(), B: custom() });
  expect(fixture.clock.now()).toBe(before + 60_000);
  expect(fired).toEqual([before + 30_000]);
});

test.each([
  ['an invocation takes to be accepted', custom({ ServiceTimeout: 1 })],
  ['a resource is at work', thing()],
])('the clock stands still for as long as %s', async (_what, resource) => {
  const before = fixture.clock.now();
  fixture.clock.schedule(1, () => undefined);
  fixture.accept = async () => {
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    expect(fixture.clock.now()).toBe(before);
  };
  expect((await fixture.create({ A: resource })).status).toBe('CREATE_COMPLETE');
});

test('the same requests twice give the same events', async () => {
  const run = async () => {
    const one = new CloudFormationFixture();
    await one.create({ A: custom(), B: thing() });
    await one.update({ A: custom({ V: 1 }), C: thing({ Fail: 'create' }) });
    return one.events;
  };
  expect(await run()).toEqual(await run());
});
