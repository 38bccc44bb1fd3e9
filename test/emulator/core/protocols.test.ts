import type { RawRequest } from '../../../emulator/core/http-server';
import { jsonProtocol, queryProtocol, restProtocol } from '../../../emulator/core/protocols';

const request = (more: Partial<RawRequest>): RawRequest => ({
  method: 'POST',
  path: '/',
  headers: {},
  body: '',
  ...more,
});
const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const OUTPUT = {
  Name: '<a & b>',
  At: new Date('2027-01-01T10:00:00.500Z'),
  Items: [{ Id: 1 }, { Id: 2 }],
  None: undefined,
};

describe('a JSON protocol', () => {
  const protocol = jsonProtocol('Target', '1.0');
  const call = (target: string, body = '{"a":1}') =>
    protocol.read(request({ headers: { 'x-amz-target': target }, body }));

  test('reads the operation from the header, and no call of another service', () => {
    expect(call('Target.Get')).toEqual({ operation: 'Get', input: { a: 1 } });
    expect(call('Target.Get', '')).toEqual({ operation: 'Get', input: {} });
    expect(call('Other.Get')).toBeUndefined();
    expect(protocol.read(request({ body: '{}' }))).toBeUndefined();
  });

  test.each(['[]', 'null', '1', '{'])('reads a call without an input from %s', (body) => {
    expect(call('Target.Get', body)).toEqual({ operation: 'Get', input: undefined });
  });

  test('renders dates in seconds', () => {
    const { body = '', contentType } = protocol.render('Get', OUTPUT);
    expect(contentType).toBe('application/x-amz-json-1.0');
    expect(JSON.parse(body)).toEqual({ Name: '<a & b>', At: 1_798_797_600.5, Items: [{ Id: 1 }, { Id: 2 }] });
  });
});

describe('the REST protocol', () => {
  const protocol = restProtocol({
    routes: { Get: 'GET /apps/{app}/jobs/{job}', List: 'GET /apps/{app}/jobs', Stop: 'DELETE /apps/{app}/jobs/{job}' },
    headers: { Force: 'X-Force' },
    dates: 'iso',
  });

  test('reads members from the path, the query, the headers and the body', () => {
    const path = '/apps/a%2Fb/jobs/1?max=5';
    expect(protocol.read(request({ method: 'GET', path }))).toEqual({
      operation: 'Get',
      input: { app: 'a/b', job: '1', max: '5' },
    });
    const stop = request({ method: 'DELETE', path: '/apps/a/jobs/1', headers: { 'x-force': 'true' }, body: '{"b":2}' });
    expect(protocol.read(stop)).toEqual({ operation: 'Stop', input: { app: 'a', job: '1', Force: 'true', b: 2 } });
    expect(protocol.read(request({ method: 'GET', path: '/apps/a/jobs' }))).toMatchObject({ operation: 'List' });
  });

  test.each<[string, string]>([
    ['POST', '/apps/a/jobs'],
    ['GET', '/apps/a'],
    ['GET', '/apps/a/jobs/1/steps'],
  ])('reads no call from %s %s', (method, path) => {
    expect(protocol.read(request({ method, path }))).toBeUndefined();
  });

  test('renders dates as the service does', () => {
    expect(JSON.parse(protocol.render('Get', OUTPUT).body ?? '')).toMatchObject({ At: '2027-01-01T10:00:00.500Z' });
    const inSeconds = restProtocol({ routes: {} }).render('Get', OUTPUT);
    expect(JSON.parse(inSeconds.body ?? '')).toMatchObject({ At: 1_798_797_600.5 });
  });
});

describe('the query protocol', () => {
  const protocol = queryProtocol('2011-01-01', ['Get']);
  const call = (body: string, headers: RawRequest['headers'] = FORM) => protocol.read(request({ headers, body }));

  test('reads the operation and lists from a form', () => {
    expect(call('Version=2011-01-01&Action=Get&Ids.member.1=a&Ids.member.2=b&Name=c')).toEqual({
      operation: 'Get',
      input: { Ids: ['a', 'b'], Name: 'c' },
    });
  });

  test('reads no call of another version or operation, and no other request', () => {
    expect(call('Version=2010-05-15&Action=Get')).toBeUndefined();
    expect(call('Version=2011-01-01&Action=Put')).toBeUndefined();
    expect(call('Version=2011-01-01')).toBeUndefined();
    expect(call('Version=2011-01-01&Action=Get', {})).toBeUndefined();
  });

  test('renders XML, in which text is escaped', () => {
    expect(protocol.render('Get', OUTPUT).body).toContain(
      '<GetResult><Name>&#60;a &#38; b&#62;</Name><At>2027-01-01T10:00:00.500Z</At><Items><member><Id>1</Id></member><member><Id>2</Id></member></Items></GetResult>',
    );
    expect(protocol.renderError(403, { type: 'AccessDenied', message: 'no' })).toMatchObject({
      statusCode: 403,
      contentType: 'text/xml',
      body: expect.stringContaining('<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>'),
    });
  });
});
