import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CancellationWorkflow } from '../../../lib';

interface Statement {
  readonly Action: string | string[];
  readonly Principal?: { readonly Service?: string };
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

let template: Template;
/** The statements of the key, and those of roles about keys. */
let ofKey: Statement[];
let ofRoles: Statement[];

beforeEach(() => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  CancellationWorkflow.of(stack, { encryptionKey: new Key(stack, 'Key') });
  template = Template.fromStack(stack);
  ofKey = Object.values(template.findResources('AWS::KMS::Key')).flatMap(
    ({ Properties }) => Properties.KeyPolicy.Statement,
  );
  const documents = [
    ...Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => Properties.PolicyDocument),
    ...Object.values(template.findResources('AWS::IAM::Role')).flatMap(({ Properties }) =>
      (Properties.Policies ?? []).map(({ PolicyDocument }: { PolicyDocument: unknown }) => PolicyDocument),
    ),
  ] as { Statement: Statement[] }[];
  ofRoles = documents
    .flatMap(({ Statement }) => Statement)
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('kms:')));
});

test('the state machine is encrypted with the key', () => {
  const [machine] = Object.values(template.findResources('AWS::StepFunctions::StateMachine'));
  expect(machine?.Properties.EncryptionConfiguration).toMatchObject({ Type: 'CUSTOMER_MANAGED_KMS_KEY' });
});

test('CloudWatch Logs may use the key only for log groups of the account', () => {
  const logs = ofKey.find(({ Principal }) => JSON.stringify(Principal).includes('logs.eu-west-1.amazonaws.com'));
  expect(logs?.Resource).toBe('*');
  const { ArnLike = {} } = logs?.Condition ?? {};
  expect(JSON.stringify(ArnLike['kms:EncryptionContext:aws:logs:arn'])).toContain(
    ':logs:eu-west-1:111122223333:log-group:*',
  );
});

test('the delivery of logs may only decrypt', () => {
  const delivery = ofKey.filter(({ Principal }) => Principal?.Service === 'delivery.logs.amazonaws.com');
  expect(delivery).toEqual([expect.objectContaining({ Action: 'kms:Decrypt', Resource: '*' })]);
});

test('every role may use the key only for one purpose: executions, their logs or parameters', () => {
  expect(ofRoles.length).toBeGreaterThan(3);
  const purposes = ofRoles.map(({ Condition = {}, Resource }) => {
    expect(JSON.stringify(Resource)).not.toContain('*');
    return Object.entries(Condition)
      .flatMap(([operator, values]) => Object.keys(values).map((name) => `${operator} ${name}`))
      .join(', ');
  });
  expect([...new Set(purposes)].sort()).toEqual([
    'StringEquals kms:EncryptionContext:SourceArn',
    'StringEquals kms:EncryptionContext:aws:states:stateMachineArn',
    'StringEquals kms:ViaService, StringLike kms:EncryptionContext:PARAMETER_ARN',
  ]);
});

test.each<[string, string, string]>([
  ['of logs, for those of the account', 'kms:EncryptionContext:SourceArn', ':logs:eu-west-1:111122223333:*'],
  ['of parameters, through Parameter Store', 'kms:ViaService', 'ssm.eu-west-1.amazonaws.com'],
])('the permission %s', (_what, name, value) => {
  const conditions = ofRoles.flatMap(({ Condition = {} }) => Object.values(Condition).map((values) => values[name]));
  const found = conditions.filter((condition) => condition !== undefined);
  expect(found.length).toBeGreaterThan(0);
  for (const condition of found) expect(JSON.stringify(condition)).toContain(value);
});
