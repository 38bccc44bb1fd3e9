import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An error of an AWS service: a type, which the SDK turns into a class, and a message. */
export class ServiceError extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly statusCode = 400,
  ) {
    super(message);
    this.name = type;
  }
}

/** One call of an API operation. */
export interface ServiceCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The access key ID that signed the call; undefined if it was not signed. The emulator has one for each role. */
  readonly accessKeyId?: string;
}

/** The IAM action of a call. */
export function actionOf({ service, operation }: Pick<ServiceCall, 'service' | 'operation'>): string {
  return `${service === 'sfn' ? 'states' : service}:${operation}`;
}

/** A fault of one call. It happens instead of the operation, or after it. */
export type Fault =
  | { readonly kind: 'error'; readonly type: string; readonly message?: string; readonly statusCode?: number }
  /** The connection is closed without an answer, before the service acts. */
  | { readonly kind: 'reset' }
  /** The service acts, and then the connection is closed without an answer. */
  | { readonly kind: 'lost-answer' }
  /** The service acts, and half of the answer arrives. */
  | { readonly kind: 'half-answer' }
  /** An answer that no AWS service gives: the page of a gateway, or nothing. */
  | { readonly kind: 'page'; readonly statusCode: number; readonly body: string; readonly contentType?: string }
  /** No answer ever comes. */
  | { readonly kind: 'hang' };

/** Returns the fault of a call; undefined if it has none. */
export type Faults = (call: ServiceCall) => Fault | undefined;

/** A service with one of the two JSON protocols of AWS. */
export interface JsonService {
  /** A short name, as in `AWS_ENDPOINT_URL_<NAME>`: `proton`, `sfn`, `secrets-manager`. */
  readonly service: string;
  /** The part of `x-amz-target` before the dot. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** Returns the output of the operation. Throws a `ServiceError`: UnknownOperationException if it is not emulated. */
  call(call: ServiceCall): Promise<object> | object;
}

/** A `JsonService` that lists its operations. */
export interface EmulatedApi extends JsonService {
  readonly operationNames: readonly string[];
}

/** A request that is not for a `JsonService`: a PUT to a pre-signed URL, or a call of a service with another protocol. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly accessKeyId?: string;
}

export interface RawAnswer {
  readonly statusCode: number;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpServerOptions {
  readonly services: readonly JsonService[];
  /** Answers the requests that are not calls of the services. */
  readonly raw?: (request: RawRequest) => Promise<RawAnswer | undefined> | RawAnswer | undefined;
  readonly faults?: Faults;
  /** The faults of the requests that `raw` answers. */
  readonly rawFaults?: (request: RawRequest) => Fault | undefined;
  /** The time of a service, or of other requests. Default: the time of signatures is not checked. */
  readonly now?: (service?: string) => number;
  /** Called after every call of the services with the error type, or `ok`. */
  readonly onCall?: (call: ServiceCall, answer: string) => void;
  /** Called for each request that is never answered, with the local port of the client. */
  readonly onHang?: (port: number) => void;
}

