import type { CustomResourceEvent } from '../../../../emulator/aws/cloudformation/custom-resource';
import { CloudFormationFixture, custom, FUNCTION, failed, STACK_ID, thing } from './cloudformation-fixture';

let fixture: CloudFormationFixture;
beforeEach(() => {
  fixture = new CloudFormationFixture();
});

describe('the event', () => {
  test('of a Create has exactly the members that CloudFormation sends', async () => {
    await fixture.create({ A: custom({ V: 'x' }) });
    expect(fixture.eventAt(0)).toEqual({
      RequestType: 'Create',
      ServiceToken: FUNCTION,
      ResponseURL: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:4566\/cloudformation-custom-resource-response-euwest1\/arn%3Aaws%3A.*X-Amz-Signature=[0-9a-f]{64}$/,
      ),
      StackId: STACK_ID,
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LogicalResourceId: 'A',
      ResourceType: 'Custom::Thing',
      ResourceProperties: { ServiceToken: FUNCTION, V: 'x' },
    });
    expect(Object.keys(fixture.eventAt(0))).not.toContain('PhysicalResourceId');
  });

  test('of an Update has the old physical ID and properties; of a Delete the last ones', async () => {
    await fixture.create({ A: custom({ V: 1 }) });
    await fixture.update({ A: custom({ V: 2, W: 'new' }) });
    await fixture.cloudFormation.deleteStack('web');
    expect(fixture.eventAt(1)).toMatchObject({
      RequestType: 'Update',
      PhysicalResourceId: 'id-A',
      ResourceProperties: { ServiceToken: FUNCTION, V: '2', W: 'new' },
      OldResourceProperties: { ServiceToken: FUNCTION, V: '1' },
    });
    expect(fixture.eventAt(2)).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: 'id-A',
      ResourceProperties: { V: '2' },
    });
    expect(Object.keys(fixture.eventAt(2))).not.toContain('OldResourceProperties');
  });

  test('has a new request ID and response URL each time', async () => {
    await fixture.create({ A: custom(), B: custom() });
    await fixture.cloudFormation.deleteStack('web');
    const events = fixture.seen.map(({ event }) => event);
    expect(new Set(events.map(({ RequestId }) => RequestId)).size).toBe(4);
    expect(new Set(events.map(({ ResponseURL }) => ResponseURL)).size).toBe(4);
  });

  test('has strings for all scalars, and the timeout among the properties', async () => {
    await fixture.create({
      A: custom({ ServiceTimeout: 60, N: 1.5, B: false, L: [1, [true], { x: 0 }], O: { a: { b: -1 } }, S: '' }),
    });
    expect(fixture.eventAt(0).ResourceProperties).toEqual({
      ServiceToken: FUNCTION,
      ServiceTimeout: '60',
      N: '1.5',
      B: 'false',
      L: ['1', ['true'], { x: '0' }],
      O: { a: { b: '-1' } },
      S: '',
    });
  });

  test('is sent for AWS::CloudFormation::CustomResource as well', async () => {
    await fixture.create({
      A: { Type: 'AWS::CloudFormation::CustomResource', Properties: { ServiceToken: FUNCTION } },
    });
    expect(fixture.eventAt(0).ResourceType).toBe('AWS::CloudFormation::CustomResource');
  });
});

