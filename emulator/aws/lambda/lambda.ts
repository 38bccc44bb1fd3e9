import { randomUUID } from 'node:crypto';
import { type Clock, RealClock } from '../../core/clock';
import { ServiceError } from '../../core/http-server';
import type { FunctionConfiguration, FunctionError, Invocation, LambdaFaults, LogLine } from './function';
import { type Ending, Sandbox, type SandboxOptions } from './sandbox';
import { takeAlive, type WarmSandboxes } from './warm';

export interface LambdaOptions {
  readonly clock: Clock;
  /** Where the services are, as `AWS_ENDPOINT_URL` and its kin; asked when a function starts cold. */
  readonly endpoints?: () => Readonly<Record<string, string>>;
  readonly faults?: LambdaFaults;
  /** From 0 up to, but not including, 1: what the functions' own chance is drawn from. Chance itself unless told. */
  readonly random?: () => number;
  /** Where threads come from, and go when they are not needed any more; unless told, they begin and end here. */
  readonly warm?: WarmSandboxes;
  /** A `node_modules` that functions find what is not in their code in, as they find the SDK in Lambda's runtime; none unless told. */
  readonly runtimeModules?: string;
  /** How long an invocation may be at work, in real milliseconds, before it counts as waiting for nothing. */
  readonly patience?: number;
}

/** The answer to an invocation that Lambda took. */
export interface InvocationAnswer {
  readonly requestId: string;
  /** JSON: the handler's result, or the `FunctionError` when there is one. */
  readonly payload: string;
  readonly functionError?: 'Unhandled';
}

/** What a function has used so far. */
export interface Usage {
  readonly invocations: number;
  readonly coldStarts: number;
  /** Invocations that ended with a function error. */
  readonly errors: number;
  /** Invocations that were refused for want of capacity. */
  readonly throttles: number;
  /** Asynchronous events that were given up without an invocation that went well. */
  readonly dropped: number;
  /** On the clock, sleep included, each invocation rounded up to a whole millisecond of which there is at least one. */
  readonly billedMs: number;
}

export interface FunctionUsage {
  readonly configuration: FunctionConfiguration;
  readonly usage: Usage;
}

export interface FunctionPast extends FunctionUsage {
  readonly logs: readonly LogLine[];
}

/** A function, its warm sandboxes, and what is known of its past. */
interface Registered {
  configuration: FunctionConfiguration;
  idle: Sandbox[];
  readonly logs: LogLine[];
  usage: Usage;
}

interface AsyncEvent {
  readonly requestId: string;
  readonly payload: string;
  readonly acceptedAt: number;
  readonly isDuplicate: boolean;
}

const MAX_SYNC_PAYLOAD = 6 * 1024 * 1024;
const MAX_ASYNC_PAYLOAD = 256 * 1024;
/** After the first and the second function error of an asynchronous event. */
const RETRY_DELAYS = [60_000, 120_000];
const THROTTLE_BACKOFF = { first: 1_000, max: 300_000 };
const MAX_EVENT_AGE_SECONDS = 6 * 60 * 60;
/** Longer than the time-outs of any client in a bundle. */
const PATIENCE = 30_000;
const UNUSED: Usage = { invocations: 0, coldStarts: 0, errors: 0, throttles: 0, dropped: 0, billedMs: 0 };

/** Lambda: runs real bundles, each in threads of its own. */
export class Lambda {
  private readonly functionsByArn = new Map<string, Registered>();
  private readonly sandboxes = new Set<Sandbox>();
  /** Those that are there no more among them. */
  private readonly everyFunction: Registered[] = [];
  private closed = false;
  private runs = 0;

  constructor(private readonly options: LambdaOptions) {}

  /** Creates a function, or gives the one of that ARN new code and configuration, which its next cold start takes up. */
  register(configuration: FunctionConfiguration): void {
    const existing = this.functionsByArn.get(configuration.arn);
    if (!existing) {
      const registered: Registered = { configuration, idle: [], logs: [], usage: UNUSED };
      this.functionsByArn.set(configuration.arn, registered);
      this.everyFunction.push(registered);
      return;
    }
    existing.configuration = configuration;
    for (const sandbox of existing.idle.splice(0)) void this.dispose(sandbox);
  }

  deregister(arn: string): void {
    const removed = this.functionsByArn.get(arn);
    this.functionsByArn.delete(arn);
    for (const sandbox of removed?.idle.splice(0) ?? []) void this.dispose(sandbox);
  }

  /** Whether there is a function of that ARN. */
  has(arn: string): boolean {
    return this.functionsByArn.has(arn);
  }

  /** The functions there are, and what each has used so far. */
  get functions(): readonly FunctionUsage[] {
    return [...this.functionsByArn.values()].map(({ configuration, usage }) => ({ configuration, usage }));
  }

  /** Every function that there ever was, with what it has used and logged. */
  get past(): readonly FunctionPast[] {
    return this.everyFunction.map(({ configuration, usage, logs }) => ({ configuration, usage, logs }));
  }

  /** As the function of that ARN was registered last. */
  configuration(arn: string): FunctionConfiguration {
    return this.find(arn).configuration;
  }

  /** How often any function was run, those among them that are there no more. */
  get invocations(): number {
    return this.runs;
  }

  /** Runs a function and waits for its answer. Rejects with a `ServiceError` when Lambda does not take the invocation. */
  async invoke(arn: string, event: unknown): Promise<InvocationAnswer> {
    const target = this.find(arn);
    const payload = payloadOf(event, MAX_SYNC_PAYLOAD);
    return this.run(target, payload, {
      requestId: randomUUID(),
      invocationType: 'RequestResponse',
      attempt: 1,
    });
  }

