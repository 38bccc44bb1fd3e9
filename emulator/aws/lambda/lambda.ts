import { randomUUID } from 'node:crypto';
import { type Clock, RealClock } from '../../core/clock';
import { Delivery } from '../../core/delivery';
import { ServiceError } from '../../core/http-server';
import { type EventInvokeConfig, EventQueue, type EventReceiver } from './event-queue';
import type { FunctionConfiguration, FunctionError, Invocation, LambdaFaults, LogLine } from './function';
import { type InvocationResult, Sandbox, type SandboxOptions } from './sandbox';
import { takeAlive, type WarmSandboxes } from './warm';

export interface LambdaOptions {
  readonly clock: Clock;
  /** The variables with the endpoints of services, such as `AWS_ENDPOINT_URL`; called at each cold start. */
  readonly endpoints?: () => Readonly<Record<string, string>>;
  readonly faults?: LambdaFaults;
  /** The source of the seeds of `Math.random` in functions, from 0 up to, but not including, 1. Default: not seeded. */
  readonly random?: () => number;
  /** When asynchronous events are delivered. Default: once, immediately. */
  readonly delivery?: Delivery;
  /** The maximum number of concurrent executions of all functions. Default: no limit. */
  readonly concurrency?: number;
  /** Sandboxes of earlier emulators. Default: none are reused. */
  readonly warm?: WarmSandboxes;
  /** The `node_modules` of the runtime, where functions find modules that are not in their code. Default: none. */
  readonly runtimeModules?: string;
  /** The maximum time of work without waiting for a timer, in real milliseconds. After it, the clock continues. */
  readonly maxBusyMs?: number;
  /** Called when a function tries to connect to anything but the endpoints. */
  readonly onRefusedConnection?: (functionName: string, target: string) => void;
  /** Called for each function error. */
  readonly onFunctionError?: (functionName: string, error: FunctionError) => void;
}

/** The response to an invocation that Lambda accepted. */
export interface InvocationAnswer {
  readonly requestId: string;
  /** The result of the handler, or the `FunctionError`, as JSON. */
  readonly payload: string;
  readonly functionError?: 'Unhandled';
}

/** The usage of a function so far. */
export interface Usage {
  readonly invocations: number;
  readonly coldStarts: number;
  /** Invocations that ended with a function error. */
  readonly errors: number;
  /** Invocations that were rejected because there was no capacity. */
  readonly throttles: number;
  /** Asynchronous events that were dropped without a successful invocation. */
  readonly dropped: number;
  /** The duration on the clock, including sleep; each invocation counts as a whole number of milliseconds, at least one. */
  readonly billedMs: number;
}

export interface FunctionUsage {
  readonly configuration: FunctionConfiguration;
  readonly usage: Usage;
}

export interface FunctionPast extends FunctionUsage {
  readonly logs: readonly LogLine[];
}

/** A function, with its warm sandboxes, its logs and its usage. */
interface Registered {
  configuration: FunctionConfiguration;
  eventInvokeConfig: EventInvokeConfig;
  readonly receiver: EventReceiver;
  idle: Sandbox[];
  readonly logs: LogLine[];
  usage: Usage;
}

const MAX_SYNC_PAYLOAD = 6 * 1024 * 1024;
const MAX_ASYNC_PAYLOAD = 256 * 1024;
/** Longer than the timeouts of all clients in the bundles. */
const MAX_BUSY_MS = 30_000;
const UNUSED: Usage = { invocations: 0, coldStarts: 0, errors: 0, throttles: 0, dropped: 0, billedMs: 0 };

/** Lambda, which runs real bundles, each in its own threads. */
export class Lambda {
  private readonly functionsByArn = new Map<string, Registered>();
  private readonly sandboxes = new Set<Sandbox>();
  /** The functions, including deleted ones. */
  private readonly everyFunction: Registered[] = [];
  private readonly queue: EventQueue;
  private closed = false;
  private runs = 0;
  private running = 0;

  constructor(private readonly options: LambdaOptions) {
    this.queue = new EventQueue(options.clock, options.delivery ?? Delivery.PROMPT);
  }

