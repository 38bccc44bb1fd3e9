import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpResponseSender } from '../../../lambda/cloudformation/response-sender';
import { SECRET } from './fakes';

interface Received {
  readonly request: IncomingMessage;
  readonly body: Buffer;
}

let server: Server;
let received: Received[];
let reply: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  received = [];
  reply = (response) => response.end();
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ request, body: Buffer.concat(chunks) });
    reply(response, request);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/response%20here?${SECRET}&b=%2F`;

/** The error of a rejected promise. The errors of fetch come from outside the sandbox of the test, so instanceof fails. */
async function errorOf(send: Promise<void>): Promise<{ name: string; message: string; stack?: string }> {
  const error = await send.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toMatchObject({ name: expect.any(String), message: expect.any(String) });
  return error;
}

test('sends exactly the bytes to exactly the URL, without a content type, which is not signed', async () => {
  await httpResponseSender.send(url(), '{"Reason":"漢字 👍"}');
  expect(received).toHaveLength(1);
  const [{ request, body }] = received as [Received];
  expect(request.method).toBe('PUT');
  expect(request.url).toBe(`/response%20here?${SECRET}&b=%2F`);
  expect(body.toString('utf8')).toBe('{"Reason":"漢字 👍"}');
  expect(request.headers).not.toHaveProperty('content-type');
  expect(request.headers).toMatchObject({ 'content-length': String(body.length) });
  expect(request.headers).not.toHaveProperty('transfer-encoding');
});

test.each([403, 404, 500, 503])(
  'rejects on status %i, with an error that does not have the URL',
  async (statusCode) => {
    reply = (response) => response.writeHead(statusCode).end(`<Error><Resource>${SECRET}</Resource></Error>`);
    const error = await errorOf(httpResponseSender.send(url(), '{}'));
    expect(error).toMatchObject({
      name: `ResponseRejectedError${statusCode}`,
      message: `the response was rejected with status ${statusCode}`,
    });
    expect(error.stack).not.toContain(SECRET);
  },
);

test('follows a redirect with the body, as S3 sends for a bucket in another region', async () => {
  reply = (response, request) => {
    if (request.url?.startsWith('/elsewhere')) response.end();
    else response.writeHead(307, { location: '/elsewhere' }).end();
  };
  await httpResponseSender.send(url(), '{"Status":"SUCCESS"}');
  expect(received.map(({ request, body }) => `${request.method} ${body}`)).toEqual([
    'PUT {"Status":"SUCCESS"}',
    'PUT {"Status":"SUCCESS"}',
  ]);
});

test('rejects when the connection breaks before the reply', async () => {
  reply = (response) => response.destroy();
  await errorOf(httpResponseSender.send(url(), '{}'));
});

test('rejects when the reply breaks off', async () => {
  reply = (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  };
  await errorOf(httpResponseSender.send(url(), '{}'));
});

test('rejects when no server listens', async () => {
  const closed = url();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await errorOf(httpResponseSender.send(closed, '{}'));
});

test('rejects an invalid URL', async () => {
  await errorOf(httpResponseSender.send('not a url', '{}'));
});

test('rejects after ten seconds without a reply', async () => {
  const timer = new AbortController();
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(timer.signal);
  reply = () => timer.abort(new DOMException('timeout', 'TimeoutError'));
  expect((await errorOf(httpResponseSender.send(url(), '{}'))).name).toBe('TimeoutError');
  expect(timeout).toHaveBeenCalledWith(10_000);
});
