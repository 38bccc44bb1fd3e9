import { App, Aws, CfnParameter, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IRole, type ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { createRole } from '../../../lib/workflow/private/role';
import { RolePolicies } from '../../../lib/workflow/private/role-policies';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const QUOTAS = { inline: 10_240, managed: 6_144, managedPolicies: 10 };

const LOGS = new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: ['*'] });

/** A role with its policies, and the managed policies that were created. */
function roleIn(stack: Stack, given?: IRole) {
  const created: ManagedPolicy[] = [];
  const role = createRole(stack, 'Own', 'lambda.amazonaws.com', [LOGS], given);
  const policies = new RolePolicies(stack, { id: 'More', role, onPolicy: (policy) => created.push(policy) });
  return { policies, created };
}

/** A statement whose action no other one has, so that it is merged with none. */
const statement = (index: number, resource = 'x'.repeat(900)) =>
  new PolicyStatement({ actions: [`proton:Get${index}`], resources: [resource] });

/** The statements of all policies of a type. */
function statementsOf(template: Template, type: 'Policy' | 'ManagedPolicy') {
  return Object.values(template.findResources(`AWS::IAM::${type}`)).map(
    ({ Properties }) => Properties.PolicyDocument as { Statement: object[] },
  );
}

const sizesOf = (template: Template, type: 'Policy' | 'ManagedPolicy') =>
  statementsOf(template, type).map((document) => JSON.stringify(document).length);

let stack: Stack;
beforeEach(() => {
  stack = new Stack(new App(), 'Stack');
});

/** Adds statements until a number of managed policies is there. Returns how many were added. */
function fill(policies: RolePolicies, created: ManagedPolicy[], count: number, make = statement): number {
  let index = 0;
  while (created.length < count) policies.allow([make(index++)], stack);
  return index;
}

describe('the permissions of many deployments', () => {
  test('go into managed policies once the inline one is full, all within the quotas, and none is lost', () => {
    const { policies, created } = roleIn(stack);
    const count = fill(policies, created, 3);
    const template = Template.fromStack(stack);
    const all = [...statementsOf(template, 'Policy'), ...statementsOf(template, 'ManagedPolicy')];
    expect(all.flatMap(({ Statement }) => Statement)).toHaveLength(count);
    const [inline = 0] = sizesOf(template, 'Policy');
    // About half is for guards.
    expect(inline).toBeGreaterThan(4_000);
    expect(inline).toBeLessThan(5_300);
    const managed = sizesOf(template, 'ManagedPolicy');
    expect(managed).toHaveLength(3);
    for (const size of managed) expect(size).toBeLessThanOrEqual(QUOTAS.managed);
    for (const size of managed.slice(0, 2)) expect(size).toBeGreaterThan(QUOTAS.managed - 1_000);
  });

  test('are rejected with what to do when the managed policies are full, too', () => {
    const { policies, created } = roleIn(stack);
    fill(policies, created, QUOTAS.managedPolicies);
    const more = () => fill(policies, created, QUOTAS.managedPolicies + 1);
    expect(more).toThrow(
      'the permissions to cancel the deployments of stack Stack do not fit into the 10 managed policies that IAM allows a role: declare some of the cancellations in another stack, or use a fleet that a service lists',
    );
    expect(created).toHaveLength(QUOTAS.managedPolicies);
  });

  test('take the space of their resources only, where they differ in nothing else', () => {
    const { policies, created } = roleIn(stack);
    const count = fill(
      policies,
      created,
      1,
      (index) =>
        new PolicyStatement({ actions: ['proton:Get', 'proton:Cancel'], resources: [`${index}`.padEnd(17, 'x')] }),
    );
    // 5,200 characters, of which each resource takes some 20.
    expect(count).toBeGreaterThan(200);
    expect(count).toBeLessThan(260);
  });

  test('that are there already take no space', () => {
    const { policies, created } = roleIn(stack);
    for (let time = 0; time < 100; time++) policies.allow([statement(0)], stack);
    expect(created).toEqual([]);
    expect(statementsOf(Template.fromStack(stack), 'Policy')[0]?.Statement).toHaveLength(1);
  });

  test('are not added to an immutable role', () => {
    const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/given', { mutable: false });
    const { policies, created } = roleIn(stack, role);
    for (let index = 0; index < 100; index++) policies.allow([statement(index)], stack);
    expect(created).toEqual([]);
    expect(sizesOf(Template.fromStack(stack), 'Policy')).toEqual([]);
  });
});

describe('a value that is known only after deployment takes the space of its longest value', () => {
  const named = () => new CfnParameter(stack, 'Name').valueAsString;
  test.each<[string, () => string, number]>([
    ['the partition', () => Aws.PARTITION, 'aws-us-gov'.length],
    ['the region', () => Aws.REGION, 'ap-northeast-1'.length],
    ['the account', () => Aws.ACCOUNT_ID, '111122223333'.length],
    ['a parameter', named, 100],
    ['a function', () => Fn.importValue('name'), 100],
    ['an ARN', () => `arn:${Aws.PARTITION}:proton:${Aws.REGION}:1:service/${named()}`, 4 + 10 + 8 + 14 + 11 + 100],
  ])('%s', (_what, make, length) => {
    const count = (resource: string) => {
      const { policies, created } = roleIn(new Stack(new App(), 'Other'));
      return fill(policies, created, 1, (index) => statement(index, resource));
    };
    const value = make();
    // A statement of the same size as text. A character more or less shows after some dozen statements.
    expect(count(value)).toBe(count('x'.repeat(length)));
    expect(count(value.repeat(3))).toBe(count('x'.repeat(3 * length)));
  });
});

describe('the permissions of guards', () => {
  const guard = (policies: RolePolicies, index: number, length: number) =>
    policies.allowFor(new Construct(stack, `Guard${index}`), 'Policy', [statement(index, 'x'.repeat(length))]);

  test.each([100, 1_000])(
    'of %d characters leave room for the shared ones, a log group, a VPC and tracing',
    (length) => {
      const { policies } = roleIn(stack);
      let count = 0;
      const more = () => guard(policies, count, length);
      const addAll = () => {
        for (;;) {
          more();
          count++;
        }
      };
      expect(addAll).toThrow(
        /^the guards of stack Stack need more than the 10240 characters of inline policies that IAM allows a role: declare some of them in another stack \(at Stack\/Guard\d+\)$/,
      );
      const sizes = sizesOf(Template.fromStack(stack), 'Policy');
      expect(sizes).toHaveLength(count);
      const used = sizes.reduce((sum, size) => sum + size, 0);
      const room = QUOTAS.inline - 5_200 - 1_100;
      expect(used).toBeLessThanOrEqual(room);
      expect(used).toBeGreaterThan(room - Math.max(...sizes) - 2 * count);
    },
  );

  test('are not limited for an immutable role, which ignores them', () => {
    const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/given', { mutable: false });
    const { policies } = roleIn(stack, role);
    for (let index = 0; index < 10; index++) guard(policies, index, 1_000);
    expect(sizesOf(Template.fromStack(stack), 'Policy')).toEqual([]);
  });
});
