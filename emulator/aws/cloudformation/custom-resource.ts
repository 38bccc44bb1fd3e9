import { createHash } from 'node:crypto';
import type { RawAnswer, RawRequest } from '../../core/http-server';
import { type Engine, nameSuffix } from './engine';
import { messageOf } from './errors';
import {
  CANCELLED,
  type ExistingResource,
  ResourceFailure,
  type ResourceRequest,
  type ResourceState,
  type ResourceType,
} from './resource-type';
import { isRecord } from './template';

/** The event for the function of a custom resource. */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ServiceToken: string;
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

export interface CustomResourceOptions {
  /** Invokes a function asynchronously. Rejects if the invocation is not accepted. */
  readonly invoke: (functionArn: string, event: CustomResourceEvent) => Promise<void>;
  /** The beginning of response URLs, without a trailing slash. */
  readonly responseUrlBase: () => string;
}

const MAX_RESPONSE_BYTES = 4096;
const MAX_PHYSICAL_ID_BYTES = 1024;
const MAX_TIMEOUT_SECONDS = 3600;
/** The validity of a pre-signed URL. */
const URL_SECONDS = 7200;

interface CustomResourceResponse {
  readonly succeeded: boolean;
  readonly reason: string;
  readonly physicalId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A request whose response has a pre-signed URL. */
interface PendingRequest {
  readonly url: string;
  readonly signature: string;
  readonly expires: number;
  readonly response: Promise<string>;
  readonly settle: (body: string) => void;
}

/** The function was not invoked, so it has created nothing. */
class NotSentError extends Error {}

/** A response with the status FAILED. */
class FailedResponseError extends Error {
  constructor(
    message: string,
    readonly physicalId: string,
  ) {
    super(message);
  }
}

/** The protocol between CloudFormation and the functions of custom resources. */
export class CustomResources {
  private readonly pending = new Map<string, PendingRequest>();

  constructor(
    private readonly engine: Engine,
    private readonly options: CustomResourceOptions,
  ) {}

  /** The resource type `Custom::NAME` or `AWS::CloudFormation::CustomResource`. */
  type(name: string): ResourceType {
    return {
      holdsClock: true,
      create: (request) => this.create(name, request),
      update: (request, old) => this.update(name, request, old),
      rollBack: (request, updated) => this.send(name, 'Update', request, updated),
      delete: (request) => this.delete(name, request),
    };
  }

  /**
   * Answers a PUT to a `ResponseURL`; undefined for other paths. A response that is late or repeated is accepted as well,
   * without effect.
   */
  takeAnswer({ method, path, body }: Pick<RawRequest, 'method' | 'path' | 'body'>): RawAnswer | undefined {
    const [object = '', query] = path.split('?', 2);
    if (!object.startsWith(`/${this.bucket}/`)) return undefined;
    const request = this.pending.get(object);
    const signed = request?.signature === new URLSearchParams(query).get('X-Amz-Signature');
    if (!request || !signed || method !== 'PUT') return refusal('SignatureDoesNotMatch');
    if (this.engine.clock.now() > request.expires) return refusal('AccessDenied');
    request.settle(body);
    return { statusCode: 200 };
  }

  private async create(name: string, request: ResourceRequest): Promise<ResourceState> {
    try {
      return await this.send(name, 'Create', request);
    } catch (error) {
      if (error instanceof NotSentError) throw error;
      // The function may have created something. If it has not sent a physical ID, CloudFormation generates one and
      // deletes that.
      const generated = () => `${request.stackName}-${request.logicalId}-${nameSuffix(this.engine.ids)}`;
      throw new ResourceFailure(
        messageOf(error),
        error instanceof FailedResponseError ? error.physicalId : generated(),
      );
    }
  }

  private async update(name: string, request: ResourceRequest, old: ExistingResource): Promise<ResourceState> {
    if (request.properties.ServiceToken !== old.properties.ServiceToken) {
      throw new Error('Modifying service token is not allowed.');
    }
    try {
      return await this.send(name, 'Update', request, old);
    } catch (error) {
      if (error instanceof FailedResponseError) throw new ResourceFailure(error.message, error.physicalId);
      throw error;
    }
  }

  private async delete(name: string, request: ExistingResource): Promise<void> {
    const { physicalId } = await this.send(name, 'Delete', request, request);
    if (physicalId !== request.state.physicalId) throw new Error('Invalid PhysicalResourceId');
  }

  private async send(
    resourceType: string,
    requestType: CustomResourceEvent['RequestType'],
    request: ResourceRequest,
    existing?: ExistingResource,
  ): Promise<ResourceState> {
    const { stackId, logicalId, properties, signal } = request;
    const functionArn = functionOf(properties);
    const timeoutSeconds = timeoutOf(properties);
    const requestId = this.engine.ids();
    const pending = this.open(`${stackId}|${logicalId}|${requestId}`);
    const event: CustomResourceEvent = {
      RequestType: requestType,
      ServiceToken: functionArn,
      ResponseURL: pending.url,
      StackId: stackId,
      RequestId: requestId,
      LogicalResourceId: logicalId,
      ResourceType: resourceType,
      ResourceProperties: stringified(properties),
      ...(existing && { PhysicalResourceId: existing.state.physicalId }),
      ...(requestType === 'Update' && existing && { OldResourceProperties: stringified(existing.properties) }),
    };
    const response = readResponse(await this.exchange(event, pending, timeoutSeconds, signal), event);
    if (!response.succeeded) {
      throw new FailedResponseError(
        `Received response status [FAILED] from custom resource. Message returned: ${response.reason} (RequestId: ${requestId})`,
        response.physicalId,
      );
    }
    return {
      physicalId: response.physicalId,
      attributes: response.data,
      missing: (attribute) =>
        `CustomResource attribute error: Vendor response doesn't contain ${attribute} attribute in object ${stackId}|${logicalId}|${requestId}`,
    };
  }

