import { Kms } from '../../../emulator/aws/kms';

const ROOT = {
  Effect: 'Allow',
  Action: 'kms:*',
  Resource: '*',
  Principal: { AWS: 'arn:aws:iam::123456789012:root' },
};
const kms = () => new Kms('eu-west-1', '123456789012');

test('a key is there from when it is made until it is removed', () => {
  const keys = kms();
  const { keyId, arn } = keys.create({ Statement: [{ ...ROOT, Action: 'kms:Describe*' }, ROOT] });
  expect(arn).toBe(`arn:aws:kms:eu-west-1:123456789012:key/${keyId}`);
  expect([keys.has(arn), keys.has(`${arn}0`)]).toEqual([true, false]);
  keys.remove(keyId);
  expect(keys.has(arn)).toBe(false);
});

test.each([
  ['allows it to nobody', { Statement: [] }],
  ['allows the account only a part', { Statement: { ...ROOT, Action: 'kms:Decrypt' } }],
  ['allows another account', { Statement: { ...ROOT, Principal: { AWS: 'arn:aws:iam::210987654321:root' } } }],
  ['allows it on a condition', { Statement: { ...ROOT, Condition: { Bool: { 'aws:SecureTransport': 'true' } } } }],
  ['denies something', { Statement: [ROOT, { ...ROOT, Effect: 'Deny', Action: 'kms:Decrypt' }] }],
])('a key whose policy %s is refused, since no more of the policy is looked at', (_what, policy) => {
  expect(() => kms().create(policy)).toThrow(
    'the embedded cloud knows only keys whose policy allows the account kms:*',
  );
});
