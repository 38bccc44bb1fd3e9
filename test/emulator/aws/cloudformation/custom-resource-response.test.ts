import type { CustomResourceEvent } from '../../../../emulator/aws/cloudformation/custom-resource';
import { answerTo, CloudFormationFixture, custom, failed, STACK_ID, thing } from './cloudformation-fixture';

let fixture: CloudFormationFixture;
beforeEach(() => {
  fixture = new CloudFormationFixture();
});

describe('a response', () => {
  test('sets the physical ID and the attributes', async () => {
    fixture.reply = () => ({ answer: { PhysicalResourceId: 'mine', Data: { Status: 'CANCELLED', Count: 3 } } });
    const { outputs } = await fixture.create(
      { A: custom() },
      {
        Outputs: {
          Id: { Value: { Ref: 'A' } },
          Status: { Value: { 'Fn::GetAtt': ['A', 'Status'] } },
          Count: { Value: { 'Fn::Join': ['', [{ 'Fn::GetAtt': 'A.Count' }, '!']] } },
        },
      },
    );
    expect(outputs.map(({ key, value }) => `${key}=${value}`)).toEqual(['Id=mine', 'Status=CANCELLED', 'Count=3!']);
  });

  test('without a requested attribute fails the resource that requests it', async () => {
    await fixture.create({ A: custom(), B: thing({ V: { 'Fn::GetAtt': ['A', 'Status'] } }) });
    expect(fixture.reasonOf('B', 'CREATE_FAILED')).toBe(
      `CustomResource attribute error: Vendor response doesn't contain Status attribute in object ${STACK_ID}|A|${fixture.eventAt(0).RequestId}`,
    );
  });

  test('with FAILED gives the reason that CloudFormation shows', async () => {
    fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? failed() : {});
    await fixture.create({ A: custom() });
    expect(fixture.reasonOf('A', 'CREATE_FAILED')).toBe(
      `Received response status [FAILED] from custom resource. Message returned: it broke (RequestId: ${fixture.eventAt(0).RequestId})`,
    );
  });

  const tooLong = 'ü'.repeat(2048);
  test.each<[string, Readonly<Record<string, unknown>> | string, string]>([
    ['longer than 4,096 bytes', { Reason: tooLong }, 'Response object is too long.'],
    ['that is not JSON', '<html>', 'Invalid Response object: it must be valid JSON'],
    ['that is empty', '', 'Invalid Response object: it must be valid JSON'],
    ['that is no object', '[]', 'Invalid Response object: it must be a JSON object'],
    [
      'with an unknown status',
      { Status: 'FAILURE' },
      "Invalid Response object: 'FAILURE' is not a valid ResponseStatus",
    ],
    ['without a status', { Status: undefined }, "Invalid Response object: 'undefined' is not a valid ResponseStatus"],
    [
      'without a reason for FAILED',
      { Status: 'FAILED' },
      'Invalid Response object: Value of property Reason must be of type String',
    ],
    [
      'with null as the reason',
      { Reason: null },
      'Invalid Response object: Value of property Reason must be of type String',
    ],
    ['without a physical id', { PhysicalResourceId: undefined }, 'Invalid PhysicalResourceId'],
    ['with an empty physical id', { PhysicalResourceId: '' }, 'Invalid PhysicalResourceId'],
    ['with a physical id of over a kilobyte', { PhysicalResourceId: 'x'.repeat(1025) }, 'Invalid PhysicalResourceId'],
    [
      'with a number as the physical id',
      { PhysicalResourceId: 1 },
      'Invalid Response object: Value of property PhysicalResourceId must be of type String',
    ],
    [
      'FAILED without a physical id',
      { Status: 'FAILED', Reason: 'x', PhysicalResourceId: '' },
      'Invalid PhysicalResourceId',
    ],
    [
      'of another stack',
      { StackId: 'x' },
      'Invalid Response object: Value of property StackId must be that of the request',
    ],
    [
      'of another request',
      { RequestId: 'x' },
      'Invalid Response object: Value of property RequestId must be that of the request',
    ],
    [
      'of another resource',
      { LogicalResourceId: 'x' },
      'Invalid Response object: Value of property LogicalResourceId must be that of the request',
    ],
    ['with a list as data', { Data: ['a'] }, 'Invalid Response object: Value of property Data must be an object'],
  ])('%s fails the resource, and it is deleted with a generated ID', async (_what, answer, reason) => {
    fixture.reply = ({ RequestType }) => {
      if (RequestType !== 'Create') return {};
      return typeof answer === 'string' ? { body: answer } : { answer };
    };
    const { status } = await fixture.create({ A: custom() });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('A', 'CREATE_FAILED')).toBe(reason);
    expect(fixture.eventAt(1)).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: expect.stringMatching(/^web-A-[0-9A-Z]{12}$/),
    });
  });

  test('of exactly 4,096 bytes is accepted', async () => {
    fixture.reply = (event) => {
      const rest = 4096 - Buffer.byteLength(answerTo(event, { Reason: '' }));
      return { answer: { Reason: 'x'.repeat(rest) } };
    };
    expect((await fixture.create({ A: custom() })).status).toBe('CREATE_COMPLETE');
  });

  test('to a Delete with another physical ID fails the Delete', async () => {
    await fixture.create({ A: custom() });
    fixture.reply = () => ({ answer: { PhysicalResourceId: 'other' } });
    expect((await fixture.cloudFormation.deleteStack('web')).status).toBe('DELETE_FAILED');
    expect(fixture.reasonOf('A', 'DELETE_FAILED')).toBe('Invalid PhysicalResourceId');
  });
});