describe('before anything is sent', () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a ServiceTimeout of 0', { ServiceTimeout: 0 }, 'Invalid ServiceTimeout 0.'],
    ['a ServiceTimeout of over an hour', { ServiceTimeout: '3601' }, 'Invalid ServiceTimeout "3601".'],
    ['a ServiceTimeout that is no number', { ServiceTimeout: '1m' }, 'Invalid ServiceTimeout "1m".'],
    ['a ServiceTimeout that is no integer', { ServiceTimeout: 1.5 }, 'Invalid ServiceTimeout 1.5.'],
    [
      'a topic as the service token',
      { ServiceToken: 'arn:aws:sns:eu-west-1:123456789012:t' },
      'unsupported ServiceToken',
    ],
    ['no service token', { ServiceToken: { Ref: 'AWS::NoValue' } }, 'unsupported ServiceToken'],
  ])('%s fails the resource, and no Delete follows', async (_what, properties, reason) => {
    const { status } = await fixture.create({ A: custom(properties) });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('A', 'CREATE_FAILED')).toContain(reason);
    expect(fixture.seen).toEqual([]);
  });

  test('a rejected invocation fails the resource, and no Delete follows', async () => {
    fixture.reply = () => 'refuse';
    const { status } = await fixture.create({ A: custom() });
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('A', 'CREATE_FAILED')).toBe('Access denied for operation lambda:InvokeFunction');
    expect(fixture.seen).toHaveLength(1);
  });

  test('another service token is rejected, and the update is rolled back with the old one', async () => {
    await fixture.create({ A: custom() });
    fixture.seen.length = 0;
    const { status } = await fixture.update({ A: custom({ ServiceToken: `${FUNCTION}-2` }) });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('A', 'UPDATE_FAILED')).toBe('Modifying service token is not allowed.');
    expect(fixture.seen.map(({ event }) => event.ServiceToken)).toEqual([FUNCTION]);
  });
});

describe('replacement: an Update whose response has another physical ID', () => {
  const idByVersion = (event: CustomResourceEvent) =>
    event.RequestType === 'Delete' ? {} : { answer: { PhysicalResourceId: `id-${event.ResourceProperties.V}` } };

  beforeEach(async () => {
    fixture.reply = idByVersion;
    await fixture.create({ A: custom({ V: 1 }), B: thing() });
    fixture.seen.length = 0;
  });

  test('is followed by a Delete of the old resource, with the old properties, in the cleanup', async () => {
    await fixture.update({ A: custom({ V: 2 }) });
    expect(fixture.eventAt(1)).toMatchObject({
      RequestType: 'Delete',
      PhysicalResourceId: 'id-1',
      ResourceProperties: { V: '1' },
    });
    expect(fixture.takeSeen()).toEqual([
      'UPDATE_IN_PROGRESS: Update A',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: Delete A',
    ]);
    expect(fixture.reasonOf('A', 'UPDATE_IN_PROGRESS')).toBeUndefined();
    expect(fixture.events.map(({ statusReason }) => statusReason)).toContain(
      'Requested update required the provider to create a new physical resource',
    );
  });

  test('that is rolled back is followed by a Delete of the new resource, with the new properties', async () => {
    await fixture.update({ A: custom({ V: 2 }), B: thing({ Fail: 'update' }, { DependsOn: 'A' }) });
    expect(
      fixture.seen.map(({ event }) => [event.RequestType, event.PhysicalResourceId, event.ResourceProperties.V]),
    ).toEqual([
      ['Update', 'id-1', '2'],
      ['Update', 'id-2', '1'],
      ['Delete', 'id-2', '2'],
    ]);
    expect(fixture.takeSeen()).toEqual([
      'UPDATE_IN_PROGRESS: Update A',
      'UPDATE_ROLLBACK_IN_PROGRESS: Update A',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: Delete A',
    ]);
    await fixture.cloudFormation.deleteStack('web');
    expect(fixture.eventAt(0)).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'id-1' });
  });

  test('with FAILED is followed by a Delete of the new resource, and the old one stays', async () => {
    fixture.reply = (event) => {
      if (event.RequestType === 'Update' && event.ResourceProperties.V === '2')
        return failed({ PhysicalResourceId: 'id-2' });
      return idByVersion(event);
    };
    await fixture.update({ A: custom({ V: 2 }), B: thing() });
    expect(
      fixture.seen.map(({ event }) => [event.RequestType, event.PhysicalResourceId, event.ResourceProperties.V]),
    ).toEqual([
      ['Update', 'id-1', '2'],
      ['Update', 'id-1', '1'],
      ['Delete', 'id-2', '2'],
    ]);
  });
});
