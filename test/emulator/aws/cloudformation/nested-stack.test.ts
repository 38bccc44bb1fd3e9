import { CloudFormationFixture, custom, failed, thing } from './cloudformation-fixture';

const URL = 'https://assets/child.json';

function nested(properties: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}) {
  return { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: URL, ...properties }, ...more };
}

let fixture: CloudFormationFixture;
beforeEach(() => {
  fixture = new CloudFormationFixture();
  fixture.templates.set(URL, {
    Parameters: { V: { Type: 'String', Default: 'default' }, L: { Type: 'CommaDelimitedList', Default: '' } },
    Resources: { Inner: custom({ V: { Ref: 'V' } }) },
    Outputs: { Id: { Value: { Ref: 'Inner' } }, V: { Value: { Ref: 'V' }, Export: { Name: 'child-v' } } },
  });
});

/** The child stack of the resource `Child`, in any status. */
function child() {
  const id = fixture.events.find(({ logicalId, physicalId }) => logicalId === 'Child' && physicalId)?.physicalId;
  return fixture.cloudFormation.describeStack(id ?? '');
}

function childStatuses(): string[] {
  return fixture.statuses(child()?.stackName);
}

test('is a stack with a parent and a root, and its outputs are attributes', async () => {
  const parent = await fixture.create(
    { Child: nested({ Parameters: { V: 'given', L: ['a', 'b'] } }) },
    { Outputs: { V: { Value: { 'Fn::GetAtt': ['Child', 'Outputs.V'] } }, Id: { Value: { Ref: 'Child' } } } },
  );
  expect(parent.outputs.map(({ value }) => value)).toEqual(['given', child()?.stackId]);
  expect(parent).not.toHaveProperty('rootId', expect.anything());
  expect(child()).toMatchObject({
    stackName: expect.stringMatching(/^web-Child-[0-9A-Z]{12}$/),
    status: 'CREATE_COMPLETE',
    parentId: parent.stackId,
    rootId: parent.stackId,
    parameters: [
      { key: 'V', value: 'given' },
      { key: 'L', value: 'a,b' },
    ],
  });
  expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create Inner']);
});

test('of a nested stack has the outermost stack as its root', async () => {
  const outer = { Resources: { Child: nested() } };
  fixture.templates.set('https://assets/outer.json', outer);
  const root = await fixture.create({ Middle: nested({ TemplateURL: 'https://assets/outer.json' }) });
  expect(child()).toMatchObject({ rootId: root.stackId, parentId: expect.stringContaining('/web-Middle-') });
});

test('whose creation fails ends in CREATE_FAILED and is deleted in the rollback of its parent', async () => {
  fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? failed() : {});
  expect((await fixture.create({ Child: nested() })).status).toBe('ROLLBACK_COMPLETE');
  expect(childStatuses()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_FAILED', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
  expect(fixture.reasonOf('Child', 'CREATE_FAILED')).toBe(
    `Embedded stack ${child()?.stackId} was not successfully created: The following resource(s) failed to create: [Inner].`,
  );
  expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create Inner', 'DELETE_IN_PROGRESS: Delete Inner']);
});

test('that is complete becomes DELETE_IN_PROGRESS when the creation of its parent is rolled back', async () => {
  await fixture.create({ Child: nested(), Other: thing({ Fail: 'create' }, { DependsOn: 'Child' }) });
  expect(fixture.statuses()).toEqual(['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']);
  expect(childStatuses()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
  expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create Inner', 'DELETE_IN_PROGRESS: Delete Inner']);
});

test('in flight is given up when another resource of its parent fails', async () => {
  fixture.reply = ({ LogicalResourceId, RequestType }) => {
    if (RequestType === 'Delete') return {};
    return LogicalResourceId === 'Inner' ? { after: 600_000 } : { after: 60_000, ...(failed() as object) };
  };
  await fixture.create({ Child: nested(), Other: custom() });
  expect(fixture.reasonOf('Child', 'CREATE_FAILED')).toBe('Resource creation cancelled');
  expect(fixture.reasonOf('Inner', 'CREATE_FAILED')).toBe('Resource creation cancelled');
  expect(childStatuses()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_FAILED', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE']);
});

