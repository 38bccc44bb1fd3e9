import { type BusEvent, Events } from '../../local/events';
import type { Lambda } from '../../local/lambda/lambda';

const EVENT: BusEvent = {
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { status: 'FAILED', stateMachineArn: 'machine' },
};

function delivered(pattern: object): number {
  const invoked: unknown[] = [];
  const lambda = {
    has: () => true,
    invokeAsync: (arn: string, event: unknown) => {
      invoked.push([arn, event]);
      return { requestId: '' };
    },
  };
  const events = new Events(lambda as unknown as Lambda);
  events.put('rule', { pattern: pattern as never, functionArns: ['function'] });
  events.publish(EVENT);
  events.remove('rule');
  events.publish(EVENT);
  for (const call of invoked) expect(call).toEqual(['function', EVENT]);
  return invoked.length;
}

test.each<[object, number]>([
  [{ source: ['aws.states'] }, 1],
  [{ source: ['aws.states', 'other'], detail: { status: ['ABORTED', 'FAILED'] } }, 1],
  [{ source: ['other'] }, 0],
  [{ detail: { status: ['ABORTED'] } }, 0],
  [{ detail: { status: ['FAILED'], stateMachineArn: ['another'] } }, 0],
  [{ detail: { missing: ['FAILED'] } }, 0],
])('a rule of %j gets %i event', (pattern, count) => {
  expect(delivered(pattern)).toBe(count);
});

test('a pattern that it does not know is refused', () => {
  expect(() => delivered({ source: [{ prefix: 'aws.' }] })).toThrow('knows lists of texts only');
});
