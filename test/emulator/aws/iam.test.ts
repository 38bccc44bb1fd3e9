import { accessDenied, evaluate, type PolicyStatement } from '../../../emulator/aws/iam';
import { DEFAULT_ENVIRONMENT } from '../../../emulator/core/environment';

const GET = {
  action: 'proton:GetServiceInstance',
  resource: 'arn:aws:proton:eu-west-1:123456789012:service/web/service-instance/web-prod',
};

function allowed(...Statement: PolicyStatement[]): boolean {
  return evaluate([{ Version: '2012-10-17', Statement }], GET) === 'allowed';
}

test.each<[string, Partial<PolicyStatement>, boolean]>([
  ['the action on the resource', { Action: GET.action, Resource: GET.resource }, true],
  ['one of several', { Action: ['a:B', GET.action], Resource: ['arn:aws:x:::y', GET.resource] }, true],
  ['another action', { Action: 'proton:GetService', Resource: GET.resource }, false],
  ['another resource', { Action: GET.action, Resource: `${GET.resource}-2` }, false],
  ['everything', { Action: '*', Resource: '*' }, true],
  ['a prefix of the action', { Action: 'proton:Get*', Resource: '*' }, true],
  ['an action in another case', { Action: 'PROTON:getserviceinstance', Resource: '*' }, true],
  ['a resource in another case', { Action: '*', Resource: GET.resource.toUpperCase() }, false],
  [
    'a part of the resource',
    { Action: '*', Resource: 'arn:aws:proton:*:123456789012:service/*/service-instance/*' },
    true,
  ],
  ['a character of the resource', { Action: '*', Resource: GET.resource.replace('web-prod', 'web?prod') }, true],
  ['a wildcard for one character without a character', { Action: '*', Resource: `${GET.resource}?` }, false],
  ['a dot, which is not a wildcard', { Action: '*', Resource: GET.resource.replace('web-prod', 'web.prod') }, false],
  ['everything but the action', { NotAction: GET.action, Resource: '*' }, false],
  ['everything but another action', { NotAction: 'proton:Delete*', Resource: '*' }, true],
  ['everything but the resource', { Action: '*', NotResource: GET.resource }, false],
])('a statement that allows %s: %j allows is %p', (_, statement, expected) => {
  expect(allowed({ Effect: 'Allow', ...statement })).toBe(expected);
});

test('a request without a matching statement is denied', () => {
  expect(evaluate([], GET)).toBe('denied');
});

test('a Deny wins in any position', () => {
  const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
  const deny = { Effect: 'Deny', Action: 'proton:*', Resource: '*' };
  expect(allowed(deny, allow)).toBe(false);
  expect(evaluate([{ Statement: allow }, { Statement: deny }], GET)).toBe('denied');
});

test('an action without a resource type needs the resource *', () => {
  const list = { action: 'proton:ListDeployments', resource: '*' };
  const statement = { Effect: 'Allow', Action: 'proton:*' };
  expect(evaluate([{ Statement: { ...statement, Resource: '*' } }], list)).toBe('allowed');
  expect(evaluate([{ Statement: { ...statement, Resource: GET.resource } }], list)).toBe('denied');
});

test.each<[string, Partial<PolicyStatement>]>([
  ['a Condition', { Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }],
  ['a policy variable', { Action: '*', Resource: 'arn:aws:s3:::$' + '{aws:username}' }],
  ['not exactly one of Action and NotAction', { Resource: '*' }],
  ['not exactly one of Resource and NotResource', { Action: '*' }],
  ['an Effect other than Allow and Deny', { Effect: 'allow', Action: '*', Resource: '*' }],
])('%s is rejected, because it is not supported', (what, statement) => {
  expect(() => allowed({ Effect: 'Allow', ...statement })).toThrow(`the emulator cannot evaluate ${what}`);
});

describe('a Condition', () => {
  const DECRYPT = {
    action: 'kms:Decrypt',
    resource: 'key',
    context: {
      'kms:ViaService': 'ssm.us-east-1.amazonaws.com',
      'kms:EncryptionContext:PARAMETER_ARN': 'parameter/a/b',
    },
  };
  const holds = (Condition: unknown) =>
    evaluate([{ Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition } }], DECRYPT);

  test.each<[unknown, 'allowed' | 'denied']>([
    [{}, 'allowed'],
    [{ StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' } }, 'allowed'],
    [{ StringEquals: { 'kms:ViaService': ['s3.us-east-1.amazonaws.com', 'ssm.us-east-1.amazonaws.com'] } }, 'allowed'],
    [{ StringEquals: { 'kms:ViaService': 'ssm.*.amazonaws.com' } }, 'denied'],
    [{ StringEquals: { 'kms:EncryptionContext:another': 'parameter/a/b' } }, 'denied'],
    [{ StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': 'parameter/a/*' } }, 'allowed'],
    [{ StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': 'parameter/b/*' } }, 'denied'],
    [
      {
        StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' },
        StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': 'parameter/b/*' },
      },
      'denied',
    ],
  ])('%j is %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  test.each([
    [{ StringNotEquals: { 'kms:ViaService': 'x' } }, 'a Condition with StringNotEquals'],
    [{ StringEquals: { 'aws:PrincipalTag/team': 'x' } }, 'a Condition on aws:PrincipalTag/team'],
    [{ StringEquals: { 'aws:ResourceTag/team': 'x' } }, 'a Condition on aws:ResourceTag/team'],
    [{ StringEquals: { 'kms:ViaService': '$' + '{aws:username}' } }, 'a Condition on kms:ViaService'],
  ])('%j is rejected, because it is not supported', (condition, what) => {
    expect(() => holds(condition)).toThrow(`the emulator cannot evaluate ${what}`);
  });
});

test.each<[Record<string, string>, 'allowed' | 'denied']>([
  [{ team: 'web', stage: 'prod' }, 'allowed'],
  [{ team: 'api' }, 'denied'],
  [{ stage: 'web' }, 'denied'],
  [{}, 'denied'],
])('with the tags %j, a Condition on a tag of the resource is %s', (resourceTags, expected) => {
  const Condition = { StringEquals: { 'aws:ResourceTag/team': 'web' } };
  const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition };
  expect(evaluate([{ Statement: statement }], { ...GET, resourceTags })).toBe(expected);
});

test('the Condition of a statement for another action is ignored', () => {
  const about = {
    Effect: 'Allow',
    Action: 's3:*',
    Resource: '*',
    Condition: { Bool: { 'aws:SecureTransport': 'true' } },
  };
  expect(allowed(about, { Effect: 'Allow', Action: '*', Resource: '*' })).toBe(true);
});

test('a denial names the caller, the action and the resource', () => {
  const session = { environment: DEFAULT_ENVIRONMENT, roleName: 'Role', sessionName: 'function' };
  expect(accessDenied(session, GET)).toBe(
    `User: arn:aws:sts::123456789012:assumed-role/Role/function is not authorized to perform: proton:GetServiceInstance on resource: ${GET.resource} because no identity-based policy allows the proton:GetServiceInstance action`,
  );
});
