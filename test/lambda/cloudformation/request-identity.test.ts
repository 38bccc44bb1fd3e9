import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { executionName, executionPrefix, toRequest } from '../../../lambda/cloudformation/request-identity';
import { createEvent, deleteEvent, RESPONSE_URL, SECRET, updateEvent } from './fakes';

const events: [string, (overrides?: Parameters<typeof updateEvent>[0]) => CloudFormationCustomResourceEvent][] = [
  ['Create', createEvent],
  ['Update', updateEvent],
  ['Delete', deleteEvent],
];

describe('the name of an execution', () => {
  test.each(events)('for a %s can be read by a person and taken by Step Functions', (type, event) => {
    const identifiers = ['C', 'Cancel', 'L'.repeat(255)].map((LogicalResourceId) =>
      executionName(event({ LogicalResourceId })),
    );
    for (const name of identifiers) {
      expect(name).toMatch(/^[0-9A-Za-z_-]{1,80}$/);
      expect(name).toContain(`-${type}-`);
    }
    expect(identifiers[1]).toMatch(/^Cancel-/);
  });

  test.each(events)('for a %s that is delivered again is the same', (_type, event) => {
    expect(executionName(structuredClone(event()))).toBe(executionName(event()));
  });

  test.each<[string, Parameters<typeof updateEvent>[0]]>([
    ['another place to answer to, although CloudFormation repeats the request id', { ResponseURL: `${RESPONSE_URL}2` }],
    ['another request id', { RequestId: 'request-2' }],
    ['another resource', { LogicalResourceId: 'Cancel2' }],
    ['another stack', { StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0bb2' }],
  ])('is another for a request with %s', (_what, overrides) => {
    for (const [, event] of events) expect(executionName(event(overrides))).not.toBe(executionName(event()));
  });

  test('is another for each type of request', () => {
    expect(new Set(events.map(([, event]) => executionName(event()))).size).toBe(3);
  });

  test('does not give away where to answer to', () => {
    expect(executionName(createEvent())).not.toContain(SECRET);
  });
});

describe('the beginning of the identifiers for a resource', () => {
  test('is the beginning of all of them', () => {
    for (const [, event] of events) {
      expect(executionName(event({ RequestId: 'another' })).startsWith(executionPrefix(createEvent()))).toBe(true);
    }
  });

  const long = 'L'.repeat(60);
  test.each<[string, Parameters<typeof updateEvent>[0], Parameters<typeof updateEvent>[0]]>([
    ['begins with its id', { LogicalResourceId: 'Cancel' }, { LogicalResourceId: 'Cancel2' }],
    ['has a long id that differs at the end', { LogicalResourceId: `${long}1` }, { LogicalResourceId: `${long}2` }],
    ['has a long id that is cut from its', { LogicalResourceId: long }, { LogicalResourceId: long.slice(0, 40) }],
    ['has the same id in another stack', { StackId: 'stack/1' }, { StackId: 'stack/2' }],
    [
      'shares its id and stack when they are joined',
      { StackId: 's/1', LogicalResourceId: '2C' },
      { StackId: 's/12', LogicalResourceId: 'C' },
    ],
  ])('is not the beginning of any for one that %s', (_what, one, other) => {
    for (const [, event] of events) {
      expect(executionName(event(other)).startsWith(executionPrefix(event(one)))).toBe(false);
      expect(executionName(event(one)).startsWith(executionPrefix(event(other)))).toBe(false);
    }
  });
});

describe('what is said again in the answer', () => {
  test('is everything that tells the request, and not where to answer to', () => {
    expect(toRequest(updateEvent())).toEqual({
      StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
      RequestId: 'request-1',
      LogicalResourceId: 'Cancel',
      PhysicalResourceId: 'Cancel-1234',
    });
  });

  test('holds a physical id that is made once, the same however often it is asked for, and then kept', () => {
    const made = toRequest(createEvent()).PhysicalResourceId;
    expect(made).toMatch(/^Cancel-[0-9a-f]{8}$/);
    expect(
      toRequest(createEvent({ RequestId: 'request-2', ResponseURL: 'https://elsewhere' })).PhysicalResourceId,
    ).toBe(made);
    for (const event of [updateEvent, deleteEvent]) {
      expect(toRequest(event({ PhysicalResourceId: made })).PhysicalResourceId).toBe(made);
      expect(toRequest(event({ PhysicalResourceId: 'invented by CloudFormation' })).PhysicalResourceId).toBe(
        'invented by CloudFormation',
      );
    }
  });

  test('holds another physical id in another stack', () => {
    expect(toRequest(createEvent({ StackId: 'stack/2' })).PhysicalResourceId).not.toBe(
      toRequest(createEvent()).PhysicalResourceId,
    );
  });
});
