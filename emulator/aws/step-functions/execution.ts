import type { Clock } from '../../core/clock';
import { countSeen, History, type Read } from '../../core/consistency';
import { createContext, withItem } from './context';
import type { Flow, Program, Work } from './definition';
import type { ExecutionView } from './execution-view';
import { defined, type HistoryEvent, taskEvent } from './history';
import type { Interpreter } from './interpreter';
import type { Json, JsonObject } from './json';
import { abort, type Group, type Run } from './run';
import { checkSize, integrationOf, type RunningTask, startTask, type TaskDependencies, TerminalError } from './task';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionOptions {
  readonly clock: Clock;
  readonly interpreter: Interpreter;
  readonly program: Program;
  readonly arn: string;
  readonly name: string;
  /** The number of the execution, in the order of their starts. */
  readonly ordinal: number;
  /** JSON. */
  readonly input: string;
  readonly stateMachine: { readonly arn: string; readonly name: string; readonly roleArn: string };
  /** The ARN of the customer managed key that encrypts it. Default: the key of AWS. */
  readonly encryptionKey?: string;
  readonly deps: TaskDependencies;
  /** Whether the machine is being deleted, which ends its executions at their next state. */
  readonly isDeleting: () => boolean;
  /** The maximum number of its events. Default: the quota of AWS. */
  readonly maxEvents?: number;
  readonly onHistory: (event: HistoryEvent) => void;
}

type EngineDefinition = ConstructorParameters<Interpreter>[0];
type EngineRunOptions = Parameters<InstanceType<Interpreter>['run']>[1];
type EngineRun = ReturnType<InstanceType<Interpreter>['run']>;

/** The quota of AWS; the last event reports that it was reached. */
const MAX_EVENTS = 25_000;
/** The maximum number of items that a Map of AWS processes at the same time. */
const MAX_CONCURRENCY = 40;

/**
 * One execution of a state machine.
 *
 * The interpreter waits only for timers of the clock and for tasks, so after one turn of the event loop it has done all
 * that it can. Therefore only the start of a task holds the clock.
 */
export class Execution {
  readonly arn: string;
  readonly name: string;
  readonly input: string;
  readonly stateMachineArn: string;
  readonly encryptionKey: string | undefined;
  readonly startDate: number;
  /** Resolves at its end, with any status. */
  readonly ended: Promise<void>;
  readonly history: HistoryEvent[] = [];
  private readonly runs = new Set<Run>();
  private readonly context: JsonObject;
  private readonly views: History<ExecutionView>;
  private currentStatus: ExecutionStatus = 'RUNNING';
  private transitionCount = 0;
  private end:
    | { readonly date: number; readonly output?: string; readonly error?: string; readonly cause?: string }
    | undefined;
  private announceEnd: () => void = () => undefined;

  constructor(private readonly options: ExecutionOptions) {
    const { clock, arn, name, input, stateMachine } = options;
    this.arn = arn;
    this.name = name;
    this.input = input;
    this.stateMachineArn = stateMachine.arn;
    this.encryptionKey = options.encryptionKey;
    this.startDate = clock.now();
    this.views = new History(`execution ${options.ordinal}`);
    this.views.write(this.view(), this.startDate);
    this.ended = new Promise((resolve) => {
      this.announceEnd = resolve;
    });
    this.context = createContext(options, this.startDate);
  }

  get status(): ExecutionStatus {
    return this.currentStatus;
  }

  get stopDate(): number | undefined {
    return this.end?.date;
  }

  /** The output of a successful execution, as JSON. */
  get output(): string | undefined {
    return this.end?.output;
  }

  get error(): string | undefined {
    return this.end?.error;
  }

  get cause(): string | undefined {
    return this.end?.cause;
  }

  /** The billed state transitions: one for each state that was entered, and for each retry. */
  get transitions(): number {
    return this.transitionCount;
  }

  /** The execution as a read sees it; undefined if the read does not see its start. */
  seenBy(read: Read): ExecutionView | undefined {
    return this.views.seenBy(read, this.options.clock.now());
  }

  /** The events that a read sees. */
  historySeenBy(read: Read): readonly HistoryEvent[] {
    const times = this.history.map(({ timestamp }) => timestamp);
    const item = `history of execution ${this.options.ordinal}`;
    return this.history.slice(0, countSeen(read, item, times, this.options.clock.now()));
  }

  /** Aborts it, if it is running. The functions that it has invoked continue, and their results are ignored. */
  stop(error?: string, cause?: string): void {
    this.finish('ABORTED', 'ExecutionAborted', { error, cause });
  }

  /** Enters the first state. */
  begin(): void {
    const { roleArn } = this.options.stateMachine;
    this.record('ExecutionStarted', { input: this.input, inputDetails: { truncated: false }, roleArn });
    void this.runToEnd();
  }

