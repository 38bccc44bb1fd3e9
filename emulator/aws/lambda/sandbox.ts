import { randomBytes } from 'node:crypto';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, RealClock } from '../../core/clock';
import type { FunctionConfiguration, FunctionError, LambdaFault, LogLine } from './function';

export interface SandboxOptions {
  readonly clock: Clock;
  readonly configuration: FunctionConfiguration;
  /** Additional environment variables: the endpoints of services. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** As in `LambdaOptions`. */
  readonly random?: () => number;
  /** The `node_modules` of the runtime. */
  readonly runtimeModules?: string;
  /** The maximum time for which an invocation holds the clock, in real milliseconds. */
  readonly maxBusyMs: number;
  readonly onLog: (line: LogLine) => void;
  /** Called when the function tries to connect to anything but the endpoints. */
  readonly onRefusedConnection?: (target: string) => void;
}

/** The result of an invocation. */
export type InvocationResult = { readonly payload: string } | { readonly error: FunctionError };

/** A message of the bootstrap. */
type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  /** `fatal`: the process ends. */
  | { readonly type: 'error'; readonly error: FunctionError; readonly fatal: boolean }
  /**
   * The thread has only a timer to wait for, which is due at `due`; never if that is infinite. It has had this number of
   * wake-ups, including invocations, and this number of sleeps in the current invocation.
   */
  | { readonly type: 'idle'; readonly wakes: number; readonly sleeps: number; readonly due: number }
  | ({ readonly type: 'log' } & LogLine)
  /** A connection to this target was refused. */
  | { readonly type: 'connection'; readonly target: string };

interface CurrentInvocation {
  readonly requestId: string;
  readonly event: string;
  readonly fault?: LambdaFault;
  readonly end: (result: InvocationResult) => void;
  cancelAlarm: () => void;
  cancelTimeout: () => void;
  /** The invocation no longer depends on the thread: a fault hides that the handler has returned or has not begun. */
  detached: boolean;
}

/**
 * One execution environment of a function: a thread with only the environment of the function, which stays warm between
 * invocations and runs one at a time.
 *
 * An invocation holds the clock, except while the handler waits only for a timer, or for an answer that will not come.
 */
export class Sandbox {
  private readonly worker: Worker;
  private readonly logStreamName: string;
  private ready = false;
  private dead = false;
  private wakes = 0;
  private current: CurrentInvocation | undefined;
  private releaseClock: () => void = () => undefined;

  /** @param options replaced when another emulator reuses the sandbox */
  constructor(public options: SandboxOptions) {
    const { clock, configuration } = options;
    const date = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    this.logStreamName = `${date}/[$LATEST]${randomBytes(16).toString('hex')}`;
    this.worker = new Worker(join(__dirname, 'bootstrap.cjs'), {
      env: this.environment(),
      // The function must not have the flags and loaders of this process.
      execArgv: [],
      argv: [],
      resourceLimits: { maxOldGenerationSizeMb: configuration.memorySize },
      workerData: {
        codeDirectory: configuration.codeDirectory,
        handler: configuration.handler,
        logFormat: configuration.logFormat ?? 'Text',
        now: clock.now(),
        timeFlows: clock instanceof RealClock,
        endpoints: Object.values(this.options.endpoints),
      },
    });
    this.worker.on('message', (message: WorkerMessage) => this.receive(message));
    this.worker.on('error', () => this.exited('signal: killed'));
    this.worker.on('exit', (code) => this.exited(`exit status ${code}`));
  }

  /** The configuration at its start. The function may have a newer one. */
  get configuration(): FunctionConfiguration {
    return this.options.configuration;
  }

  get busy(): boolean {
    return this.current !== undefined;
  }

  /** Whether it can run another invocation. */
  get alive(): boolean {
    return !this.dead;
  }

  /** Runs the handler once, at most for the timeout of the function on the clock. */
  run(requestId: string, event: string, fault?: LambdaFault): Promise<InvocationResult> {
    return new Promise((resolve) => {
      this.worker.ref();
      this.hold();
      const end = (result: InvocationResult) => {
        current.cancelAlarm();
        current.cancelTimeout();
        this.current = undefined;
        this.worker.unref();
        resolve(result);
        this.releaseClock();
      };
      const current: CurrentInvocation = {
        requestId,
        event,
        fault,
        end,
        cancelAlarm: () => undefined,
        cancelTimeout: () => undefined,
        detached: false,
      };
      this.current = current;
      if (this.ready) this.begin(current);
    });
  }

  /** Informs the function that no answer will come to a request from this local port, if the request is its own. */
  unanswered(port: number): void {
    if (this.current) this.worker.postMessage({ type: 'unanswered', port });
  }

  /** Ends the thread and its invocation. */
  async terminate(): Promise<void> {
    this.exited('signal: killed');
    await this.worker.terminate();
  }

