import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonProtocol, type Protocol } from './protocols';

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
  /** The service answers this, and does not act. */
  | { readonly kind: 'empty-answer'; readonly output: object }
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

/** A service of AWS that is called over HTTP. */
export interface HttpService {
  /** A short name, as in `AWS_ENDPOINT_URL_<NAME>`: `proton`, `sfn`, `secrets-manager`. */
  readonly service: string;
  readonly protocol: Protocol;
  /** The emulated operations. Services that read the same requests share them by their operations. Default: all. */
  readonly operationNames?: readonly string[];
  /** Returns the output of the operation. Throws a `ServiceError`: UnknownOperationException if it is not emulated. */
  call(call: ServiceCall): Promise<object> | object;
}

/** A service that lists its operations. */
export interface EmulatedApi extends HttpService {
  readonly operationNames: readonly string[];
}

/** A request that is not for an `HttpService`: a PUT to a pre-signed URL, or a call of a service that reads its own requests. */
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
  readonly services: readonly HttpService[];
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
        send(response, DEFAULT_PROTOCOL.renderError(500, { type: 'InternalFailure', message: String(error) }));
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
    const raw: RawRequest = {
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: request.headers,
      body: await readBody(request),
      accessKeyId: /Credential=([^/,\s]+)\//.exec(request.headers.authorization ?? '')?.[1],
    };
    const target = this.targetOf(raw);
    const now = this.options.now?.(target?.service.service);
    if (now !== undefined) response.setHeader('date', new Date(now).toUTCString());
    if (!target) {
      await this.answerRaw(raw, response);
    } else if (now !== undefined && isSkewed(request.headers['x-amz-date'], now)) {
      const message = 'Signature not yet current or expired: check the clock';
      send(response, target.service.protocol.renderError(403, { type: 'InvalidSignatureException', message }));
    } else {
      await this.answerCall(target, raw.accessKeyId, response);
    }
  }

  /** The service that a request is for, and the call; undefined for other requests. */
  private targetOf(raw: RawRequest): Target | undefined {
    const targets = this.options.services.flatMap((service) => {
      const call = service.protocol.read(raw);
      return call ? [{ service, ...call }] : [];
    });
    const hasOperation = ({ service, operation }: Target) => service.operationNames?.includes(operation) ?? true;
    return targets.find(hasOperation) ?? targets[0];
  }

  private async answerCall(
    { service, operation, input }: Target,
    accessKeyId: string | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const { protocol } = service;
    if (!input) {
      send(response, protocol.renderError(400, { type: 'SerializationException' }));
      return;
    }
    const call = { service: service.service, operation, input, accessKeyId };
    const fault = this.options.faults?.(call);
    if (fault && !actsFirst(fault)) {
      this.options.onCall?.(call, fault.kind === 'error' ? fault.type : fault.kind);
      if (fault.kind === 'empty-answer') send(response, protocol.render(operation, fault.output));
      else this.sendFault(response, protocol, fault);
      return;
    }
    let answer: RawAnswer;
    let outcome = 'ok';
    try {
      answer = protocol.render(operation, await service.call(call));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      outcome = error.type;
      answer = protocol.renderError(error.statusCode, error);
    }
    this.options.onCall?.(call, fault ? fault.kind : outcome);
    if (fault) this.sendFault(response, protocol, fault, answer);
    else send(response, answer);
  }

  private async answerRaw(raw: RawRequest, response: ServerResponse): Promise<void> {
    const fault = this.options.rawFaults?.(raw);
    const answer = fault && !actsFirst(fault) ? undefined : await this.options.raw?.(raw);
    if (fault) this.sendFault(response, DEFAULT_PROTOCOL, fault, answer);
    else send(response, answer ?? DEFAULT_PROTOCOL.renderError(400, { type: 'UnknownOperationException' }));
  }

  private sendFault(response: ServerResponse, protocol: Protocol, fault: Fault, answer?: RawAnswer): void {
    switch (fault.kind) {
      case 'error': {
        const { type, message = type, statusCode = 400 } = fault;
        send(response, protocol.renderError(statusCode, { type, message }));
        return;
      }
      case 'page':
        response.writeHead(fault.statusCode, { 'content-type': fault.contentType ?? 'text/html' });
        response.end(fault.body);
        return;
      case 'half-answer': {
        const { contentType = 'text/plain', body = '' } = answer ?? {};
        response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
        response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy());
        return;
      }
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

/** A call, and the service that it is for. */
interface Target {
  readonly service: HttpService;
  readonly operation: string;
  readonly input?: ServiceCall['input'];
}

/** The protocol of answers to requests that are for no service. */
const DEFAULT_PROTOCOL = jsonProtocol('', '1.1');

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

function send(response: ServerResponse, answer: RawAnswer): void {
  const { statusCode, contentType = 'text/plain', headers, body = '' } = answer;
  response.writeHead(statusCode, { 'content-type': contentType, 'x-amzn-requestid': randomUUID(), ...headers });
  response.end(body);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