  /** Creates the function with that ARN, or updates it: its next invocation has the new code and configuration. */
  register(configuration: FunctionConfiguration): void {
    const existing = this.functionsByArn.get(configuration.arn);
    if (!existing) {
      const created = this.create(configuration);
      this.functionsByArn.set(configuration.arn, created);
      this.everyFunction.push(created);
      return;
    }
    existing.configuration = configuration;
    for (const sandbox of existing.idle.splice(0)) void this.dispose(sandbox);
  }

  /** Sets the configuration of asynchronous invocations. */
  configureEvents(arn: string, config: EventInvokeConfig): void {
    this.find(arn).eventInvokeConfig = config;
  }

  deregister(arn: string): void {
    const removed = this.functionsByArn.get(arn);
    this.functionsByArn.delete(arn);
    for (const sandbox of removed?.idle.splice(0) ?? []) void this.dispose(sandbox);
  }

  /** Whether a function with that ARN exists. */
  has(arn: string): boolean {
    return this.functionsByArn.has(arn);
  }

  /** The functions that exist now, with their usage. */
  get functions(): readonly FunctionUsage[] {
    return [...this.functionsByArn.values()].map(({ configuration, usage }) => ({ configuration, usage }));
  }

  /** The functions, including deleted ones, with their usage and logs. */
  get past(): readonly FunctionPast[] {
    return this.everyFunction.map(({ configuration, usage, logs }) => ({ configuration, usage, logs }));
  }

  /** The current configuration of the function with that ARN. */
  configuration(arn: string): FunctionConfiguration {
    return this.find(arn).configuration;
  }

  /** The number of invocations of all functions, including deleted ones. */
  get invocations(): number {
    return this.runs;
  }

  /** Runs a function and waits for its response. Rejects with a `ServiceError` if Lambda does not accept the invocation. */
  async invoke(arn: string, event: unknown): Promise<InvocationAnswer> {
    const target = this.find(arn);
    const payload = payloadOf(event, MAX_SYNC_PAYLOAD);
    return this.run(target, payload, {
      requestId: randomUUID(),
      invocationType: 'RequestResponse',
      attempt: 1,
    });
  }

  /** Accepts an event and delivers it at least once, and again after function errors and throttling. */
  invokeAsync(arn: string, event: unknown): { readonly requestId: string } {
    const target = this.find(arn);
    const payload = payloadOf(event, MAX_ASYNC_PAYLOAD);
    return { requestId: this.queue.accept(target.receiver, payload) };
  }

  /** Resolves when no asynchronous event is being delivered. */
  settled(): Promise<void> {
    return this.queue.settled();
  }

  usage(arn: string): Usage {
    return this.find(arn).usage;
  }

  /** The log lines of a function, and of Lambda about it, oldest first. */
  logs(arn: string): readonly LogLine[] {
    return this.find(arn).logs;
  }

  /** Informs the function that sent a request from this local port that no answer will come, so that time may pass. */
  unanswered(port: number): void {
    for (const sandbox of this.sandboxes) sandbox.unanswered(port);
  }

  /** Ends all threads and deliveries. */
  async close(): Promise<void> {
    this.closed = true;
    this.queue.close();
    await Promise.all([...this.sandboxes].map((sandbox) => this.dispose(sandbox)));
  }

  private create(configuration: FunctionConfiguration): Registered {
    const { arn, functionName: name } = configuration;
    const receiver: EventReceiver = {
      name,
      exists: () => this.functionsByArn.get(arn) === created,
      config: () => created.eventInvokeConfig,
      run: async (event, attempt) => {
        const { requestId, payload, isDuplicate } = event;
        const duplicate = (ms: number) => this.queue.duplicate(receiver, event, ms);
        const about = { requestId, invocationType: 'Event', attempt } as const;
        const { functionError } = await this.run(created, payload, about, isDuplicate ? undefined : duplicate);
        return functionError === undefined;
      },
      dropped: () => {
        created.usage = { ...created.usage, dropped: created.usage.dropped + 1 };
      },
    };
    const created: Registered = { configuration, eventInvokeConfig: {}, receiver, idle: [], logs: [], usage: UNUSED };
    return created;
  }

