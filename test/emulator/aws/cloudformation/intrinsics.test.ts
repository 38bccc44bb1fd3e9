import { decide, NO_VALUE, references, resolve, type Scope } from '../../../../emulator/aws/cloudformation/intrinsics';

const scope: Scope = {
  ref: (name) => (name === 'AWS::NoValue' ? NO_VALUE : name === 'List' ? ['a', 'b'] : `ref-${name}`),
  attribute: (id, attribute) => (attribute === 'Count' ? 3 : `att-${id}-${attribute}`),
  condition: (name) => name === 'Yes',
  mapping: (...keys) => keys.join('/'),
  importValue: (name) => `import-${name}`,
  ssmParameter: (name) => `ssm-${name}`,
  stackOutput: (stackName, outputName) => `${stackName}.${outputName}`,
};

test.each<[string, unknown, unknown]>([
  ['plain values', { A: [1, true, 'x', { B: 'y' }] }, { A: [1, true, 'x', { B: 'y' }] }],
  ['Ref', { Ref: 'A' }, 'ref-A'],
  ['Fn::GetAtt with a list', { 'Fn::GetAtt': ['A', 'Arn'] }, 'att-A-Arn'],
  ['Fn::GetAtt with a string', { 'Fn::GetAtt': 'A.Outputs.X' }, 'att-A-Outputs.X'],
  ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'B' }, 3, { 'Fn::GetAtt': ['C', 'Count'] }]] }, 'a-ref-B-3-3'],
  ['Fn::Join of a list that is looked up', { 'Fn::Join': [',', { Ref: 'List' }] }, 'a,b'],
  ['Fn::Join without what is not there', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }]] }, 'a'],
  ['Fn::Sub', { 'Fn::Sub': `\${A}/\${B.Arn}/\${AWS::Region}` }, 'ref-A/att-B-Arn/ref-AWS::Region'],
  [`Fn::Sub that writes \${x}`, { 'Fn::Sub': `\${!x} \${A}` }, `\${x} ref-A`],
  ['Fn::Sub with variables', { 'Fn::Sub': [`\${v} \${A}`, { v: { Ref: 'B' } }] }, 'ref-B ref-A'],
  ['Fn::Sub whose value has a dollar in it', { 'Fn::Sub': [`<\${v}>`, { v: '$& $1' }] }, '<$& $1>'],
  ['Fn::Select', { 'Fn::Select': ['1', ['a', { Ref: 'B' }]] }, 'ref-B'],
  ['Fn::Split', { 'Fn::Split': ['|', 'a|b'] }, ['a', 'b']],
  ['Fn::Select of Fn::Split', { 'Fn::Select': [0, { 'Fn::Split': ['-', { Ref: 'A' }] }] }, 'ref'],
  ['Fn::If, true', { 'Fn::If': ['Yes', { Ref: 'A' }, { Ref: 'B' }] }, 'ref-A'],
  ['Fn::If, false', { 'Fn::If': ['No', { Ref: 'A' }, { Ref: 'B' }] }, 'ref-B'],
  ['Fn::FindInMap', { 'Fn::FindInMap': ['M', { Ref: 'A' }, 'k'] }, 'M/ref-A/k'],
  ['Fn::Base64', { 'Fn::Base64': { Ref: 'A' } }, 'cmVmLUE='],
  ['Fn::GetAZs of a region', { 'Fn::GetAZs': 'us-west-2' }, ['us-west-2a', 'us-west-2b', 'us-west-2c']],
  ['Fn::GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'ref-AWS::Regiona'],
  ['Fn::GetStackOutput', { 'Fn::GetStackOutput': { StackName: { Ref: 'A' }, OutputName: 'Out' } }, 'ref-A.Out'],
  [
    'Fn::GetStackOutput of the same region',
    { 'Fn::GetStackOutput': { StackName: 'A', OutputName: 'Out', Region: 'ref-AWS::Region' } },
    'A.Out',
  ],
  ['a dynamic reference to an SSM parameter', ['x{{resolve:ssm:/a:3}}', '{{resolve:ssm:b}}'], ['xssm-/a', 'ssm-b']],
  ['Fn::ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': `\${A}-x` } }, 'import-ref-A-x'],
  ['AWS::NoValue in an object', { A: 1, B: { Ref: 'AWS::NoValue' } }, { A: 1 }],
  ['AWS::NoValue in a list', ['a', { 'Fn::If': ['No', 'b', { Ref: 'AWS::NoValue' }] }], ['a']],
  ['a policy condition, which is no condition of the template', { Condition: 'x' }, { Condition: 'x' }],
  ['a property called Ref with a neighbour', { Ref: 'A', Other: 'b' }, { Ref: 'A', Other: 'b' }],
])('%s', (_what, value, expected) => {
  expect(resolve(value, scope)).toEqual(expected);
});

