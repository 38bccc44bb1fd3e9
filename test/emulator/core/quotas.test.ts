import { VirtualClock } from '../../../emulator/core/clock';
import { type QuotaOptions, Quotas, type QuotasOption } from '../../../emulator/core/quotas';

/** The number of calls that are accepted at each of these times, in milliseconds, of 2,000 calls each. */
function accepted(option: QuotasOption, action: string, times: readonly number[]): number[] {
  const clock = new VirtualClock(0);
  const quotas = new Quotas(option, clock);
  return times.map((time) => {
    clock.set(time);
    return Array.from({ length: 2_000 }, () => quotas.take(action)).filter(Boolean).length;
  });
}

const TIMES = [0, 0, 100, 1_100, 61_100];

test.each<[string, QuotasOption, string, number[]]>([
  ['no quotas', 'none', 'ssm:PutParameter', [2_000, 2_000, 2_000, 2_000, 2_000]],
  ['a quota of 3 a second', { actions: { 'ssm:PutParameter': { perSecond: 3 } } }, 'ssm:PutParameter', [3, 0, 0, 3, 3]],
  [
    'a burst of 5',
    { actions: { 'ssm:PutParameter': { perSecond: 10, burst: 5 } } },
    'ssm:PutParameter',
    [5, 0, 1, 5, 5],
  ],
  [
    'a quota of another action',
    { actions: { 'ssm:GetParameter': { perSecond: 1 } } },
    'ssm:PutParameter',
    [2_000, 2_000, 2_000, 2_000, 2_000],
  ],
  ['the default quota of PutParameter', 'default', 'ssm:PutParameter', [10, 0, 1, 10, 10]],
  ['the default quota of GetParameter', 'default', 'ssm:GetParameter', [40, 0, 4, 40, 40]],
  ['the default quota of StartExecution', 'default', 'states:StartExecution', [1_300, 0, 30, 300, 1_300]],
  ['the default quota of DescribeExecution', 'new-account', 'states:DescribeExecution', [300, 0, 1, 15, 300]],
  ['the default quota of DescribeStacks', 'default', 'cloudformation:DescribeStacks', [10, 0, 1, 10, 10]],
])('%s: %j accepts calls of %s', (_what, option, action, expected) => {
  expect(accepted(option, action, TIMES)).toEqual(expected);
});

test('the actions of a service with one quota share it', () => {
  const quotas = new Quotas({ actions: { 'proton:*': { perSecond: 2 } } }, new VirtualClock());
  expect(
    ['proton:GetService', 'proton:ListDeployments', 'proton:GetService'].map((action) => quotas.take(action)),
  ).toEqual([true, true, false]);
});

test('an action with its own quota does not use that of its service', () => {
  const actions: QuotaOptions['actions'] = { 'ecs:*': { perSecond: 1 }, 'ecs:StopServiceDeployment': { perSecond: 1 } };
  const quotas = new Quotas({ actions }, new VirtualClock());
  const calls = ['ecs:ListServiceDeployments', 'ecs:StopServiceDeployment', 'ecs:ListServiceDeployments'];
  expect(calls.map((action) => quotas.take(action))).toEqual([true, true, false]);
});

test.each<[QuotasOption, number]>([
  ['none', Number.POSITIVE_INFINITY],
  ['default', 1000],
  ['new-account', 10],
  [{ lambdaConcurrency: 3 }, 3],
  [{}, Number.POSITIVE_INFINITY],
])('%j allows so many concurrent executions of functions: %i', (option, expected) => {
  expect(new Quotas(option, new VirtualClock()).lambdaConcurrency).toBe(expected);
});

test.each(['toString:x', 'constructor', '__proto__'])('the unknown action %s has no quota', (action) => {
  expect(accepted('default', action, [0])).toEqual([2_000]);
});
