import type { PolicyDocument } from '../../../emulator/aws/iam';
import { Roles } from '../../../emulator/aws/roles';

const allow = (action: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
});
const request = { action: 'ssm:GetParameter', resource: 'arn:aws:ssm:us-east-1:123456789012:parameter/place' };

/** The role `reader`, which may read, and the key that stands for it. */
function reader(): { roles: Roles; key: string } {
  const roles = new Roles('123456789012', 'us-east-1');
  roles.put('reader', 'Own', allow('ssm:GetParameter'));
  return { roles, key: roles.accessKeyIdOf(roles.arnOf('reader')) };
}

test('a role may do what one of its policies allows', () => {
  const { roles, key } = reader();
  roles.put('reader', 'More', allow('ssm:PutParameter'));
  expect(roles.authorize(key, request)).toBeUndefined();
  expect(roles.authorize(key, { ...request, action: 'ssm:PutParameter' })).toBeUndefined();
});

test('what no policy allows is denied in the words of AWS', () => {
  const { roles, key } = reader();
  expect(roles.authorize(key, { ...request, action: 'ssm:PutParameter' })).toBe(
    `User: arn:aws:sts::123456789012:assumed-role/reader/reader is not authorized to perform: ssm:PutParameter on resource: ${request.resource} because no identity-based policy allows the ssm:PutParameter action`,
  );
});

test.each<[string, (roles: Roles) => void]>([
  ['its policy is replaced', (roles) => roles.put('reader', 'Own', allow('ssm:DeleteParameter'))],
  ['its policy is taken away', (roles) => roles.take('reader', 'Own')],
  ['it is gone', (roles) => roles.remove('reader')],
])('a role may nothing of that any more when %s', (_what, change) => {
  const { roles, key } = reader();
  change(roles);
  expect(roles.authorize(key, request)).toContain('not authorized to perform: ssm:GetParameter');
});

test('the policies of one role are not those of another', () => {
  const { roles } = reader();
  roles.put('writer', 'Own', allow('ssm:PutParameter'));
  const key = roles.accessKeyIdOf(roles.arnOf('writer'));
  expect(roles.authorize(key, request)).toContain('assumed-role/writer/writer is not authorized');
});

test('a key is that of its role, always the same, and looks like one of AWS', () => {
  const { roles, key } = reader();
  expect(key).toMatch(/^ASIA[0-9A-F]{16}$/);
  expect(roles.accessKeyIdOf(roles.arnOf('reader'))).toBe(key);
  expect(roles.accessKeyIdOf(roles.arnOf('writer'))).not.toBe(key);
});

test.each([['AKIASOMEBODY'], [undefined]])('who signs as no role, such as %s, may do anything', (key) => {
  expect(reader().roles.authorize(key, request)).toBeUndefined();
});
