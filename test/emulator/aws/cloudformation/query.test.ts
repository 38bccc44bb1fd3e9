import {
  CancelUpdateStackCommand,
  type CancelUpdateStackCommandInput,
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { answerQuery, iamRequests } from '../../../../emulator/aws/cloudformation/query';
import { HttpServer, type RawRequest } from '../../../../emulator/core/http-server';
import { CloudFormationFixture, custom, thing } from './cloudformation-fixture';

let fixture: CloudFormationFixture;
let server: HttpServer;
let client: CloudFormationClient;

beforeEach(async () => {
  fixture = new CloudFormationFixture();
  server = await HttpServer.listen({ services: [], raw: (request) => answerQuery(fixture.cloudFormation, request) });
  client = new CloudFormationClient({
    region: 'eu-west-1',
    endpoint: server.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
  });
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

async function describeStack(StackName?: string) {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  return Stacks ?? [];
}

test('the real client reads a stack by its name and by its ID', async () => {
  const { stackId } = await fixture.cloudFormation.createStack({
    stackName: 'web',
    parameters: { P: '<&"\u00e9>' },
    template: {
      Description: 'what it is',
      Parameters: { P: { Type: 'String' } },
      Resources: { A: thing() },
      Outputs: { O: { Value: { Ref: 'P' }, Description: 'as given', Export: { Name: 'web-o' } } },
    },
  });
  const byName = await describeStack('web');
  expect(byName).toEqual([
    {
      StackName: 'web',
      StackId: stackId,
      StackStatus: 'CREATE_COMPLETE',
      Description: 'what it is',
      CreationTime: new Date(fixture.clock.now()),
      DisableRollback: false,
      NotificationARNs: [],
      Tags: [],
      Outputs: [{ OutputKey: 'O', OutputValue: '<&"\u00e9>', Description: 'as given', ExportName: 'web-o' }],
      Parameters: [{ ParameterKey: 'P', ParameterValue: '<&"\u00e9>' }],
      LastOperations: [{ OperationType: 'CREATE_STACK', OperationId: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    },
  ]);
  expect(await describeStack(stackId)).toEqual(byName);
});

test('it reads the status while a custom resource is in progress', async () => {
  const release = fixture.clock.hold();
  const creating = fixture.create({ A: custom() });
  expect(await describeStack('web')).toMatchObject([{ StackStatus: 'CREATE_IN_PROGRESS' }]);
  release();
  await creating;
  expect(await describeStack('web')).toMatchObject([{ StackStatus: 'CREATE_COMPLETE' }]);
});

test('it reads the times, the reason, and the parent and root of a nested stack', async () => {
  fixture.templates.set('https://child', { Resources: { Inner: thing({ V: { Ref: 'AWS::StackName' } }) } });
  const child = (Parameters = {}) => ({
    Type: 'AWS::CloudFormation::Stack',
    Properties: { TemplateURL: 'https://child', ...Parameters },
  });
  const { stackId } = await fixture.create({ Child: child() });
  await fixture.update({ Child: child({ Tags: [] }), B: thing({ Fail: 'create' }) });
  const [nested] = (await describeStack()).filter(({ ParentId }) => ParentId !== undefined);
  expect(nested).toMatchObject({ ParentId: stackId, RootId: stackId });
  const [parent] = await describeStack('web');
  expect(parent).toMatchObject({
    StackStatus: 'UPDATE_ROLLBACK_COMPLETE',
    LastUpdatedTime: new Date(fixture.clock.now()),
  });
  expect(parent).not.toHaveProperty('RootId');
});

test('it finds a deleted stack only by its ID', async () => {
  const { stackId } = await fixture.create({ A: thing() });
  await fixture.cloudFormation.deleteStack('web');
  expect(await describeStack(stackId)).toMatchObject([
    { StackStatus: 'DELETE_COMPLETE', DeletionTime: new Date(fixture.clock.now()) },
  ]);
  await expect(describeStack('web')).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id web does not exist',
    $metadata: { httpStatusCode: 400 },
  });
  expect(await describeStack()).toEqual([]);
});

test('it reads all stacks in pages, with their tags', async () => {
  const names = Array.from({ length: 101 }, (_, index) => `web-${index}`);
  for (const stackName of names) {
    const tags = { team: 'a & b', stage: stackName };
    await fixture.cloudFormation.createStack({ stackName, tags, template: { Resources: { A: thing() } } });
  }
  const first = await client.send(new DescribeStacksCommand({}));
  const second = await client.send(new DescribeStacksCommand({ NextToken: first.NextToken }));
  expect([...(first.Stacks ?? []), ...(second.Stacks ?? [])].map(({ StackName }) => StackName)).toEqual(names);
  expect(first.Stacks).toHaveLength(100);
  expect(second.NextToken).toBeUndefined();
  expect(second.Stacks?.[0]?.Tags).toEqual([
    { Key: 'team', Value: 'a & b' },
    { Key: 'stage', Value: 'web-100' },
  ]);
});

test('an unknown action is rejected with the error of AWS', async () => {
  await expect(client.send(new ListStacksCommand({}))).rejects.toMatchObject({
    name: 'InvalidAction',
    message: 'Could not find operation ListStacks for version 2010-05-15',
  });
});

describe('permissions', () => {
  const context = { 'aws:RequestedRegion': 'eu-west-1' };
  const call = (body: string, more: Partial<RawRequest> = {}): RawRequest => ({
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `Version=2010-05-15&${body}`,
    ...more,
  });

  test('are checked against the ARN of the stack, by name or by ID', async () => {
    const { stackId } = await fixture.create({ A: thing() });
    const expected = [{ action: 'cloudformation:DescribeStacks', resource: stackId, context, resourceTags: {} }];
    expect(iamRequests(fixture.cloudFormation, call('Action=DescribeStacks&StackName=web'))).toEqual(expected);
    expect(
      iamRequests(fixture.cloudFormation, call(`Action=DescribeStacks&StackName=${encodeURIComponent(stackId)}`)),
    ).toEqual(expected);
  });

  test.each([
    ['Action=DescribeStacks&StackName=ghost', 'arn:aws:cloudformation:eu-west-1:123456789012:stack/ghost/*'],
    ['Action=DescribeStacks&StackName=arn:aws:cloudformation:x', 'arn:aws:cloudformation:x'],
  ])('of %s are checked against %s if the stack does not exist', (query, resource) => {
    expect(iamRequests(fixture.cloudFormation, call(query))).toEqual([
      { action: 'cloudformation:DescribeStacks', resource, context, resourceTags: {} },
    ]);
  });

  test('have the tags of the stack', async () => {
    const tags = { team: 'web' };
    await fixture.cloudFormation.createStack({ stackName: 'web', tags, template: { Resources: { A: thing() } } });
    expect(iamRequests(fixture.cloudFormation, call('Action=CancelUpdateStack&StackName=web'))).toMatchObject([
      { action: 'cloudformation:CancelUpdateStack', resourceTags: tags },
    ]);
  });

  test('to describe all stacks include listing them', () => {
    expect(iamRequests(fixture.cloudFormation, call('Action=DescribeStacks'))).toEqual([
      { action: 'cloudformation:DescribeStacks', resource: '*', context },
      { action: 'cloudformation:ListStacks', resource: '*', context },
    ]);
  });

  test.each<[string, RawRequest]>([
    ['another version', call('', { body: 'Action=DescribeStacks&Version=2011-01-01' })],
    ['another method', call('Action=DescribeStacks', { method: 'PUT' })],
    ['another type of content', call('Action=DescribeStacks', { headers: { 'content-type': 'application/json' } })],
  ])('%s is not a call of this service', (_what, request) => {
    expect(iamRequests(fixture.cloudFormation, request)).toEqual([]);
    expect(answerQuery(fixture.cloudFormation, request)).toBeUndefined();
  });
});

describe('an update', () => {
  const cancel = (more: Partial<CancelUpdateStackCommandInput> = {}) =>
    client.send(new CancelUpdateStackCommand({ StackName: 'web', ...more }));
  const statusesOf = async () => {
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: 'web' }));
    return StackEvents.filter(({ LogicalResourceId }) => LogicalResourceId === 'web');
  };

  test('is cancelled, and the stack is as before', async () => {
    await fixture.create({ A: thing({ V: '1' }) });
    const release = fixture.clock.hold();
    const updating = fixture.update({ A: thing({ V: '2' }), B: custom() });
    await cancel();
    release();
    expect((await updating).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const [{ LastOperations } = {}] = await describeStack('web');
    expect(LastOperations?.map(({ OperationType }) => OperationType)).toEqual(['ROLLBACK', 'UPDATE_STACK']);
    const [rollback, update] = LastOperations ?? [];
    const events = await statusesOf();
    expect(events.map(({ ResourceStatus }) => ResourceStatus)).toEqual([
      'UPDATE_ROLLBACK_COMPLETE',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_IN_PROGRESS',
      'CREATE_COMPLETE',
      'CREATE_IN_PROGRESS',
    ]);
    expect(events.slice(0, 4).map(({ OperationId }) => OperationId)).toEqual([
      ...Array(3).fill(rollback?.OperationId),
      update?.OperationId,
    ]);
  });

  test('cannot be cancelled twice, or after its end, and neither can a creation', async () => {
    const refusal = {
      name: 'ValidationError',
      message: 'CancelUpdateStack cannot be called from current stack status',
    };
    const release = fixture.clock.hold();
    const creating = fixture.create({ A: custom() });
    await expect(cancel()).rejects.toMatchObject(refusal);
    release();
    await creating;
    await expect(cancel()).rejects.toMatchObject(refusal);
    const holdAgain = fixture.clock.hold();
    const updating = fixture.update({ A: custom(), B: custom() });
    await cancel();
    await expect(cancel()).rejects.toMatchObject(refusal);
    holdAgain();
    await updating;
  });

  test('is rolled back when it is cancelled, even with disabled rollback', async () => {
    await fixture.create({ A: thing({ V: '1' }) });
    const release = fixture.clock.hold();
    const updating = fixture.cloudFormation.updateStack({
      stackName: 'web',
      template: { Resources: { A: thing({ V: '2' }), B: custom() } },
      disableRollback: true,
    });
    await cancel();
    release();
    expect((await updating).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  test('has a response without a result', () => {
    const request: RawRequest = {
      method: 'POST',
      path: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=CancelUpdateStack&Version=2010-05-15&StackName=web',
    };
    const cancelUpdateStack = jest.spyOn(fixture.cloudFormation, 'cancelUpdateStack').mockReturnValue(undefined);
    const { statusCode, body } = answerQuery(fixture.cloudFormation, request) ?? {};
    expect(statusCode).toBe(200);
    expect(body).toMatch(/^<CancelUpdateStackResponse [^>]*><ResponseMetadata>.*<\/CancelUpdateStackResponse>$/);
    expect(cancelUpdateStack).toHaveBeenCalledWith('web');
  });

  test.each<[Partial<CancelUpdateStackCommandInput>, string]>([
    [{ StackName: 'ghost' }, 'Stack [ghost] does not exist'],
    [{ StackName: '' }, "1 validation error detected: Value '' at 'stackName' failed to satisfy constraint"],
    [{ ClientRequestToken: '-' }, "1 validation error detected: Value '-' at 'clientRequestToken' failed to satisfy"],
  ])('with %j is rejected with the error of AWS', async (input, message) => {
    await fixture.create({ A: thing() });
    await expect(cancel(input)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(message),
    });
  });

  test('has pages of events', async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`R${index}`, thing()]));
    await fixture.create(many);
    const first = await client.send(new DescribeStackEventsCommand({ StackName: 'web' }));
    expect(first.StackEvents).toHaveLength(100);
    const second = await client.send(new DescribeStackEventsCommand({ StackName: 'web', NextToken: first.NextToken }));
    expect(second.StackEvents?.at(-1)).toMatchObject({
      LogicalResourceId: 'web',
      ResourceStatus: 'CREATE_IN_PROGRESS',
    });
    const ids = [...(first.StackEvents ?? []), ...(second.StackEvents ?? [])].map(({ EventId }) => EventId);
    expect(new Set(ids).size).toBe(ids.length);
    await expect(
      client.send(new DescribeStackEventsCommand({ StackName: 'web', NextToken: 'x' })),
    ).rejects.toMatchObject({ name: 'ValidationError' });
  });
});
