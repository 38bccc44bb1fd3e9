import { FunctionPolicies } from '../../../../emulator/aws/lambda/function-policies';
import { VirtualClock } from '../../../../emulator/core/clock';
import { Consistency } from '../../../../emulator/core/consistency';

const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:worker';
const RULE = 'arn:aws:events:eu-west-1:123456789012:rule/alarm';
const EVENTS = 'events.amazonaws.com';

test.each<[string, { principal: string; sourceArn?: string }, boolean]>([
  ['for its rule', { principal: EVENTS, sourceArn: RULE }, true],
  ['for every rule', { principal: EVENTS }, true],
  ['for a pattern of rules', { principal: EVENTS, sourceArn: 'arn:aws:events:*:123456789012:rule/al*' }, true],
  ['for another rule', { principal: EVENTS, sourceArn: `${RULE}-2` }, false],
  ['for another service', { principal: 'sns.amazonaws.com' }, false],
])('a statement %s: %j allows the invocation: %p', (_what, permission, expected) => {
  const policies = new FunctionPolicies(new VirtualClock());
  policies.put(FUNCTION, 'Statement', permission);
  expect(policies.allows(FUNCTION, { principal: EVENTS, sourceArn: RULE })).toBe(expected);
  expect(policies.allows(`${FUNCTION}-2`, { principal: EVENTS, sourceArn: RULE })).toBe(false);
});

test('a statement takes effect, and ceases to, after the lag of permissions', () => {
  const clock = new VirtualClock(0);
  const consistency = new Consistency({ permissions: { min: 8_000, max: 8_000 } }, () => 0);
  const policies = new FunctionPolicies(clock, consistency);
  const allows = (at: number) => {
    clock.set(at);
    return policies.allows(FUNCTION, { principal: EVENTS, sourceArn: RULE });
  };
  policies.put(FUNCTION, 'Statement', { principal: EVENTS });
  expect([0, 7_999, 8_000].map(allows)).toEqual([false, false, true]);
  clock.set(60_000);
  policies.remove(FUNCTION, 'Statement');
  expect([67_999, 68_000].map(allows)).toEqual([true, false]);
});