describe('in an update', () => {
  const before = { Child: nested({ Parameters: { V: '1' } }), Other: thing() };
  const after = { Child: nested({ Parameters: { V: '2' } }), Other: thing() };

  beforeEach(async () => {
    await fixture.create(before);
    fixture.seen.length = 0;
    fixture.things.length = 0;
  });

  test('is updated, and cleaned up together with its parent', async () => {
    fixture.reply = (event) =>
      event.RequestType === 'Delete' ? {} : { answer: { PhysicalResourceId: `id-${event.ResourceProperties.V}` } };
    const order: string[] = [];
    const parent = await fixture.update({ ...after, Late: custom({}, { DependsOn: 'Child' }) });
    for (const { logicalId, status } of fixture.events.slice(-20))
      order.push(`${logicalId === child()?.stackName ? 'child' : logicalId} ${status}`);
    expect(parent.status).toBe('UPDATE_COMPLETE');
    expect(childStatuses().slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
    expect(order.indexOf('child UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')).toBeLessThan(
      order.indexOf('Late CREATE_IN_PROGRESS'),
    );
    expect(order.indexOf('child UPDATE_COMPLETE')).toBeGreaterThan(
      order.indexOf('web UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'),
    );
    expect(fixture.takeSeen()).toEqual([
      'UPDATE_IN_PROGRESS: Update Inner',
      'UPDATE_IN_PROGRESS: Create Late',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: Delete Inner',
    ]);
  });

  test('becomes UPDATE_ROLLBACK_IN_PROGRESS when it was updated and its parent fails', async () => {
    const parent = await fixture.update({ ...after, Other: thing({ Fail: 'update' }, { DependsOn: 'Child' }) });
    expect(parent.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(childStatuses().slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect(child()?.parameters[0]).toEqual({ key: 'V', value: '1' });
    expect(child()?.outputs.find(({ key }) => key === 'V')?.value).toBe('1');
    expect(fixture.takeSeen()).toEqual([
      'UPDATE_IN_PROGRESS: Update Inner',
      'UPDATE_ROLLBACK_IN_PROGRESS: Update Inner',
    ]);
    await fixture.cloudFormation.createStack({
      stackName: 'user',
      template: { Resources: { A: custom({ V: { 'Fn::ImportValue': 'child-v' } }) } },
    });
    expect(fixture.seen[0]?.event.ResourceProperties.V).toBe('1');
  });

  test('that fails becomes UPDATE_ROLLBACK_IN_PROGRESS, and its parent as well', async () => {
    fixture.reply = ({ ResourceProperties }) => (ResourceProperties.V === '2' ? failed() : {});
    const parent = await fixture.update(after);
    expect(parent.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('Child', 'UPDATE_FAILED')).toBe(
      `Embedded stack ${child()?.stackId} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: [Inner].`,
    );
    expect(childStatuses().slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ]);
    expect(fixture.takeSeen()).toEqual([
      'UPDATE_IN_PROGRESS: Update Inner',
      'UPDATE_ROLLBACK_IN_PROGRESS: Update Inner',
    ]);
  });

  test('in flight is given up when another resource of its parent fails', async () => {
    fixture.reply = ({ LogicalResourceId, ResourceProperties }) => {
      if (LogicalResourceId === 'New') return { after: 60_000, ...(failed() as object) };
      return ResourceProperties.V === '2' ? { after: 600_000 } : {};
    };
    await fixture.update({ ...after, New: custom({ V: 'new' }) });
    expect(fixture.reasonOf('Child', 'UPDATE_FAILED')).toBe('Resource update cancelled');
    expect(childStatuses().at(-1)).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('whose rollback fails brings its parent to UPDATE_ROLLBACK_FAILED', async () => {
    fixture.reply = () => failed();
    expect((await fixture.update(after)).status).toBe('UPDATE_ROLLBACK_FAILED');
    expect(child()?.status).toBe('UPDATE_ROLLBACK_FAILED');
  });

  test('that rejects its update stays unchanged', async () => {
    const parent = await fixture.update({ ...after, Child: nested({ Parameters: { Ghost: '2' } }) });
    expect(parent.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('Child', 'UPDATE_FAILED')).toBe('Parameters: [Ghost] do not exist in the template');
    expect(childStatuses()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  });

  test('without changes gets no update', async () => {
    await fixture.update({ ...before, Other: thing({ V: 1 }) });
    expect(childStatuses()).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  });

  test('created in a failed update is deleted in the cleanup', async () => {
    await fixture.update({ ...before, New: nested({ Parameters: { V: 'n' } }), Other: thing({ Fail: 'update' }) });
    const [created, deleted] = fixture.seen;
    expect(created?.event.RequestType).toBe('Create');
    expect(deleted).toMatchObject({ stackStatus: 'DELETE_IN_PROGRESS', event: { RequestType: 'Delete' } });
  });

  test('that is removed is deleted in the cleanup', async () => {
    await fixture.update({ Other: thing() });
    expect(child()?.status).toBe('DELETE_COMPLETE');
    expect(fixture.takeSeen()).toEqual(['DELETE_IN_PROGRESS: Delete Inner']);
  });
});

test('stays in its failed status if its root has disabled rollback', async () => {
  fixture.reply = () => failed();
  const template = { Resources: { Child: nested() } };
  const { status } = await fixture.cloudFormation.createStack({ stackName: 'web', template, disableRollback: true });
  expect([status, child()?.status, child()?.disableRollback]).toEqual(['CREATE_FAILED', 'CREATE_FAILED', true]);
  expect(fixture.takeSeen()).toEqual(['CREATE_IN_PROGRESS: Create Inner']);
});

test('whose delete fails blocks its parent', async () => {
  await fixture.create({ Child: nested() });
  fixture.reply = () => failed();
  expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_FAILED');
  expect(fixture.reasonOf('Child', 'DELETE_FAILED')).toBe(
    `Embedded stack ${child()?.stackId} was not successfully deleted: The following resource(s) failed to delete: [Inner].`,
  );
});

test('cannot be updated or deleted without its root', async () => {
  await fixture.create({ Child: nested() });
  await expect(fixture.cloudFormation.deleteStack(child()?.stackId ?? '')).rejects.toThrow(
    'is a nested stack; use its root stack',
  );
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['a template that is not there', { TemplateURL: 'https://nowhere' }, 'no template at https://nowhere'],
  [
    'a property it does not know',
    { TimeoutInMinutes: 5 },
    'unsupported properties of AWS::CloudFormation::Stack: TimeoutInMinutes',
  ],
])('%s fails the resource, and there is no child', async (_what, properties, reason) => {
  expect((await fixture.create({ Child: nested(properties) })).status).toBe('ROLLBACK_COMPLETE');
  expect(fixture.reasonOf('Child', 'CREATE_FAILED')).toBe(reason);
  expect(fixture.cloudFormation.describeStacks()).toHaveLength(1);
});

test('an output that the child does not have fails the resource that requests it', async () => {
  await fixture.create({ Child: nested(), A: thing({ V: { 'Fn::GetAtt': ['Child', 'Outputs.Nope'] } }) });
  expect(fixture.reasonOf('A', 'CREATE_FAILED')).toMatch(
    /^Output 'Nope' not found in stack 'arn:aws:cloudformation:.*'$/,
  );
});