/** One HTTP server on loopback for every service of the emulator. */
export class HttpServer {
  /** Starts listening; on any free port by default. */
  static async listen(options: HttpServerOptions, port = 0): Promise<HttpServer> {
    const server = new HttpServer(options);
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.server.listen(port, '127.0.0.1', resolve);
    });
    return server;
  }

  private readonly server: Server;

  private constructor(private options: HttpServerOptions) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        sendJson(response, '1.1', 500, { __type: 'InternalFailure', message: String(error) });
      });
    });
  }

  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Replaces the services. */
  serve(options: HttpServerOptions): void {
    this.options = options;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const accessKeyId = /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? '')?.[1];
    const target = request.headers['x-amz-target'];
    const [prefix, operation] = typeof target === 'string' ? (target.split('.') as [string, string?]) : [undefined];
    const service = this.options.services.find((candidate) => candidate.target === prefix);
    const now = this.options.now?.(service?.service);
    if (now !== undefined) response.setHeader('date', new Date(now).toUTCString());
    if (service && now !== undefined && isSkewed(request.headers['x-amz-date'], now)) {
      const message = 'Signature not yet current or expired: check the clock';
      sendJson(response, service.version, 403, { __type: 'InvalidSignatureException', message });
      return;
    }
    if (!service || !operation) {
      await this.answerRaw(request, response, body, accessKeyId);
      return;
    }
    await this.answerCall(service, operation, body, accessKeyId, response);
  }

  private async answerCall(
    service: JsonService,
    operation: string,
    body: string,
    accessKeyId: string | undefined,
    response: ServerResponse,
  ): Promise<void> {
    let input: unknown;
    try {
      input = JSON.parse(body || '{}');
    } catch {
      input = undefined;
    }
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      sendJson(response, service.version, 400, { __type: 'SerializationException' });
      return;
    }
    const call = { service: service.service, operation, input: input as Record<string, unknown>, accessKeyId };
    const fault = this.options.faults?.(call);
    if (fault && !actsFirst(fault)) {
      this.options.onCall?.(call, fault.kind === 'error' ? fault.type : fault.kind);
      this.sendFault(response, service.version, fault);
      return;
    }
    let statusCode = 200;
    let output: object;
    let outcome = 'ok';
    try {
      output = await service.call(call);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      statusCode = error.statusCode;
      outcome = error.type;
      output = { __type: error.type, message: error.message };
    }
    this.options.onCall?.(call, fault ? fault.kind : outcome);
    if (fault) this.sendFault(response, service.version, fault, JSON.stringify(output));
    else sendJson(response, service.version, statusCode, output);
  }

  private async answerRaw(
    request: IncomingMessage,
    response: ServerResponse,
    body: string,
    accessKeyId: string | undefined,
  ): Promise<void> {
    const raw: RawRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: request.headers,
      body,
      accessKeyId,
    };
    const fault = this.options.rawFaults?.(raw);
    const answer = fault && !actsFirst(fault) ? undefined : await this.options.raw?.(raw);
    if (fault) {
      this.sendFault(response, '1.1', fault, answer?.body);
    } else if (!answer) {
      sendJson(response, '1.1', 400, { __type: 'UnknownOperationException' });
    } else {
      response.writeHead(answer.statusCode, {
        'content-type': answer.contentType ?? 'text/plain',
        'x-amzn-requestid': randomUUID(),
        ...answer.headers,
      });
      response.end(answer.body ?? '');
    }
  }

  private sendFault(response: ServerResponse, version: '1.0' | '1.1', fault: Fault, output = ''): void {
    switch (fault.kind) {
      case 'error':
        sendJson(response, version, fault.statusCode ?? 400, {
          __type: fault.type,
          message: fault.message ?? fault.type,
        });
        return;
      case 'page':
        response.writeHead(fault.statusCode, { 'content-type': fault.contentType ?? 'text/html' });
        response.end(fault.body);
        return;
      case 'half-answer':
        response.writeHead(200, {
          'content-type': `application/x-amz-json-${version}`,
          'content-length': Buffer.byteLength(output),
        });
        response.write(output.slice(0, Math.floor(output.length / 2)), () => response.destroy());
        return;
      case 'reset':
      case 'lost-answer':
        response.destroy();
        return;
      case 'hang':
        if (response.socket?.remotePort !== undefined) this.options.onHang?.(response.socket.remotePort);
        return;
    }
  }
}

/** Whether a call was signed at a time that services reject: more than five minutes from their own. */
function isSkewed(signedAt: unknown, now: number): boolean {
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(String(signedAt)) ?? [];
  if (date === undefined || time === undefined) return false;
  const iso = `${date.replace(/(..)(..)$/, '-$1-$2')}T${time.replace(/(..)(?=.)/g, '$1:')}Z`;
  return Math.abs(Date.parse(iso) - now) > MAX_SKEW;
}

const MAX_SKEW = 5 * 60_000;

/** Whether the service acts before the fault, which spoils only the answer. */
export function actsFirst(fault: Fault): boolean {
  return fault.kind === 'lost-answer' || fault.kind === 'half-answer';
}

function sendJson(response: ServerResponse, version: '1.0' | '1.1', statusCode: number, output: object): void {
  response.writeHead(statusCode, {
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': randomUUID(),
  });
  response.end(JSON.stringify(output));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
