import type { PolicyDocument } from '../../../emulator/aws/iam';
import { Roles } from '../../../emulator/aws/roles';
import { VirtualClock } from '../../../emulator/core/clock';
import { DEFAULT_ENVIRONMENT } from '../../../emulator/core/environment';

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
