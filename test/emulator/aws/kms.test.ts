import { Kms } from '../../../emulator/aws/kms';

const ROOT = {
  Effect: 'Allow',
  Action: 'kms:*',
  Resource: '*',
  Principal: { AWS: 'arn:aws:iam::123456789012:root' },
};
const kms = () => new Kms({ partition: 'aws', region: 'eu-west-1', account: '123456789012' });

test('a key exists from its creation until its deletion', () => {
  const keys = kms();
  const { keyId, arn } = keys.create({ Statement: [{ ...ROOT, Action: 'kms:Describe*' }, ROOT] });
  expect(arn).toBe(`arn:aws:kms:eu-west-1:123456789012:key/${keyId}`);
  expect([keys.has(arn), keys.has(`${arn}0`)]).toEqual([true, false]);
  keys.remove(keyId);
  expect(keys.has(arn)).toBe(false);
});

test.each([
  ['allows nothing', { Statement: [] }],
  ['allows the account only one action', { Statement: { ...ROOT, Action: 'kms:Decrypt' } }],
  ['allows another account', { Statement: { ...ROOT, Principal: { AWS: 'arn:aws:iam::210987654321:root' } } }],
  ['allows it on a condition', { Statement: { ...ROOT, Condition: { Bool: { 'aws:SecureTransport': 'true' } } } }],
  ['denies something', { Statement: [ROOT, { ...ROOT, Effect: 'Deny', Action: 'kms:Decrypt' }] }],
])('a key with a policy that %s is rejected, because such policies are not evaluated', (_what, policy) => {
  expect(() => kms().create(policy)).toThrow(
    'the emulator supports only keys with a policy that allows the account kms:*',
  );
});