  private view(): ExecutionView {
    const { arn, name, stateMachineArn, input, startDate, status, stopDate, output, error, cause } = this;
    return { arn, name, stateMachineArn, input, startDate, status, stopDate, output, error, cause };
  }

  private async runToEnd(): Promise<void> {
    const { program } = this.options;
    try {
      const output = await this.run(program.flow, JSON.parse(this.input), this.context);
      this.finish('SUCCEEDED', 'ExecutionSucceeded', { output: JSON.stringify(output) });
    } catch (thrown) {
      if (thrown instanceof Error && thrown.name === 'ExecutionTimeoutError') {
        this.finish('TIMED_OUT', 'ExecutionTimedOut', {});
      } else {
        this.fail(thrown);
      }
    }
  }

  private fail(thrown: unknown): void {
    const { name, message } = thrown instanceof Error ? thrown : { name: 'States.Runtime', message: String(thrown) };
    // As in AWS, a Fail state without an error gives the execution no error.
    const hasNoError = name === 'FailStateError';
    this.finish('FAILED', 'ExecutionFailed', hasNoError ? {} : { error: name, cause: message });
  }

  private finish(
    status: ExecutionStatus,
    eventType: string,
    { output, error, cause }: { output?: string; error?: string; cause?: string },
  ): void {
    if (this.currentStatus !== 'RUNNING') return;
    // AWS has the error of a timeout only in the history.
    const details = status === 'TIMED_OUT' ? { error: 'States.Timeout' } : { output, error, cause };
    this.append(eventType, defined(details));
    this.currentStatus = status;
    const date = this.options.clock.now();
    this.end = { date, output, error, cause };
    this.views.write(this.view(), date);
    for (const run of this.runs) abort(run);
    this.announceEnd();
  }

  /** Runs states to their end. Throws the error that ends them. */
  private async run(flow: Flow, input: Json, context: JsonObject, group?: Group): Promise<Json> {
    if (group?.cancelled || this.currentStatus !== 'RUNNING') throw new TerminalError('States.Runtime', 'aborted');
    // The interpreter starts, and may start a task, before `run` returns.
    const run: Run = { aborted: false, abort: () => undefined, tasks: new Map() };
    const perform = (name: string, work: Work) => (taskInput: Json) =>
      this.perform(run, name, work, taskInput, context);
    const handlers = [...this.options.program.work].map(([name, work]) => [name, perform(name, work)]);
    const engineRun = this.interpret(flow, input, {
      context,
      overrides: { taskResourceLocalHandlers: Object.fromEntries(handlers) },
    });
    run.abort = engineRun.abort;
    this.runs.add(run);
    group?.runs.add(run);
    const followed = this.follow(run, engineRun.eventLogs);
    try {
      return await engineRun.result;
    } catch (error) {
      throw (error as Error).cause ?? error;
    } finally {
      await followed;
      this.runs.delete(run);
    }
  }

  private interpret(flow: Flow, input: Json, options: EngineRunOptions): EngineRun {
    const { interpreter: StateMachine } = this.options;
    return new StateMachine(flow as unknown as EngineDefinition, { validationOptions: { noValidate: true } }).run(
      input,
      options,
    );
  }

  private async follow(run: Run, events: EngineRun['eventLogs']): Promise<void> {
    for await (const event of events) {
      if (event.type === 'StateEntered') this.entered(event.state.name, JSON.stringify(event.state.input));
      if (event.type === 'StateExited') this.exited(event.state.name, JSON.stringify(event.state.output));
      if (event.type === 'StateRetried') this.transitionCount++;
      if (event.type === 'StateFailed' && event.Error === 'States.Timeout') this.taskTimedOut(run, event.state.name);
    }
  }

  private entered(name: string, input: string): void {
    if (this.currentStatus !== 'RUNNING') return;
    if (this.options.isDeleting()) {
      this.stop();
      return;
    }
    this.transitionCount++;
    this.record(`${this.typeOf(name)}StateEntered`, { name, input, inputDetails: { truncated: false } });
  }

  private exited(name: string, output: string): void {
    try {
      checkSize(name, output);
      this.record(`${this.typeOf(name)}StateExited`, { name, output, outputDetails: { truncated: false } });
    } catch (error) {
      this.fail(error);
    }
  }

  private typeOf(name: string): string {
    return this.options.program.types.get(name) ?? '';
  }

  private taskTimedOut(run: Run, name: string): void {
    const task = run.tasks.get(name);
    const work = this.options.program.work.get(name);
    if (!task || work?.kind !== 'task') return;
    run.tasks.delete(name);
    this.record(...taskEvent(work.resource, 'TimedOut', { error: 'States.Timeout' }));
    task.cancel?.();
  }

