import { CloudFormationFixture, custom, thing } from './cloudformation-fixture';

/** The property V of the resource A in a stack with this template. */
async function valueIn(value: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const fixture = new CloudFormationFixture();
  const { status } = await fixture.create({ A: custom({ V: value }), B: thing() }, more);
  expect(status).toBe('CREATE_COMPLETE');
  return fixture.seen[0]?.event.ResourceProperties.V;
}

test.each<[string, unknown]>([
  ['AWS::Region', 'eu-west-1'],
  ['AWS::AccountId', '123456789012'],
  ['AWS::Partition', 'aws'],
  ['AWS::URLSuffix', 'amazonaws.com'],
  ['AWS::StackName', 'web'],
  ['AWS::StackId', 'arn:aws:cloudformation:eu-west-1:123456789012:stack/web/00000000-0000-4000-8000-000000000001'],
  ['AWS::NotificationARNs', []],
  ['AWS::NoValue', undefined],
])('%s is supported', async (Ref, expected) => {
  expect(await valueIn({ Ref })).toEqual(expected);
});

test('a resource has a physical ID and attributes', async () => {
  expect(await valueIn([{ Ref: 'B' }, { 'Fn::GetAtt': ['B', 'Arn'] }])).toEqual(['thing-B', 'arn:thing:B']);
});