  private async run(
    target: Registered,
    payload: string,
    about: Pick<Invocation, 'requestId' | 'invocationType' | 'attempt'>,
    duplicate?: (ms: number) => void,
  ): Promise<InvocationAnswer> {
    const { clock, faults, concurrency = Number.POSITIVE_INFINITY } = this.options;
    const { functionName } = target.configuration;
    const { requestId } = about;
    const fault = faults?.({ functionName, event: JSON.parse(payload), ...about });
    if (fault?.kind === 'throttle' || this.running >= concurrency) {
      target.usage = { ...target.usage, throttles: target.usage.throttles + 1 };
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    if (fault?.kind === 'duplicate') duplicate?.(fault.afterMs);
    const sandbox = takeAlive(target.idle) ?? this.start(target);
    this.runs++;
    this.running++;
    const started = clock.now();
    const result = checkSize(await sandbox.run(requestId, payload, fault));
    this.running--;
    const failed = 'error' in result;
    target.usage = {
      ...target.usage,
      invocations: target.usage.invocations + 1,
      // An invocation that is interrupted by `close` is not an error of the function.
      errors: target.usage.errors + (failed && !this.closed ? 1 : 0),
      billedMs: target.usage.billedMs + Math.max(1, Math.ceil(clock.now() - started)),
    };
    if ('error' in result && !this.closed) this.options.onFunctionError?.(functionName, result.error);
    this.giveBack(target, sandbox);
    return failed
      ? { requestId, payload: JSON.stringify(result.error), functionError: 'Unhandled' }
      : { requestId, payload: result.payload };
  }

  private start(target: Registered): Sandbox {
    if (this.closed) throw new Error('the emulated Lambda is closed');
    const {
      clock,
      endpoints,
      random,
      warm,
      runtimeModules,
      maxBusyMs = MAX_BUSY_MS,
      onRefusedConnection,
    } = this.options;
    const { configuration, logs } = target;
    target.usage = { ...target.usage, coldStarts: target.usage.coldStarts + 1 };
    const options: SandboxOptions = {
      clock,
      configuration,
      endpoints: endpoints?.() ?? {},
      random,
      runtimeModules,
      maxBusyMs,
      onLog: (line) => logs.push(line),
      onRefusedConnection: (target) => onRefusedConnection?.(configuration.functionName, target),
    };
    const sandbox = warm?.take(sandboxKey(options)) ?? new Sandbox(options);
    sandbox.options = options;
    this.sandboxes.add(sandbox);
    return sandbox;
  }

  private giveBack(target: Registered, sandbox: Sandbox): void {
    const current = this.functionsByArn.get(target.configuration.arn) === target;
    if (sandbox.alive && current && sandbox.configuration === target.configuration) target.idle.push(sandbox);
    else void this.dispose(sandbox);
  }

  private async dispose(sandbox: Sandbox): Promise<void> {
    const { warm } = this.options;
    if (warm && sandbox.alive && !sandbox.busy) warm.give(sandboxKey(sandbox.options), sandbox);
    else await sandbox.terminate();
    this.sandboxes.delete(sandbox);
  }

  private find(arn: string): Registered {
    const found = this.functionsByArn.get(arn.replace(/:\$LATEST$/, ''));
    if (!found) throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    return found;
  }
}

/** The same key for sandboxes that a function cannot distinguish. */
function sandboxKey({ configuration, endpoints, runtimeModules, clock }: SandboxOptions): string {
  return JSON.stringify([configuration, endpoints, runtimeModules, clock instanceof RealClock]);
}

function payloadOf(event: unknown, max: number): string {
  const payload = JSON.stringify(event ?? null);
  if (Buffer.byteLength(payload) <= max) return payload;
  throw new ServiceError(
    'RequestTooLargeException',
    `Request must be smaller than ${max} bytes for the InvokeFunction operation`,
    413,
  );
}

function checkSize(result: InvocationResult): InvocationResult {
  if ('error' in result || Buffer.byteLength(result.payload) <= MAX_SYNC_PAYLOAD) return result;
  const error: FunctionError = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_SYNC_PAYLOAD} bytes).`,
  };
  return { error };
}
