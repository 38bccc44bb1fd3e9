import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import {
  executionName,
  executionPrefix,
  parseExecutionName,
  toRequest,
} from '../../../lambda/cloudformation/request-identity';
import { createEvent, deleteEvent, REQUESTED_AT, RESPONSE_URL, SECRET, updateEvent } from './fakes';

const events: [string, (overrides?: Parameters<typeof updateEvent>[0]) => CloudFormationCustomResourceEvent][] = [
  ['Create', createEvent],
  ['Update', updateEvent],
  ['Delete', deleteEvent],
];

describe('executionName', () => {
  test.each(events)('for a %s is readable and valid for Step Functions', (type, event) => {
    const names = ['C', 'Cancel', 'L'.repeat(255)].map((LogicalResourceId) =>
      executionName(event({ LogicalResourceId })),
    );
    for (const name of names) {
      expect(name).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
      expect(name).toContain(`-${type}-`);
    }
    expect(names[1]).toMatch(/^Cancel-/);
  });

  test.each(events)('is the same for a %s that is delivered again', (_type, event) => {
    expect(executionName(structuredClone(event()))).toBe(executionName(event()));
  });

  test.each<[string, Parameters<typeof updateEvent>[0]]>([
    ['another response URL and the same request ID', { ResponseURL: `${RESPONSE_URL}2` }],
    ['another request ID', { RequestId: 'request-2' }],
    ['another resource', { LogicalResourceId: 'Cancel2' }],
    ['another stack', { StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0bb2' }],
  ])('is different for a request with %s', (_what, overrides) => {
    for (const [, event] of events) expect(executionName(event(overrides))).not.toBe(executionName(event()));
  });

  test('is different for each type of request', () => {
    expect(new Set(events.map(([, event]) => executionName(event()))).size).toBe(3);
  });

  test('does not reveal the response URL', () => {
    expect(executionName(createEvent())).not.toContain(SECRET);
  });
});

describe('parseExecutionName', () => {
  test.each(events)('reads the type and the time of a request from the name of its execution: %s', (_what, event) => {
    expect(parseExecutionName(executionName(event()))).toEqual({
      requestType: event().RequestType,
      requestedAt: REQUESTED_AT,
    });
    const { requestType, ...time } = parseExecutionName(executionName(event({ ResponseURL: 'https://undated' }))) ?? {};
    expect([requestType, time]).toEqual([event().RequestType, {}]);
  });

  test.each([
    'started-by-a-person',
    'Cancel-12345678-Create',
    'Cancel-1234567-Create-0123456789abcd',
    'Cancel-12345678-Start-0123456789abcd',
  ])('reads nothing from %s', (name) => {
    expect(parseExecutionName(name)).toBeUndefined();
  });
});

describe('executionPrefix', () => {
  test('is the prefix of all execution names of the resource', () => {
    for (const [, event] of events) {
      expect(executionName(event({ RequestId: 'another' })).startsWith(executionPrefix(createEvent()))).toBe(true);
    }
  });

  const long = 'L'.repeat(60);
  test.each<[string, Parameters<typeof updateEvent>[0], Parameters<typeof updateEvent>[0]]>([
    ['has an ID that starts with its ID', { LogicalResourceId: 'Cancel' }, { LogicalResourceId: 'Cancel2' }],
    ['has a long ID that differs at the end', { LogicalResourceId: `${long}1` }, { LogicalResourceId: `${long}2` }],
    [
      'has an ID that is the start of its long ID',
      { LogicalResourceId: long },
      { LogicalResourceId: long.slice(0, 40) },
    ],
    ['has the same ID in another stack', { StackId: 'stack/1' }, { StackId: 'stack/2' }],
    [
      'has the same stack and ID when both are joined',
      { StackId: 's/1', LogicalResourceId: '2C' },
      { StackId: 's/12', LogicalResourceId: 'C' },
    ],
  ])('is not the prefix of an execution name of a resource that %s', (_what, one, other) => {
    for (const [, event] of events) {
      expect(executionName(event(other)).startsWith(executionPrefix(event(one)))).toBe(false);
      expect(executionName(event(one)).startsWith(executionPrefix(event(other)))).toBe(false);
    }
  });
});

describe('toRequest', () => {
  test('has the fields that identify the request, and not the response URL', () => {
    expect(toRequest(updateEvent())).toEqual({
      StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
      RequestId: 'request-1',
      LogicalResourceId: 'Cancel',
      PhysicalResourceId: 'Cancel-1234',
    });
  });

  test('has a physical ID that is the same for every Create, and that of the event afterwards', () => {
    const created = toRequest(createEvent()).PhysicalResourceId;
    expect(created).toMatch(/^Cancel-[0-9a-f]{8}$/);
    expect(
      toRequest(createEvent({ RequestId: 'request-2', ResponseURL: 'https://elsewhere' })).PhysicalResourceId,
    ).toBe(created);
    for (const event of [updateEvent, deleteEvent]) {
      expect(toRequest(event({ PhysicalResourceId: created })).PhysicalResourceId).toBe(created);
      expect(toRequest(event({ PhysicalResourceId: 'generated by CloudFormation' })).PhysicalResourceId).toBe(
        'generated by CloudFormation',
      );
    }
  });

  test('has another physical ID in another stack', () => {
    expect(toRequest(createEvent({ StackId: 'stack/2' })).PhysicalResourceId).not.toBe(
      toRequest(createEvent()).PhysicalResourceId,
    );
  });
});