  /** Does the work of a state. */
  private async perform(run: Run, name: string, work: Work, input: Json, context: JsonObject): Promise<Json> {
    const release = this.options.clock.hold();
    let task: RunningTask;
    try {
      // The events before this task are recorded first, and one may be the end of the execution.
      await new Promise(setImmediate);
      if (run.aborted || this.currentStatus !== 'RUNNING') throw new TerminalError('States.Runtime', 'aborted');
      task = work.kind === 'task' ? this.task(work.resource, input) : this.flows(name, work, input, context);
      run.tasks.set(name, task);
    } finally {
      release();
    }
    const record = (what: 'Succeeded' | 'Failed', details: JsonObject) => {
      // A task that has timed out records nothing more.
      if (run.tasks.get(name) !== task) return;
      run.tasks.delete(name);
      if (work.kind === 'task') this.record(...taskEvent(work.resource, what, details));
      else this.record(`${this.typeOf(name)}State${what}`, details);
    };
    try {
      const output = await task.result;
      record('Succeeded', work.kind === 'task' ? { output: JSON.stringify(output) } : {});
      return output;
    } catch (error) {
      const { name: errorName, message } = error as Error;
      record('Failed', { error: errorName, cause: message });
      throw error;
    }
  }

  private task(resource: string, input: Json): RunningTask {
    const text = JSON.stringify(input);
    const region = this.arn.split(':')[3] ?? '';
    const details: JsonObject = integrationOf(resource) ? { region, parameters: text } : { input: text };
    this.record(...taskEvent(resource, 'Scheduled', details));
    this.record(...taskEvent(resource, 'Started', {}));
    return startTask(resource, input, this.options.deps);
  }

  private flows(name: string, work: Exclude<Work, { kind: 'task' }>, input: Json, context: JsonObject): RunningTask {
    const group: Group = { runs: new Set(), cancelled: false };
    const cancel = () => {
      group.cancelled = true;
      for (const run of group.runs) abort(run);
    };
    const all =
      work.kind === 'map' ? this.map(name, work, input, context, group) : this.parallel(work, input, context, group);
    const result = all.catch((error: unknown) => {
      cancel();
      throw error;
    });
    return { result, cancel };
  }

  private async map(
    name: string,
    { state, flow }: Extract<Work, { kind: 'map' }>,
    input: Json,
    context: JsonObject,
    group: Group,
  ): Promise<Json> {
    const at = async (path: Json | undefined) =>
      path === undefined ? undefined : this.evaluate({ InputPath: path }, input, context);
    const items = (await at(state.ItemsPath)) ?? input;
    if (!Array.isArray(items)) throw new TerminalError('States.Runtime', `the items of ${name} are not an array`);
    const concurrency = Number((await at(state.MaxConcurrencyPath)) ?? state.MaxConcurrency) || MAX_CONCURRENCY;
    const selector = state.ItemSelector ?? state.Parameters;
    const results: Json[] = [];
    const left = items.entries();
    const lane = async () => {
      for (const [index, item] of left) {
        this.record('MapIterationStarted', { name, index });
        try {
          const selected = selector
            ? await this.evaluate({ Parameters: selector }, input, withItem(context, index, item))
            : item;
          results[index] = await this.run(flow, selected, context, group);
          this.record('MapIterationSucceeded', { name, index });
        } catch (error) {
          this.record('MapIterationFailed', { name, index });
          throw error;
        }
      }
    };
    this.record('MapStateStarted', { length: items.length });
    await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
    return results;
  }

  private async parallel(
    { flows }: Extract<Work, { kind: 'parallel' }>,
    input: Json,
    context: JsonObject,
    group: Group,
  ): Promise<Json> {
    this.record('ParallelStateStarted');
    return Promise.all(flows.map((flow) => this.run(flow, input, context, group)));
  }

  /** Evaluates a path or a template with a Pass state of the interpreter. */
  private async evaluate(state: JsonObject, input: Json, context: JsonObject): Promise<Json> {
    const flow = { StartAt: 'Evaluate', States: { Evaluate: { ...state, Type: 'Pass', End: true } } };
    try {
      return await this.interpret(flow, input, { context }).result;
    } catch (error) {
      throw (error as Error).cause ?? error;
    }
  }

  private record(type: string, details?: JsonObject): void {
    if (this.currentStatus !== 'RUNNING') return;
    const { maxEvents = MAX_EVENTS } = this.options;
    if (this.history.length < maxEvents - 1) this.append(type, details);
    else {
      const cause = `The execution reached the maximum number of history events (${maxEvents}).`;
      this.finish('FAILED', 'ExecutionFailed', { error: 'States.Runtime', cause });
    }
  }

  private append(type: string, details?: JsonObject): void {
    const { arn, history, options } = this;
    const event = { executionArn: arn, id: history.length + 1, timestamp: options.clock.now(), type, details };
    history.push(event);
    options.onHistory(event);
  }
}
