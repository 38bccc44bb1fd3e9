import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Ssm } from '../../../emulator/aws/ssm';
import { VirtualClock } from '../../../emulator/core/clock';
import { Consistency } from '../../../emulator/core/consistency';
import { HttpServer } from '../../../emulator/core/http-server';

const START = Date.UTC(2026, 0, 1);
const SECRET = 'https://bucket.s3.amazonaws.com/key?X-Amz-Signature=abc';

let clock: VirtualClock;
let ssm: Ssm;
let server: HttpServer;
let client: SSMClient;

beforeEach(async () => {
  clock = new VirtualClock(START);
  await begin();
});

afterEach(async () => {
  client.destroy();
  await server.close();
});

async function begin(consistency?: Consistency): Promise<void> {
  ssm = new Ssm({
    clock,
    environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
    hasKey: (arn) => arn.endsWith('key/1'),
    consistency,
  });
  server = await HttpServer.listen({ services: [ssm] });
  client = new SSMClient({
    endpoint: server.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
}

const put = (input: object = {}) =>
  client.send(new PutParameterCommand({ Name: '/answers/1', Value: SECRET, Type: 'SecureString', ...input }));
const get = async (input: object = {}) =>
  (await client.send(new GetParameterCommand({ Name: '/answers/1', ...input }))).Parameter;

test('a parameter is returned, decrypted on request', async () => {
  expect(await put()).toMatchObject({ Version: 1, Tier: 'Standard' });
  expect(await get({ WithDecryption: true })).toEqual({
    Name: '/answers/1',
    Type: 'SecureString',
    Value: SECRET,
    Version: 1,
    LastModifiedDate: new Date(START),
    ARN: 'arn:aws:ssm:eu-west-1:123456789012:parameter/answers/1',
    DataType: 'text',
  });
});

test('a SecureString without decryption does not reveal its value', async () => {
  await put();
  const encrypted = (await get())?.Value;
  expect(encrypted).toMatch(/^AQICAHh[A-Za-z0-9+/=]+$/);
  expect(Buffer.from(encrypted ?? '', 'base64').toString('latin1')).not.toContain('bucket');
  expect((await get({ WithDecryption: false }))?.Value).toBe(encrypted);
});

describe('a key of the user', () => {
  const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1';
  const resource = 'arn:aws:ssm:eu-west-1:123456789012:parameter/answers/1';
  const context = {
    'kms:ViaService': 'ssm.eu-west-1.amazonaws.com',
    'kms:EncryptionContext:PARAMETER_ARN': resource,
  };
  const requests = (operation: string, input: object) =>
    ssm.iamRequests({ service: 'ssm', operation, input: { Name: '/answers/1', ...input } });

  test('has to exist, and needs permissions to encrypt and decrypt', async () => {
    await put({ KeyId: KEY });
    expect(requests('PutParameter', { KeyId: KEY })).toEqual([
      { action: 'ssm:PutParameter', resource },
      { action: 'kms:Encrypt', resource: KEY, context },
    ]);
    expect(requests('GetParameter', { WithDecryption: true })).toEqual([
      { action: 'ssm:GetParameter', resource },
      { action: 'kms:Decrypt', resource: KEY, context },
    ]);
    expect(requests('GetParameter', {})).toEqual([{ action: 'ssm:GetParameter', resource }]);
    expect(requests('DeleteParameter', {})).toEqual([{ action: 'ssm:DeleteParameter', resource }]);
  });

  test.each([
    [{ KeyId: `${KEY}2` }, 'InvalidKeyId', `Key '${KEY}2' does not exist`],
    [{ KeyId: KEY, Type: 'String' }, 'ValidationException', 'KeyId is only for parameters of type SecureString.'],
    [{ KeyId: 'alias/mine' }, 'ValidationException', 'supports only the ARN of a key as KeyId, not alias/mine'],
  ])('%j is rejected', async (input, name, message) => {
    await expect(put(input)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
    expect(ssm.parameters).toEqual([]);
  });
});

test('a String needs no decryption', async () => {
  await put({ Name: 'plain', Type: 'String', Value: 'v' });
  expect(await get({ Name: 'plain' })).toMatchObject({ Type: 'String', Value: 'v' });
});

test('an existing parameter is overwritten only with Overwrite', async () => {
  await put();
  await expect(put({ Value: 'other' })).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  expect(ssm.parameters).toMatchObject([{ value: SECRET, version: 1 }]);
  expect(await put({ Value: 'other', Overwrite: true, Type: undefined })).toMatchObject({ Version: 2 });
  expect(ssm.parameters).toEqual([
    { name: '/answers/1', type: 'SecureString', value: 'other', version: 2, lastModified: START },
  ]);
});

test('a deleted parameter is not found', async () => {
  await put();
  const remove = () => client.send(new DeleteParameterCommand({ Name: '/answers/1' }));
  await remove();
  expect(ssm.parameters).toEqual([]);
  await expect(get()).rejects.toMatchObject({ name: 'ParameterNotFound' });
  await expect(remove()).rejects.toMatchObject({ name: 'ParameterNotFound' });
});

test('4,096 bytes fit', async () => {
  await put({ Value: 'é'.repeat(2048) });
  expect(ssm.parameters).toHaveLength(1);
});

test.each<[string, object, string]>([
  ['a value of 4,097 bytes', { Value: `${'é'.repeat(2048)}x` }, 'ValidationException'],
  ['no value', { Value: '' }, 'ValidationException'],
  ['no type', { Type: undefined }, 'ValidationException'],
  ['no name', { Name: '' }, 'ValidationException'],
  ['a name with a blank', { Name: '/a b' }, 'ValidationException'],
  ['a name with two slashes', { Name: '/a//b' }, 'ValidationException'],
  ['a path without its first slash', { Name: 'a/b' }, 'ValidationException'],
  ['a name of AWS', { Name: '/aws/x' }, 'AccessDeniedException'],
  ['a name of SSM', { Name: 'ssm-x' }, 'ValidationException'],
  ['16 levels', { Name: '/x'.repeat(16) }, 'HierarchyLevelLimitExceededException'],
  ['another type', { Type: 'Binary' }, 'ValidationException'],
  ['another tier', { Tier: 'Advanced' }, 'ValidationException'],
  ['a key', { KeyId: 'alias/mine' }, 'ValidationException'],
])('%s is rejected', async (_, input, name) => {
  await expect(put(input)).rejects.toMatchObject({ name });
  expect(ssm.parameters).toEqual([]);
});

test('the type of an existing parameter cannot be changed', async () => {
  await put();
  await expect(put({ Type: 'String', Overwrite: true })).rejects.toMatchObject({
    name: 'HierarchyTypeMismatchException',
  });
});

test('an unknown operation is rejected with the error of AWS', () => {
  const call = { service: 'ssm', operation: 'DescribeParameters', input: {} };
  expect(() => ssm.call(call)).toThrow(expect.objectContaining({ type: 'UnknownOperationException' }));
  expect(ssm.iamRequests(call)).toEqual([]);
});

test.each(['PutParameter', 'GetParameter', 'DeleteParameter'])(
  '%s needs its permission on the parameter',
  (operation) => {
    const request = { service: 'ssm', operation, input: { Name: '/answers/1' } };
    expect(ssm.iamRequests(request)).toEqual([
      { action: `ssm:${operation}`, resource: 'arn:aws:ssm:eu-west-1:123456789012:parameter/answers/1' },
    ]);
  },
);

describe('with a lag of reads', () => {
  beforeEach(async () => {
    client.destroy();
    await server.close();
    await begin(new Consistency({ reads: { min: 2_000, max: 2_000 } }, () => 0));
  });

  const seenAt = async (ms: number) => {
    clock.set(START + ms);
    try {
      return (await get({ WithDecryption: true }))?.Value;
    } catch (error) {
      return (error as Error).name;
    }
  };

  test('GetParameter does not find a new parameter, and later returns old values', async () => {
    await put({ Value: 'first' });
    expect(await seenAt(0)).toBe('ParameterNotFound');
    expect(await seenAt(1_999)).toBe('ParameterNotFound');
    expect(await seenAt(2_000)).toBe('first');
    await put({ Value: 'second', Overwrite: true });
    expect(await seenAt(3_999)).toBe('first');
    expect(await seenAt(4_000)).toBe('second');
    await client.send(new DeleteParameterCommand({ Name: '/answers/1' }));
    expect(await seenAt(5_999)).toBe('second');
    expect(await seenAt(6_000)).toBe('ParameterNotFound');
  });

  test('writes act on the last state', async () => {
    await put();
    await expect(put()).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put({ Overwrite: true })).toMatchObject({ Version: 2 });
    await client.send(new DeleteParameterCommand({ Name: '/answers/1' }));
    await expect(client.send(new DeleteParameterCommand({ Name: '/answers/1' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    expect(await put()).toMatchObject({ Version: 1 });
    expect(ssm.parameters).toHaveLength(1);
  });
});
