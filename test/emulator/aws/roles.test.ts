import type { PolicyDocument } from '../../../emulator/aws/iam';
import { Roles } from '../../../emulator/aws/roles';
import { VirtualClock } from '../../../emulator/core/clock';
import { Consistency } from '../../../emulator/core/consistency';
import { DEFAULT_ENVIRONMENT } from '../../../emulator/core/environment';
import { keyedRandom, seededRandom } from '../../../emulator/core/seeded-random';

const allow = (action: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});
const request = { action: 'ssm:GetParameter', resource: 'arn:aws:ssm:us-east-1:123456789012:parameter/place' };

/** The role `reader`, which may read a parameter, and its access key ID. */
function reader(): { roles: Roles; key: string } {
  const roles = new Roles(DEFAULT_ENVIRONMENT, new VirtualClock());
  roles.put('reader', 'Own', allow('ssm:GetParameter'));
  return { roles, key: roles.accessKeyIdOf(roles.arnOf('reader')) };
}

test('a role has the permissions of each of its policies', () => {
  const { roles, key } = reader();
  roles.put('reader', 'More', allow('ssm:PutParameter'));
  expect(roles.authorize(key, request)).toBeUndefined();
  expect(roles.authorize(key, { ...request, action: 'ssm:PutParameter' })).toBeUndefined();
});

test('a request that no policy allows is denied with the message of AWS', () => {
  const { roles, key } = reader();
  expect(roles.authorize(key, { ...request, action: 'ssm:PutParameter' })).toBe(
    `User: arn:aws:sts::123456789012:assumed-role/reader/reader is not authorized to perform: ssm:PutParameter on resource: ${request.resource} because no identity-based policy allows the ssm:PutParameter action`,
  );
});

test.each<[string, (roles: Roles) => void]>([
  ['its policy is replaced', (roles) => roles.put('reader', 'Own', allow('ssm:DeleteParameter'))],
  ['its policy is detached', (roles) => roles.detach('reader', 'Own')],
  ['it is deleted', (roles) => roles.remove('reader')],
])('a role loses the permission when %s', (_what, change) => {
  const { roles, key } = reader();
  change(roles);
  expect(roles.authorize(key, request)).toContain('not authorized to perform: ssm:GetParameter');
});

test('the policies of a role do not apply to other roles', () => {
  const { roles } = reader();
  roles.put('writer', 'Own', allow('ssm:PutParameter'));
  const key = roles.accessKeyIdOf(roles.arnOf('writer'));
  expect(roles.authorize(key, request)).toContain('assumed-role/writer/writer is not authorized');
});

test('the access key ID of a role is always the same, and has the format of AWS', () => {
  const { roles, key } = reader();
  expect(key).toMatch(/^ASIA[0-9A-F]{16}$/);
  expect(roles.accessKeyIdOf(roles.arnOf('reader'))).toBe(key);
  expect(roles.accessKeyIdOf(roles.arnOf('writer'))).not.toBe(key);
});

test.each([['AKIASOMEBODY'], [undefined]])('a caller that signs as no role, such as %s, may do everything', (key) => {
  expect(reader().roles.authorize(key, request)).toBeUndefined();
});

test('a role outside the stacks, whose policies are unknown, may do everything', () => {
  const { roles } = reader();
  expect(roles.authorize(roles.accessKeyIdOf(roles.arnOf('ours')), request)).toBeUndefined();
});

describe('with a lag of permissions', () => {
  const LAG = 10_000;
  const exactly = { min: LAG, max: LAG };

  /** Roles whose changes take effect after ten seconds, and whether `reader` may read a parameter at a time. */
  function lagging() {
    const clock = new VirtualClock(0);
    const roles = new Roles(DEFAULT_ENVIRONMENT, clock, new Consistency({ permissions: exactly }, () => 0));
    const key = roles.accessKeyIdOf(roles.arnOf('reader'));
    const allowed = (at: number) => {
      clock.set(at);
      return roles.authorize(key, request) === undefined;
    };
    return { clock, roles, key, allowed };
  }

  test.each<[string, (roles: Roles) => void]>([
    ['an attached policy', (roles) => roles.put('reader', 'Own', allow('ssm:GetParameter'))],
    ['an inline policy of a new role', (roles) => roles.putInline('reader', new Map([['A', allow('ssm:Get*')]]))],
  ])('%s does not hold before the lag has passed', (_what, change) => {
    const { roles, key, allowed } = lagging();
    change(roles);
    expect([0, LAG - 1, LAG, 10 * LAG].map(allowed)).toEqual([false, false, true, true]);
    expect(roles.authorize(key, { ...request, action: 'ssm:DeleteParameter' })).toMatch(/^User: .* is not authorized/);
  });

  test.each<[string, (roles: Roles) => void]>([
    ['a detached policy', (roles) => roles.detach('reader', 'Own')],
    ['a replaced policy', (roles) => roles.put('reader', 'Own', allow('ssm:PutParameter'))],
    ['a policy of a deleted role', (roles) => roles.remove('reader')],
  ])('%s holds until the lag has passed', (_what, change) => {
    const { clock, roles, allowed } = lagging();
    roles.put('reader', 'Own', allow('ssm:GetParameter'));
    clock.set(100_000);
    change(roles);
    expect([100_000, 100_000 + LAG - 1, 100_000 + LAG].map(allowed)).toEqual([true, true, false]);
  });

  test('a caller that signs as no role is not affected', () => {
    const { roles } = lagging();
    expect(roles.authorize(undefined, request)).toBeUndefined();
  });

  test('eventual consistency may deny one action while it allows another, and every denial ends', () => {
    const policy = allow('*');
    const seen = Array.from({ length: 20 }, (_, seed) => {
      const clock = new VirtualClock(0);
      const roles = new Roles(DEFAULT_ENVIRONMENT, clock, new Consistency('eventual', keyedRandom(seededRandom(seed))));
      const key = roles.accessKeyIdOf(roles.arnOf('reader'));
      roles.put('reader', 'Own', policy);
      const denied = (at: number) => {
        clock.set(at);
        return ['ssm:GetParameter', 'states:StartExecution'].map((action) =>
          roles.authorize(key, { ...request, action }),
        );
      };
      return { during: denied(5_000), after: denied(10_000) };
    });
    const mixed = seen.filter(({ during: [one, other] }) => (one === undefined) !== (other === undefined));
    expect(mixed.length).toBeGreaterThan(3);
    for (const { after } of seen) expect(after).toEqual([undefined, undefined]);
  });
});
