import { randomBytes } from 'node:crypto';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Clock, RealClock } from '../../core/clock';
import type { FunctionConfiguration, FunctionError, LambdaFault, LogLine } from './function';

export interface SandboxOptions {
  readonly clock: Clock;
  readonly configuration: FunctionConfiguration;
  /** Where the services are: variables of the environment that no template gives. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** As in `LambdaOptions`. */
  readonly random?: () => number;
  /** The `node_modules` of the runtime. */
  readonly runtimeModules?: string;
  /** How long an invocation may hold the clock, in real milliseconds. */
  readonly patience: number;
  readonly onLog: (line: LogLine) => void;
}

/** How an invocation ended. */
export type Ending = { readonly payload: string } | { readonly error: FunctionError };

/** What the bootstrap says. */
type WorkerMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly payload: string }
  /** Fatal when the process ends with it. */
  | { readonly type: 'error'; readonly error: FunctionError; readonly fatal: boolean }
  /**
   * After so many wake-ups, invocations among them, and so many sleeps of this one, nothing is left to do but to wait:
   * for a timer, which is due then, or for ever if that is infinite.
   */
  | { readonly type: 'idle'; readonly wakes: number; readonly sleeps: number; readonly due: number }
  | ({ readonly type: 'log' } & LogLine);

interface Current {
  readonly requestId: string;
  readonly event: string;
  readonly fault?: LambdaFault;
  readonly end: (ending: Ending) => void;
  cancelAlarm: () => void;
  cancelTimeout: () => void;
  /** The handler has returned, and nobody is to know, or it has never begun: what the thread does is nothing to wait for. */
  detached: boolean;
}

/**
 * One execution environment of a function: a thread with the function's environment and nothing else of this process,
 * that stays warm between invocations and takes one at a time.
 *
 * An invocation holds the clock, except while all that the handler waits for is a timer, or an answer that will not come.
 */
export class Sandbox {
  private readonly worker: Worker;
  private readonly logStreamName: string;
  private ready = false;
  private dead = false;
  private wakes = 0;
  private current: Current | undefined;
  private letGo: () => void = () => undefined;

  /** @param options what it was started with; those of another user of the same function may take their place */
  constructor(public options: SandboxOptions) {
    const { clock, configuration } = options;
    const date = new Date(clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    this.logStreamName = `${date}/[$LATEST]${randomBytes(16).toString('hex')}`;
    this.worker = new Worker(join(__dirname, 'bootstrap.cjs'), {
      env: this.environment(),
      // Flags and loaders of this process are not the function's.
      execArgv: [],
      argv: [],
      resourceLimits: { maxOldGenerationSizeMb: configuration.memorySize },
      workerData: {
        codeDirectory: configuration.codeDirectory,
        handler: configuration.handler,
        logFormat: configuration.logFormat ?? 'Text',
        now: clock.now(),
        timeFlows: clock instanceof RealClock,
      },
    });
    this.worker.on('message', (message: WorkerMessage) => this.receive(message));
    this.worker.on('error', () => this.exited('signal: killed'));
    this.worker.on('exit', (code) => this.exited(`exit status ${code}`));
  }

  /** What it was started with; the function may have another configuration by now. */
  get configuration(): FunctionConfiguration {
    return this.options.configuration;
  }

  get busy(): boolean {
    return this.current !== undefined;
  }

  /** Whether it can take another invocation. */
  get alive(): boolean {
    return !this.dead;
  }

  /** Runs the handler once, for as long as the function may take on the clock. */
  run(requestId: string, event: string, fault?: LambdaFault): Promise<Ending> {
    return new Promise((resolve) => {
      this.worker.ref();
      this.hold();
      const end = (ending: Ending) => {
        current.cancelAlarm();
        current.cancelTimeout();
        this.current = undefined;
        this.worker.unref();
        resolve(ending);
        this.letGo();
      };
      const current: Current = {
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

  /** Tells the function, if it is its own, that what it has asked for from this local port will not be answered. */
  unanswered(port: number): void {
    if (this.current) this.worker.postMessage({ type: 'unanswered', port });
  }

  /** Ends the thread, and what it was doing. */
  async terminate(): Promise<void> {
    this.exited('signal: killed');
    await this.worker.terminate();
  }

  private begin(current: Current): void {
    const { configuration } = this;
    const { clock, random } = this.options;
    const { requestId, event, fault } = current;
    const deadline = clock.now() + configuration.timeout * 1000;
    current.cancelTimeout = clock.schedule(configuration.timeout * 1000, () => this.timedOut(current));
    if (fault?.kind === 'crash' && fault.when === 'before') {
      void this.terminate();
    } else if (fault?.kind === 'timeout' && fault.when === 'before') {
      current.detached = true;
      this.letGo();
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
      this.worker.postMessage({ type: 'invoke', now: clock.now(), event, context, chance: random?.() });
    }
  }

  private receive(message: WorkerMessage): void {
    if (message.type === 'log') {
      const { timestamp, requestId, text } = message;
      this.options.onLog({ timestamp, requestId, text });
      return;
    }
    if (message.type === 'ready') {
      this.ready = true;
      if (this.current) this.begin(this.current);
      return;
    }
    // Nobody waits for a thread that was ended, or that goes on after its handler has returned.
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
        if (message.wakes === this.wakes && !this.current.detached) this.rest(this.current, message);
    }
  }

  private returned(current: Current, payload: string): void {
    const { fault, end } = current;
    current.detached = true;
    if (fault?.kind === 'crash') {
      void this.terminate();
    } else if (fault?.kind === 'timeout') {
      current.cancelAlarm();
      this.letGo();
    } else {
      end({ payload });
    }
  }

  private rest(current: Current, { sleeps, due }: Extract<WorkerMessage, { type: 'idle' }>): void {
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
    this.letGo();
  }

  private timedOut({ requestId, end }: Current): void {
    const { clock, onLog } = this.options;
    const timestamp = clock.now();
    const text = `Task timed out after ${this.configuration.timeout.toFixed(2)} seconds`;
    onLog({ timestamp, requestId, text: `${new Date(timestamp).toISOString()} ${requestId} ${text}` });
    end({ error: { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${requestId} Error: ${text}` } });
    void this.terminate();
  }

  /** The thread is gone, whatever has ended it. */
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
   * Whoever waits in real time for what never comes would hold the clock for ever. After a while that counts as waiting,
   * and the clock goes on to the function's timeout.
   */
  private hold(): void {
    this.letGo();
    const release = this.options.clock.hold();
    const impatience = setTimeout(release, this.options.patience).unref();
    this.letGo = () => {
      clearTimeout(impatience);
      release();
    };
  }

  private get logGroupName(): string {
    const { logGroupName, functionName } = this.configuration;
    return logGroupName ?? `/aws/lambda/${functionName}`;
  }

  private environment(): Record<string, string> {
    const { configuration } = this;
    const { runtimeModules } = this.options;
    const region = configuration.arn.split(':')[3] ?? '';
    return {
      ...configuration.environment,
      ...this.options.endpoints,
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
      // There is no profile in Lambda; the one of whoever runs this must not reach the function.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    };
  }
}