  private begin(current: CurrentInvocation): void {
    const { configuration } = this;
    const { clock, random } = this.options;
    const { requestId, event, fault } = current;
    const deadline = clock.now() + configuration.timeout * 1000;
    current.cancelTimeout = clock.schedule(configuration.timeout * 1000, () => this.timedOut(current));
    if (fault?.kind === 'crash' && fault.when === 'before') {
      void this.terminate();
    } else if (fault?.kind === 'timeout' && fault.when === 'before') {
      current.detached = true;
      this.releaseClock();
    } else {
      const context = {
        functionName: configuration.functionName,
        functionVersion: '$LATEST',
        invokedFunctionArn: configuration.arn,
        memoryLimitInMB: String(configuration.memorySize),
        awsRequestId: requestId,
        logGroupName: this.logGroupName,
        logStreamName: this.logStreamName,
        deadline,
      };
      this.wakes++;
      this.worker.postMessage({ type: 'invoke', now: clock.now(), event, context, seed: random?.() });
    }
  }

  private receive(message: WorkerMessage): void {
    if (message.type === 'log') {
      const { timestamp, requestId, text } = message;
      this.options.onLog({ timestamp, requestId, text });
      return;
    }
    if (message.type === 'connection') {
      this.options.onRefusedConnection?.(message.target);
      return;
    }
    if (message.type === 'ready') {
      this.ready = true;
      if (this.current) this.begin(this.current);
      return;
    }
    // The thread was ended, or continues after its handler has returned.
    if (!this.current) return;
    switch (message.type) {
      case 'result':
        this.returned(this.current, message.payload);
        return;
      case 'error':
        this.dead ||= message.fatal;
        this.current.end({ error: message.error });
        return;
      case 'idle':
        if (message.wakes === this.wakes && !this.current.detached) this.waitForTimer(this.current, message);
    }
  }

  private returned(current: CurrentInvocation, payload: string): void {
    const { fault, end } = current;
    current.detached = true;
    if (fault?.kind === 'crash') {
      void this.terminate();
    } else if (fault?.kind === 'timeout') {
      current.cancelAlarm();
      this.releaseClock();
    } else {
      end({ payload });
    }
  }

  private waitForTimer(current: CurrentInvocation, { sleeps, due }: Extract<WorkerMessage, { type: 'idle' }>): void {
    const { clock } = this.options;
    const { fault } = current;
    if (fault?.kind === 'crash' && typeof fault.when === 'object' && sleeps >= fault.when.sleep) {
      void this.terminate();
      return;
    }
    const wake = () => {
      this.hold();
      this.wakes++;
      this.worker.postMessage({ type: 'wake', now: clock.now() });
    };
    current.cancelAlarm();
    if (due < Number.POSITIVE_INFINITY) current.cancelAlarm = clock.schedule(due - clock.now(), wake);
    this.releaseClock();
  }

  private timedOut({ requestId, end }: CurrentInvocation): void {
    const { clock, onLog } = this.options;
    const timestamp = clock.now();
    const text = `Task timed out after ${this.configuration.timeout.toFixed(2)} seconds`;
    onLog({ timestamp, requestId, text: `${new Date(timestamp).toISOString()} ${requestId} ${text}` });
    end({ error: { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${text}` } });
    void this.terminate();
  }

  /** Ends the invocation after the thread has ended for any reason. */
  private exited(reason: string): void {
    this.dead = true;
    const { requestId, end } = this.current ?? {};
    end?.({
      error: {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
      },
    });
  }

  /**
   * Holds the clock, at most for `maxBusyMs`: a handler that waits in real time for an event that never comes would hold it
   * for ever. After that, the clock continues to the timeout of the function.
   */
  private hold(): void {
    this.releaseClock();
    const release = this.options.clock.hold();
    const timer = setTimeout(release, this.options.maxBusyMs).unref();
    this.releaseClock = () => {
      clearTimeout(timer);
      release();
    };
  }

  private get logGroupName(): string {
    const { logGroupName, functionName } = this.configuration;
    return logGroupName ?? `/aws/lambda/${functionName}`;
  }

  private environment(): Record<string, string> {
    const { configuration } = this;
    const { runtimeModules, endpoints } = this.options;
    const region = configuration.arn.split(':')[3] ?? '';
    return {
      ...redirected(configuration.environment, endpoints),
      ...endpoints,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: configuration.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
      AWS_LAMBDA_FUNCTION_NAME: configuration.functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(configuration.memorySize),
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: this.logGroupName,
      AWS_LAMBDA_LOG_STREAM_NAME: this.logStreamName,
      ...(runtimeModules !== undefined && { NODE_PATH: runtimeModules }),
      LAMBDA_TASK_ROOT: configuration.codeDirectory,
      _HANDLER: configuration.handler,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      // Lambda has no profile. The profile of the developer must not reach the function.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    };
  }
}

/** Replaces the endpoints of AWS that an environment declares with the endpoint of the emulator. */
function redirected(
  environment: Readonly<Record<string, string>>,
  { AWS_ENDPOINT_URL }: SandboxOptions['endpoints'],
): Record<string, string> {
  const entries = Object.entries(environment).flatMap(([name, value]): [string, string][] => {
    if (!name.startsWith('AWS_ENDPOINT_URL')) return [[name, value]];
    return AWS_ENDPOINT_URL === undefined ? [] : [[name, AWS_ENDPOINT_URL]];
  });
  return Object.fromEntries(entries);
}