test.each<[unknown, boolean]>([
  [{ 'Fn::Equals': [{ Ref: 'A' }, 'ref-A'] }, true],
  [{ 'Fn::Equals': ['1', 1] }, true],
  [{ 'Fn::Equals': ['a', 'b'] }, false],
  [{ Condition: 'Yes' }, true],
  [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
  [{ 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] }, false],
  [{ 'Fn::Or': [{ Condition: 'No' }, { 'Fn::Equals': ['a', 'a'] }] }, true],
])('decides %j', (condition, expected) => {
  expect(decide(condition, scope)).toBe(expected);
});

test.each<[string, unknown, string]>([
  ['an unknown function', { 'Fn::Foo': 'x' }, 'unsupported intrinsic Fn::Foo'],
  ['a prototype name as a function', { 'Fn::constructor': 'x' }, 'unsupported intrinsic Fn::constructor'],
  ['a function with a neighbour', { 'Fn::Join': ['', []], A: 1 }, 'unsupported intrinsic Fn::Join with A'],
  [
    'a reference to a secret',
    'x{{resolve:secretsmanager:a}}',
    'unsupported dynamic reference {{resolve:secretsmanager:a}}',
  ],
  ['Fn::GetAtt without an attribute', { 'Fn::GetAtt': 'A' }, 'every Fn::GetAtt object requires two'],
  ['Fn::GetAtt with a function inside', { 'Fn::GetAtt': ['A', { Ref: 'B' }] }, 'every Fn::GetAtt object requires two'],
])('rejects %s while it collects references', (_what, value, message) => {
  expect(() => references({ deep: [value] })).toThrow(message);
});

test.each<[string, unknown, string]>([
  ['Fn::Join of no list', { 'Fn::Join': ['-', 'a'] }, 'Fn::Join cannot be evaluated with ["-","a"]'],
  ['Fn::Join of a list in a list', { 'Fn::Join': ['-', [['a']]] }, 'Fn::Join cannot be evaluated with ["a"]'],
  ['Fn::Select beyond the end', { 'Fn::Select': [2, ['a']] }, 'cannot select nonexistent value at index 2'],
  ['Fn::Select without a number', { 'Fn::Select': ['x', ['a']] }, 'cannot select nonexistent value at index x'],
  ['Fn::Split of no string', { 'Fn::Split': ['-', ['a']] }, 'Fn::Split cannot be evaluated with ["a"]'],
  ['Fn::Sub of a list', { 'Fn::Sub': `\${List}` }, 'Fn::Sub cannot be evaluated with ["a","b"]'],
  ['Fn::Sub of nothing', { 'Fn::Sub': `\${AWS::NoValue}` }, 'Fn::Sub cannot be evaluated with AWS::NoValue'],
  [
    'Fn::GetStackOutput of another region',
    { 'Fn::GetStackOutput': { StackName: 'A', OutputName: 'Out', Region: 'eu-west-1' } },
    'unsupported member Region of Fn::GetStackOutput',
  ],
  ['Fn::If with two parts', { 'Fn::If': ['Yes', 'a'] }, 'Fn::If cannot be evaluated with ["Yes","a"]'],
])('rejects %s when it resolves', (_what, value, message) => {
  expect(() => resolve(value, scope)).toThrow(message);
});

test('rejects a value that is not a condition', () => {
  expect(() => decide({ 'Fn::Contains': [] }, scope)).toThrow('unsupported intrinsic "Fn::Contains" in a condition');
  expect(() => decide('Yes', scope)).toThrow('unsupported intrinsic "Yes" in a condition');
});

test('finds the references in every branch, without the variables of Fn::Sub', () => {
  const value = {
    A: { 'Fn::If': ['Yes', { Ref: 'R1' }, { 'Fn::GetAtt': ['R2', 'Arn'] }] },
    B: { 'Fn::Sub': [`\${R3} \${R4.Arn} \${v} \${!R5}`, { v: { Ref: 'R6' } }] },
    C: [{ 'Fn::Join': ['', [{ Ref: 'R7' }]] }],
  };
  expect(references(value)).toEqual([
    { name: 'R1' },
    { name: 'R2', attribute: 'Arn' },
    { name: 'R3' },
    { name: 'R4', attribute: 'Arn' },
    { name: 'R6' },
    { name: 'R7' },
  ]);
});