  /** Takes an event and delivers it at least once, and again after function errors and throttles. */
  invokeAsync(arn: string, event: unknown): { readonly requestId: string } {
    const target = this.find(arn);
    const payload = payloadOf(event, MAX_ASYNC_PAYLOAD);
    const requestId = randomUUID();
    void this.deliver(target, { requestId, payload, acceptedAt: this.options.clock.now(), isDuplicate: false }, 1, 0);
    return { requestId };
  }

  usage(arn: string): Usage {
    return this.find(arn).usage;
  }

  /** Everything that a function and Lambda itself have logged, oldest first. */
  logs(arn: string): readonly LogLine[] {
    return this.find(arn).logs;
  }

  /** Tells whichever function has asked for something from this local port that it will not be answered: time may pass. */
  unanswered(port: number): void {
    for (const sandbox of this.sandboxes) sandbox.unanswered(port);
  }

  /** Ends every thread; no event is delivered any more. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.sandboxes].map((sandbox) => this.dispose(sandbox)));
  }

  private async deliver(target: Registered, event: AsyncEvent, attempt: number, throttles: number): Promise<void> {
    const { clock } = this.options;
    const { configuration } = target;
    // What happened to its function since decides whether a waiting event still has somewhere to go.
    if (this.closed || this.functionsByArn.get(configuration.arn) !== target) return;
    const drop = () => {
      target.usage = { ...target.usage, dropped: target.usage.dropped + 1 };
    };
    const again = (ms: number, nextAttempt: number, nextThrottles: number) => {
      const maxAge = (configuration.maximumEventAge ?? MAX_EVENT_AGE_SECONDS) * 1000;
      if (this.closed) return;
      if (clock.now() + ms - event.acceptedAt > maxAge) drop();
      else clock.schedule(ms, () => void this.deliver(target, event, nextAttempt, nextThrottles));
    };
    try {
      const { requestId, payload } = event;
      const duplicate = (ms: number) =>
        clock.schedule(ms, () => void this.deliver(target, { ...event, isDuplicate: true }, 1, 0));
      const answer = await this.run(
        target,
        payload,
        { requestId, invocationType: 'Event', attempt },
        event.isDuplicate ? undefined : duplicate,
      );
      if (answer.functionError === undefined) return;
      const retries = configuration.maximumRetryAttempts ?? RETRY_DELAYS.length;
      const delay = RETRY_DELAYS[attempt - 1];
      if (attempt <= retries && delay !== undefined) again(delay, attempt + 1, 0);
      else drop();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      again(Math.min(THROTTLE_BACKOFF.max, THROTTLE_BACKOFF.first * 2 ** throttles), attempt, throttles + 1);
    }
  }

  private async run(
    target: Registered,
    payload: string,
    about: Pick<Invocation, 'requestId' | 'invocationType' | 'attempt'>,
    duplicate?: (ms: number) => void,
  ): Promise<InvocationAnswer> {
    const { clock, faults } = this.options;
    const { functionName } = target.configuration;
    const { requestId } = about;
    const fault = faults?.({ functionName, event: JSON.parse(payload), ...about });
    if (fault?.kind === 'throttle') {
      target.usage = { ...target.usage, throttles: target.usage.throttles + 1 };
      throw new ServiceError('TooManyRequestsException', 'Rate Exceeded.', 429);
    }
    if (fault?.kind === 'duplicate') duplicate?.(fault.afterMs);
    const sandbox = takeAlive(target.idle) ?? this.start(target);
    this.runs++;
    const started = clock.now();
    const ending = checkSize(await sandbox.run(requestId, payload, fault));
    const failed = 'error' in ending;
    target.usage = {
      ...target.usage,
      invocations: target.usage.invocations + 1,
      // What the end of this cloud cuts off is no error of the function.
      errors: target.usage.errors + (failed && !this.closed ? 1 : 0),
      billedMs: target.usage.billedMs + Math.max(1, Math.ceil(clock.now() - started)),
    };
    this.giveBack(target, sandbox);
    return failed
      ? { requestId, payload: JSON.stringify(ending.error), functionError: 'Unhandled' }
      : { requestId, payload: ending.payload };
  }

  private start(target: Registered): Sandbox {
    if (this.closed) throw new Error('the embedded lambda is closed');
    const { clock, endpoints, random, warm, runtimeModules, patience = PATIENCE } = this.options;
    const { configuration, logs } = target;
    target.usage = { ...target.usage, coldStarts: target.usage.coldStarts + 1 };
    const options: SandboxOptions = {
      clock,
      configuration,
      endpoints: endpoints?.() ?? {},
      random,
      runtimeModules,
      patience,
      onLog: (line) => logs.push(line),
    };
    const sandbox = warm?.take(likeness(options)) ?? new Sandbox(options);
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
    if (warm && sandbox.alive && !sandbox.busy) warm.give(likeness(sandbox.options), sandbox);
    else await sandbox.terminate();
    this.sandboxes.delete(sandbox);
  }

  private find(arn: string): Registered {
    const found = this.functionsByArn.get(arn.replace(/:\$LATEST$/, ''));
    if (!found) throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    return found;
  }
}

/** Equal for sandboxes that a function cannot tell apart. */
function likeness({ configuration, endpoints, runtimeModules, clock }: SandboxOptions): string {
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

function checkSize(ending: Ending): Ending {
  if ('error' in ending || Buffer.byteLength(ending.payload) <= MAX_SYNC_PAYLOAD) return ending;
  const error: FunctionError = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_SYNC_PAYLOAD} bytes).`,
  };
  return { error };
}