describe('parameters', () => {
  test.each<[string, unknown, unknown]>([
    ['String', 'x', 'x'],
    ['Number', 5, '5'],
    ['CommaDelimitedList', 'a, b', ['a', 'b']],
    ['CommaDelimitedList', '', []],
    ['List<Number>', '1,2', ['1', '2']],
    ['AWS::EC2::VPC::Id', 'vpc-1', 'vpc-1'],
    ['List<AWS::EC2::Subnet::Id>', 'subnet-1,subnet-2', ['subnet-1', 'subnet-2']],
  ])('a default of type %s', async (Type, Default, expected) => {
    expect(await valueIn({ Ref: 'P' }, { Parameters: { P: { Type, Default } } })).toEqual(expected);
  });

  const bootstrap = { BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' } };

  test('an SSM parameter without references is not looked up', async () => {
    expect(await valueIn('v', { Parameters: bootstrap, Rules: { Check: { Assertions: [] } } })).toBe('v');
  });

  test('an SSM parameter with a reference is looked up, and the name and the value are described', async () => {
    const fixture = new CloudFormationFixture();
    fixture.parameters.set('/cdk/version', '21');
    const { parameters } = await fixture.create(
      { A: custom({ V: { Ref: 'BootstrapVersion' } }) },
      { Parameters: bootstrap },
    );
    expect(fixture.seen[0]?.event.ResourceProperties.V).toBe('21');
    expect(parameters).toEqual([{ key: 'BootstrapVersion', value: '/cdk/version', resolvedValue: '21' }]);
  });

  test('a list of SSM is looked up, and so is a dynamic reference', async () => {
    const fixture = new CloudFormationFixture();
    fixture.parameters.set('/subnets', 'a,b');
    const Subnets = { Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>', Default: '/subnets' };
    const V = [{ Ref: 'Subnets' }, { 'Fn::Join': ['', ['{{resolve:ssm:', '/subnets}}']] }];
    await fixture.create({ A: custom({ V }) }, { Parameters: { Subnets } });
    expect(fixture.seen[0]?.event.ResourceProperties.V).toEqual([['a', 'b'], 'a,b']);
  });

  test('an SSM parameter that does not exist fails the resource', async () => {
    const fixture = new CloudFormationFixture();
    const { status } = await fixture.create(
      { A: custom({ V: { Ref: 'BootstrapVersion' } }) },
      { Parameters: bootstrap },
    );
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(fixture.reasonOf('A', 'CREATE_FAILED')).toBe(
      'Unable to fetch parameters [/cdk/version] from parameter store for this account.',
    );
  });

  test('values override defaults, and NoEcho hides them', async () => {
    const fixture = new CloudFormationFixture();
    const { parameters } = await fixture.cloudFormation.createStack({
      stackName: 'web',
      parameters: { P: 'given', S: 'secret' },
      template: {
        Parameters: { P: { Type: 'String', Default: 'default' }, S: { Type: 'String', NoEcho: true } },
        Resources: { A: custom({ P: { Ref: 'P' }, S: { Ref: 'S' } }) },
      },
    });
    expect(fixture.seen[0]?.event.ResourceProperties).toMatchObject({ P: 'given', S: 'secret' });
    expect(parameters).toEqual([
      { key: 'P', value: 'given' },
      { key: 'S', value: '****' },
    ]);
  });
});

test('conditions apply to resources, dependencies, values and outputs', async () => {
  const fixture = new CloudFormationFixture();
  const { outputs } = await fixture.create(
    {
      A: thing({}, { Condition: 'Never' }),
      B: custom({ V: { 'Fn::If': ['Always', 'yes', { Ref: 'A' }] } }, { DependsOn: 'A' }),
    },
    {
      Conditions: {
        Never: { 'Fn::Not': [{ Condition: 'Always' }] },
        Always: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
      },
      Outputs: {
        Gone: { Value: { Ref: 'A' }, Condition: 'Never' },
        There: { Value: { Ref: 'B' }, Description: 'it is' },
      },
    },
  );
  expect(fixture.things).toEqual([]);
  expect(fixture.seen[0]?.event.ResourceProperties.V).toBe('yes');
  expect(outputs).toEqual([{ key: 'There', value: 'id-B', description: 'it is' }]);
});

test('mappings are looked up', async () => {
  const more = { Mappings: { M: { 'eu-west-1': { k: ['a', 'b'] } } } };
  expect(await valueIn({ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, more)).toEqual(['a', 'b']);
});

test.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['no template', { Resources: {} }, 'At least one Resources member must be defined'],
  ['a transform', { Transform: 'X', Resources: { A: thing() } }, 'unsupported template section Transform'],
  ['an unknown type', { Resources: { A: { Type: 'Foo::Bar' } } }, 'Unrecognized resource types: [Foo::Bar]'],
  [
    'a prototype name as type',
    { Resources: { A: { Type: 'constructor' } } },
    'Unrecognized resource types: [constructor]',
  ],
  ['no type', { Resources: { A: { Properties: {} } } }, '[/Resources/A] has no Type'],
  [
    'an intrinsic function it does not know',
    { Resources: { A: thing({ V: [{ 'Fn::Cidr': [] }] }) } },
    'unsupported intrinsic Fn::Cidr in resource A',
  ],
  [
    'the same in an output',
    { Resources: { A: thing() }, Outputs: { O: { Value: { 'Fn::ToJsonString': {} } } } },
    'unsupported intrinsic Fn::ToJsonString in output O',
  ],
  [
    'the same in a condition',
    { Resources: { A: thing() }, Conditions: { C: { 'Fn::Contains': [] } } },
    'unsupported intrinsic "Fn::Contains" in a condition in condition C',
  ],
  [
    'a policy it does not know',
    { Resources: { A: thing({}, { DeletionPolicy: 'Snapshot' }) } },
    'unsupported DeletionPolicy "Snapshot" at /Resources/A',
  ],
  [
    'an attribute it does not know',
    { Resources: { A: thing({}, { UpdatePolicy: {} }) } },
    'unsupported attribute UpdatePolicy at /Resources/A',
  ],
  [
    'a value of a parameter that is not allowed',
    { Resources: { A: thing() }, Parameters: { P: { Type: 'String', AllowedValues: ['x'], Default: 'y' } } },
    "Parameter 'P' must be one of AllowedValues",
  ],
  [
    'a value of a parameter that does not match its pattern',
    { Resources: { A: thing() }, Parameters: { P: { Type: 'String', AllowedPattern: '[a-z]+', Default: 'x1' } } },
    'Parameter P failed to satisfy constraint',
  ],
  [
    'a value of a parameter out of its range',
    {
      Resources: { A: thing() },
      Parameters: { P: { Type: 'Number', MaxValue: 3, Default: 4, ConstraintDescription: 'at most 3' } },
    },
    'Parameter P failed to satisfy constraint: at most 3',
  ],
  [
    'a type of parameter it does not know',
    { Resources: { A: thing() }, Parameters: { P: { Type: 'List<Boolean>', Default: 'x' } } },
    'unsupported type List<Boolean> of parameter P',
  ],
  [
    'a parameter without a value',
    { Resources: { A: thing() }, Parameters: { P: { Type: 'String' } } },
    'Parameters: [P] must have values',
  ],
  [
    'a reference to nothing',
    { Resources: { A: thing({ V: { Ref: 'Ghost' } }) } },
    'Unresolved resource dependencies [Ghost] in the Resources block',
  ],
  [
    'an attribute of a parameter',
    {
      Resources: { A: thing({ V: { 'Fn::GetAtt': ['P', 'X'] } }) },
      Parameters: { P: { Type: 'String', Default: '' } },
    },
    'Unresolved resource dependencies [P] in the Resources block',
  ],
  [
    'a dependency on nothing',
    { Resources: { A: thing({}, { DependsOn: ['Ghost'] }) } },
    'Unresolved resource dependencies [Ghost] in the Resources block',
  ],
  [
    'an output of nothing',
    { Resources: { A: thing() }, Outputs: { O: { Value: { Ref: 'Ghost' } } } },
    'Unresolved resource dependencies [Ghost] in the Outputs block',
  ],
  [
    'a circle',
    { Resources: { A: thing({ V: { Ref: 'B' } }), B: thing({}, { DependsOn: 'A' }) } },
    'Circular dependency between resources: [A, B]',
  ],
  [
    'a condition that depends on itself',
    { Resources: { A: thing() }, Conditions: { C: { 'Fn::Not': [{ Condition: 'C' }] } } },
    'condition C depends on itself',
  ],
  [
    'a condition that is not there',
    { Resources: { A: thing({}, { Condition: 'Ghost' }) } },
    'Unresolved condition dependency Ghost',
  ],
  [
    'null',
    { Resources: { A: thing({ V: [{ W: null }] }) } },
    "[/Resources/A/Properties/V/0/W] 'null' values are not allowed in templates",
  ],
])('a template with %s is rejected before the stack is created', async (_what, template, message) => {
  const fixture = new CloudFormationFixture();
  await expect(fixture.cloudFormation.createStack({ stackName: 'web', template })).rejects.toMatchObject({
    name: 'ValidationError',
    message: expect.stringContaining(message),
  });
  expect(fixture.cloudFormation.describeStack('web')).toBeUndefined();
  expect(fixture.events).toEqual([]);
});

test.each<[string, unknown, string]>([
  ['a mapping that is not there', { 'Fn::FindInMap': ['M', 'a', 'b'] }, 'Unable to get mapping for M::a::b'],
  [
    'an attribute that is not there',
    { 'Fn::GetAtt': ['B', 'Nope'] },
    'resource B does not support attribute type Nope',
  ],
  [
    'a prototype name as attribute',
    { 'Fn::GetAtt': ['B', 'constructor'] },
    'does not support attribute type constructor',
  ],
  ['an import of nothing', { 'Fn::ImportValue': 'x' }, 'No export named x found.'],
  ['an unknown pseudo parameter', { Ref: 'AWS::Moon' }, 'unsupported pseudo parameter AWS::Moon'],
])('%s fails the resource that refers to it', async (_what, value, message) => {
  const fixture = new CloudFormationFixture();
  const { status } = await fixture.create({ A: thing({ V: value }, { DependsOn: 'B' }), B: thing() });
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(fixture.reasonOf('A', 'CREATE_FAILED')).toContain(message);
  expect(fixture.things).toEqual(['create B', 'delete B']);
});

test('a parameter that the template does not have is rejected', async () => {
  const request = { stackName: 'web', template: { Resources: { A: thing() } }, parameters: { P: 'x' } };
  await expect(new CloudFormationFixture().cloudFormation.createStack(request)).rejects.toThrow(
    'Parameters: [P] do not exist in the template',
  );
});
