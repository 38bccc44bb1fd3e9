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
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  received = [];
  answer = (response) => response.end();
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ request, body: Buffer.concat(chunks) });
    answer(response, request);
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

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer%20here?${SECRET}&b=%2F`;

/** What a put was rejected with; fetch makes its errors outside of the sandbox that tests run in. */
async function errorOf(send: Promise<void>): Promise<{ name: string; message: string; stack?: string }> {
  const error = await send.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toMatchObject({ name: expect.any(String), message: expect.any(String) });
  return error;
}

test('puts exactly the bytes to exactly the place, without a content type that nobody has signed', async () => {
  await httpResponseSender.send(url(), '{"Reason":"漢字 👍"}');
  expect(received).toHaveLength(1);
  const [{ request, body }] = received as [Received];
  expect(request.method).toBe('PUT');
  expect(request.url).toBe(`/answer%20here?${SECRET}&b=%2F`);
  expect(body.toString('utf8')).toBe('{"Reason":"漢字 👍"}');
  expect(request.headers).not.toHaveProperty('content-type');
  expect(request.headers).toMatchObject({ 'content-length': String(body.length) });
  expect(request.headers).not.toHaveProperty('transfer-encoding');
});

test.each([403, 404, 500, 503])(
  'rejects when it is answered with %i, in words without the place',
  async (statusCode) => {
    answer = (response) => response.writeHead(statusCode).end(`<Error><Resource>${SECRET}</Resource></Error>`);
    const error = await errorOf(httpResponseSender.send(url(), '{}'));
    expect(error).toMatchObject({
      name: `ResponseRejectedError${statusCode}`,
      message: `put was answered with ${statusCode}`,
    });
    expect(error.stack).not.toContain(SECRET);
  },
);

test('follows a redirect, as S3 gives for a bucket in another region, with the body', async () => {
  answer = (response, request) => {
    if (request.url?.startsWith('/elsewhere')) response.end();
    else response.writeHead(307, { location: '/elsewhere' }).end();
  };
  await httpResponseSender.send(url(), '{"Status":"SUCCESS"}');
  expect(received.map(({ request, body }) => `${request.method} ${body}`)).toEqual([
    'PUT {"Status":"SUCCESS"}',
    'PUT {"Status":"SUCCESS"}',
  ]);
});

test('rejects when the connection breaks before the answer', async () => {
  answer = (response) => response.destroy();
  await errorOf(httpResponseSender.send(url(), '{}'));
});

test('rejects when the answer breaks off in the middle', async () => {
  answer = (response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  };
  await errorOf(httpResponseSender.send(url(), '{}'));
});

test('rejects when nobody is there', async () => {
  const place = url();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await errorOf(httpResponseSender.send(place, '{}'));
});

test('rejects what is no place at all', async () => {
  await errorOf(httpResponseSender.send('nowhere', '{}'));
});

test('rejects after ten seconds when no answer comes', async () => {
  const timer = new AbortController();
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(timer.signal);
  answer = () => timer.abort(new DOMException('the time is over', 'TimeoutError'));
  expect((await errorOf(httpResponseSender.send(url(), '{}'))).name).toBe('TimeoutError');
  expect(timeout).toHaveBeenCalledWith(10_000);
});