  /** Sends the event and waits for the response. Holds the clock only until the invocation is accepted. */
  private exchange(
    event: CustomResourceEvent,
    pending: PendingRequest,
    timeoutSeconds: number,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const release = this.engine.clock.hold();
      const fail = (error: Error) => {
        stopWaiting();
        reject(error);
      };
      const cancel = () => fail(new Error(CANCELLED[event.RequestType === 'Create' ? 'create' : 'update']));
      const cancelTimer = this.engine.clock.schedule(timeoutSeconds * 1000, () => fail(new Error(noResponseTo(event))));
      const stopWaiting = () => {
        release();
        cancelTimer();
        signal?.removeEventListener('abort', cancel);
      };
      signal?.addEventListener('abort', cancel);
      pending.response.then((body) => {
        stopWaiting();
        resolve(body);
      });
      this.options
        .invoke(event.ServiceToken, event)
        .then(release, (error: unknown) => fail(new NotSentError(messageOf(error))));
    });
  }

  private open(object: string): PendingRequest {
    const path = `/${this.bucket}/${encodeURIComponent(object)}`;
    // The object has the ID of the request, which is seeded like all IDs.
    const signature = createHash('sha256').update(`signature of ${object}`).digest('hex');
    const now = this.engine.clock.now();
    const times = `X-Amz-Date=${signatureDate(now)}&X-Amz-Expires=${URL_SECONDS}`;
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&${times}&X-Amz-Signature=${signature}`;
    let settle: PendingRequest['settle'] = () => undefined;
    const response = new Promise<string>((resolve) => {
      settle = resolve;
    });
    const pending = {
      url: `${this.options.responseUrlBase()}${path}?${query}`,
      signature,
      expires: now + URL_SECONDS * 1000,
      response,
      settle,
    };
    this.pending.set(path, pending);
    return pending;
  }

  private get bucket(): string {
    return `cloudformation-custom-resource-response-${this.engine.environment.region.replaceAll('-', '')}`;
  }
}

function functionOf({ ServiceToken }: ResourceRequest['properties']): string {
  if (typeof ServiceToken === 'string' && /^arn:[^:]+:lambda:/.test(ServiceToken)) return ServiceToken;
  throw new NotSentError(`unsupported ServiceToken ${JSON.stringify(ServiceToken)}: it must be a Lambda function ARN`);
}

function timeoutOf({ ServiceTimeout = MAX_TIMEOUT_SECONDS }: ResourceRequest['properties']): number {
  const seconds = typeof ServiceTimeout === 'string' ? Number(ServiceTimeout) : ServiceTimeout;
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 1 && seconds <= MAX_TIMEOUT_SECONDS) {
    return seconds;
  }
  throw new NotSentError(
    `Invalid ServiceTimeout ${JSON.stringify(ServiceTimeout)}. It must be an integer from 1 to ${MAX_TIMEOUT_SECONDS}.`,
  );
}

/** A time as in a signature of version 4: in whole seconds, such as `20260101T000000Z`. */
function signatureDate(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Turns all scalars into strings, as CloudFormation does with properties of custom resources. */
function stringified(properties: ResourceRequest['properties']): Readonly<Record<string, unknown>> {
  return JSON.parse(
    JSON.stringify(properties, (_key, value: unknown) =>
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value,
    ),
  ) as Readonly<Record<string, unknown>>;
}

/** Reads a response as strictly as CloudFormation does, and throws its errors. */
function readResponse(body: string, event: CustomResourceEvent): CustomResourceResponse {
  if (Buffer.byteLength(body) > MAX_RESPONSE_BYTES) throw new Error('Response object is too long.');
  const response = parsed(body);
  const { Status, Reason, PhysicalResourceId, Data = {} } = response;
  if (Status !== 'SUCCESS' && Status !== 'FAILED') {
    throw invalid(`'${String(Status)}' is not a valid ResponseStatus`);
  }
  if (typeof Reason !== 'string' && (Reason !== undefined || Status === 'FAILED')) {
    throw invalid('Value of property Reason must be of type String');
  }
  if (PhysicalResourceId === undefined || PhysicalResourceId === '') throw new Error('Invalid PhysicalResourceId');
  if (typeof PhysicalResourceId !== 'string') {
    throw invalid('Value of property PhysicalResourceId must be of type String');
  }
  if (Buffer.byteLength(PhysicalResourceId) > MAX_PHYSICAL_ID_BYTES) throw new Error('Invalid PhysicalResourceId');
  for (const name of ['StackId', 'RequestId', 'LogicalResourceId'] as const) {
    if (response[name] !== event[name]) throw invalid(`Value of property ${name} must be that of the request`);
  }
  if (!isRecord(Data)) throw invalid('Value of property Data must be an object');
  return { succeeded: Status === 'SUCCESS', reason: Reason ?? '', physicalId: PhysicalResourceId, data: Data };
}

function parsed(body: string): Readonly<Record<string, unknown>> {
  let response: unknown;
  try {
    response = JSON.parse(body);
  } catch {
    throw invalid('it must be valid JSON');
  }
  if (!isRecord(response)) throw invalid('it must be a JSON object');
  return response;
}

function invalid(problem: string): Error {
  return new Error(`Invalid Response object: ${problem}`);
}

function noResponseTo({ RequestId }: CustomResourceEvent): string {
  return `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${RequestId}]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.`;
}

function refusal(code: string): RawAnswer {
  return {
    statusCode: 403,
    contentType: 'application/xml',
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`,
  };
}