describe('the response URL', () => {
  /** A stack whose function sends no response by itself. */
  async function waiting(): Promise<{
    event: CustomResourceEvent;
    created: Promise<unknown>;
    put: (path: string, method?: string) => number | undefined;
  }> {
    const release = fixture.clock.hold();
    fixture.reply = () => 'never';
    const created = fixture.create({ A: custom() }).finally(release);
    await new Promise(setImmediate);
    const event = fixture.eventAt(0);
    const put = (path: string, method = 'PUT') =>
      fixture.cloudFormation.takeAnswer({ method, path, body: answerTo(event) })?.statusCode;
    return { event, created, put };
  }

  function pathOf({ ResponseURL }: CustomResourceEvent): string {
    const { pathname, search } = new URL(ResponseURL);
    return pathname + search;
  }

  test('rejects a wrong signature, and all methods but PUT', async () => {
    const { event, created, put } = await waiting();
    const path = pathOf(event);
    expect(put(path.replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`))).toBe(403);
    expect(put(path.replace(/\?.*/, ''))).toBe(403);
    expect(put(path.replace(/%7CA%7C/, '%7CB%7C'))).toBe(403);
    expect(put(path, 'GET')).toBe(403);
    expect(fixture.cloudFormation.describeStack('web')?.status).toBe('CREATE_IN_PROGRESS');
    expect(put(path)).toBe(200);
    expect(await created).toMatchObject({ status: 'CREATE_COMPLETE' });
  });

  test('ignores requests for other paths', async () => {
    expect(fixture.cloudFormation.takeAnswer({ method: 'PUT', path: '/', body: '' })).toBeUndefined();
    expect(fixture.cloudFormation.takeAnswer({ method: 'PUT', path: '//?', body: '' })).toBeUndefined();
  });

  test('accepts a second response, without effect', async () => {
    const { event, created } = await waiting();
    fixture.answer(event, answerTo(event, { Data: { V: 'first' } }));
    expect(await created).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(fixture.answer(event, answerTo(event, { Status: 'FAILED', Reason: 'second' }))).toBe(200);
    expect(fixture.cloudFormation.describeStack('web')?.status).toBe('CREATE_COMPLETE');
  });

  test('expires after two hours', async () => {
    const { event, created } = await waiting();
    fixture.answer(event, answerTo(event));
    await created;
    fixture.clock.set(fixture.clock.now() + 7_200_000);
    expect(fixture.answer(event, answerTo(event))).toBe(200);
    fixture.clock.set(fixture.clock.now() + 1);
    expect(fixture.answer(event, answerTo(event))).toBe(403);
  });
});

describe('without a response', () => {
  test.each<[string, Readonly<Record<string, unknown>>, number]>([
    ['an hour by default', {}, 3600],
    ['as long as ServiceTimeout says', { ServiceTimeout: 90 }, 90],
    ['as long as ServiceTimeout says, as a string', { ServiceTimeout: '1' }, 1],
  ])('a Create fails after %s', async (_what, properties, seconds) => {
    fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? 'never' : {});
    const start = fixture.clock.now();
    const { status } = await fixture.create({ A: custom(properties) });
    expect(status).toBe('ROLLBACK_COMPLETE');
    const failure = fixture.events.find((event) => event.status === 'CREATE_FAILED');
    expect((failure?.timestamp ?? 0) - start).toBe(seconds * 1000);
    expect(failure?.statusReason).toMatch(
      `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${fixture.eventAt(0).RequestId}].`,
    );
  });

  test('a Create is followed by a Delete with a generated ID', async () => {
    fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? 'never' : {});
    await fixture.create({ A: custom({ ServiceTimeout: 60 }) });
    expect(fixture.eventAt(1)).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: expect.stringMatching(/^web-A-[0-9A-Z]{12}$/),
    });
  });

  test('an Update is rolled back', async () => {
    await fixture.create({ A: custom({ V: 1, ServiceTimeout: 60 }) });
    fixture.reply = ({ ResourceProperties }) => (ResourceProperties.V === '2' ? 'never' : {});
    const { status } = await fixture.update({ A: custom({ V: 2, ServiceTimeout: 60 }) });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.eventAt(2)).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'id-A',
      ResourceProperties: { V: '1' },
      OldResourceProperties: { V: '2' },
    });
  });

  test('a Delete fails the stack', async () => {
    await fixture.create({ A: custom({ ServiceTimeout: 60 }) });
    fixture.reply = () => 'never';
    expect(await fixture.cloudFormation.deleteStack('web')).toMatchObject({ status: 'DELETE_FAILED' });
  });

  test('a response after the timeout is accepted, without effect', async () => {
    fixture.reply = ({ RequestType }) => (RequestType === 'Create' ? 'never' : {});
    const { status } = await fixture.create({ A: custom({ ServiceTimeout: 60 }) });
    expect(fixture.answer(fixture.eventAt(0), answerTo(fixture.eventAt(0)))).toBe(200);
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.cloudFormation.describeStack(STACK_ID)?.status).toBe('ROLLBACK_COMPLETE');
  });

  test('a response in the last moment has effect', async () => {
    fixture.reply = () => ({ after: 59_999 });
    expect((await fixture.create({ A: custom({ ServiceTimeout: 60 }) })).status).toBe('CREATE_COMPLETE');
  });
});
