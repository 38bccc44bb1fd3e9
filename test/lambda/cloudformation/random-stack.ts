import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { StackDescription } from '../../../lambda/cloudformation/dependencies';
import { handleExecutionEnded } from '../../../lambda/cloudformation/ended-execution';
import { handleResult } from '../../../lambda/cloudformation/execution-result';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import { GUARD_RESOURCE_TYPE, RESOURCE_TYPE } from '../../../lib/contract/cancellation';
import {
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  lost,
  PROPERTIES,
  REQUESTED_AT,
  responseUrlAt,
  resultEvent,
  updateEvent,
} from './fakes';

const SECONDS = 1_000;
const MINUTES = 60 * SECONDS;

/** How far reads of a stack or a parameter may be behind, and how long a call may be denied. */
const MAX_LAG = 8 * SECONDS;
const MAX_DENIED = 20 * SECONDS;

/** How long after the end of a phase an execution may start for a request of it: a stale read, and calls that are denied. */
export const MAX_DELAY_OF_START = MAX_LAG + 3 * MAX_DENIED;

/** A request that CloudFormation sends, and why. */
export interface SentRequest {
  readonly event: CloudFormationCustomResourceEvent;
  readonly at: number;
  readonly purpose: 'forward' | 'reverse' | 'remove';
  /** Whether it belongs to the rollback of a creation or an update. */
  readonly inRollback: boolean;
  /** The end of the phase of the stack in which it was sent. */
  readonly phaseEnd: number;
  /** The time of the first delivery. */
  firstDelivery: number;
}

interface Phase {
  readonly status: string;
  readonly from: number;
  readonly operationStart: number;
}

/** An execution that was started for a request. */
export interface StartedExecution {
  readonly request: SentRequest;
  readonly at: number;
}

/**
 * One stack with a cancellation and two guards, whose operations, requests, faults and deliveries are drawn. Time is
 * virtual; handlers run one after the other.
 */
export class RandomStack {
  readonly deps = new FakeDependencies();
  readonly requests: SentRequest[] = [];
  readonly executions = new Map<string, StartedExecution>();
  private readonly phases: Phase[] = [];
  private readonly queue: { readonly at: number; readonly run: () => Promise<void> }[] = [];
  private readonly ended = new Set<string>();
  /** Of the guards. */
  readonly cancelPreexisting: 'true' | 'false';
  private generation = 0;
  private isReplyLost = false;

  constructor(private readonly random: () => number) {
    const { deps } = this;
    this.cancelPreexisting = this.chance(0.3) ? 'true' : 'false';
    deps.readStack = () => this.read();
    deps.targetStore.lag = this.chance(0.5) ? this.upTo(MAX_LAG) : 0;
    deps.guardStore.lag = this.chance(0.5) ? this.upTo(MAX_LAG) : 0;
  }

  /** Draws the operations of the stack, and lets everything happen. */
  async run(): Promise<void> {
    this.draw();
    for (;;) {
      this.queue.sort((one, other) => one.at - other.at);
      const next = this.queue.shift();
      if (!next) return;
      await this.deps.clock.sleep(Math.max(0, next.at - this.deps.clock.now()));
      await next.run();
    }
  }

  private draw(): void {
    let now = REQUESTED_AT;
    const created = this.chance(0.7);
    now = this.operation(now, 'CREATE_IN_PROGRESS', 'forward');
    if (!created) {
      this.phase('ROLLBACK_IN_PROGRESS', now);
      this.phase('ROLLBACK_COMPLETE', this.send(now, 'remove', true));
      return;
    }
    this.phase('CREATE_COMPLETE', now);
    for (let updates = 1 + Math.floor(this.upTo(3)); updates > 0; updates--) {
      now += this.upTo(5 * MINUTES) + SECONDS;
      now = this.operation(now, 'UPDATE_IN_PROGRESS', 'forward');
      if (this.chance(0.5)) {
        this.phase('UPDATE_ROLLBACK_IN_PROGRESS', now);
        now = this.send(now, 'reverse', true);
        this.generation--;
        this.phase('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', now);
        now += this.upTo(20 * SECONDS);
        this.phase('UPDATE_ROLLBACK_COMPLETE', now);
      } else {
        this.phase('UPDATE_COMPLETE', now);
      }
    }
    if (this.chance(0.5)) {
      now += this.upTo(5 * MINUTES);
      this.phase('DELETE_IN_PROGRESS', now);
      this.phase('DELETE_COMPLETE', this.send(now, 'remove', false));
    }
  }

  private operation(at: number, status: string, purpose: 'forward'): number {
    this.phases.push({ status, from: at, operationStart: at });
    return this.send(at, purpose, false);
  }

  private phase(status: string, from: number): void {
    this.phases.push({ status, from, operationStart: this.phases.at(-1)?.operationStart ?? from });
  }

  /** Sends a request to each resource. Returns the end of the phase, which comes sooner if the user cancels the operation. */
  private send(from: number, purpose: SentRequest['purpose'], inRollback: boolean): number {
    const phaseEnd = from + (this.chance(0.3) ? this.upTo(30 * SECONDS) : 5 * MINUTES + this.upTo(5 * MINUTES));
    if (purpose === 'forward') this.generation++;
    for (const LogicalResourceId of ['Cancel', 'GuardOne', 'GuardTwo']) {
      const at = from + this.upTo(Math.min(10 * SECONDS, phaseEnd - from));
      const event = this.event(LogicalResourceId, purpose, at);
      const request = { event, at, purpose, inRollback, phaseEnd, firstDelivery: Number.POSITIVE_INFINITY };
      this.requests.push(request);
      for (const delivery of this.deliveries(at)) this.invoke(delivery, () => this.deliver(request), 2);
    }
    return phaseEnd;
  }

  /** Most deliveries are prompt; some come late, or again. */
  private deliveries(at: number): number[] {
    const delay = () =>
      this.chance(0.8) ? this.upTo(3 * SECONDS) : this.upTo(this.chance(0.5) ? MINUTES : 58 * MINUTES);
    return Array.from({ length: this.chance(0.3) ? 2 : 1 }, () => at + delay());
  }

  private event(LogicalResourceId: string, purpose: SentRequest['purpose'], at: number) {
    const isGuard = LogicalResourceId !== 'Cancel';
    const version = (generation: number) => ({
      ...PROPERTIES,
      trigger: `v${generation}`,
      cancelPreexisting: this.cancelPreexisting,
      cancelOnStackDeletion: 'false',
    });
    const { generation } = this;
    const isReverse = purpose === 'reverse';
    const date = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
    const common = {
      LogicalResourceId,
      ResourceType: isGuard ? GUARD_RESOURCE_TYPE : RESOURCE_TYPE,
      ResponseURL: `${responseUrlAt(date)}&number=${this.requests.length}`,
      RequestId: `request-${this.requests.length}`,
      ResourceProperties: version(isReverse ? generation - 1 : generation),
    };
    if (purpose === 'remove') return deleteEvent(common);
    if (generation === 1) return createEvent(common);
    return updateEvent({ ...common, OldResourceProperties: version(isReverse ? generation : generation - 1) });
  }

  /** Invokes a handler, and again when it fails, as Lambda does. */
  private invoke(at: number, handler: () => Promise<void>, retries: number): void {
    this.queue.push({
      at,
      run: async () => {
        const { deps } = this;
        deps.invocationStart = deps.clock.now();
        this.drawFaults();
        const error = await handler().catch((reason: unknown) => reason);
        deps.failingAfterEffect.clear();
        deps.failing.clear();
        this.followExecutions();
        if (error !== undefined && retries > 0) this.invoke(deps.clock.now() + MINUTES, handler, retries - 1);
      },
    });
  }

  private drawFaults(): void {
    const { deps } = this;
    const until = () => deps.clock.now() + this.upTo(MAX_DENIED);
    for (const operation of ['status', 'exists', 'start', 'create', 'put', 'get', 'get-guard-state'] as const) {
      if (this.chance(0.1))
        deps.failingUntil.set(operation, { error: failure('AccessDeniedException'), until: until() });
    }
    const draw = this.random();
    if (draw < 0.1) deps.failingUntil.set('send', { error: lost(), until: until() });
    else if (draw < 0.2 && !this.isReplyLost) {
      // For the whole invocation, but once: the last attempt of Lambda must not be one of them.
      this.isReplyLost = true;
      (this.chance(0.5) ? deps.failingAfterEffect : deps.failing).set('send', lost());
    } else if (draw < 0.3) deps.failingAfterEffect.set('start', lost());
  }

  private async deliver(request: SentRequest): Promise<void> {
    request.firstDelivery = Math.min(request.firstDelivery, this.deps.clock.now());
    await handleRequest(request.event, this.deps);
  }

  /** Lets executions that were started end, and those that were stopped report it. */
  private followExecutions(): void {
    const { deps } = this;
    const now = deps.clock.now();
    for (const name of deps.started.keys()) {
      const request = this.requests.find(({ event }) => executionName(event) === name);
      if (!request) throw new Error(`no request has started ${name}`);
      if (this.executions.has(name)) continue;
      this.executions.set(name, { request, at: deps.startedAt.get(name) ?? now });
      const isAborted = this.chance(0.1);
      this.queue.push({ at: now + this.upTo(3 * MINUTES), run: () => this.end(name, isAborted) });
    }
    for (const name of this.executions.keys()) {
      if (deps.runningExecutions.has(name) || this.ended.has(name)) continue;
      this.ended.add(name);
      this.reportEnd(name, 'ABORTED');
    }
  }

  private async end(name: string, isAborted: boolean): Promise<void> {
    const { deps } = this;
    if (this.ended.has(name)) return;
    const { request } = this.executions.get(name) as StartedExecution;
    const isArming = deps.started.get(name)?.observeOnly === true;
    const failed = this.chance(0.3);
    const outcome = failed ? 'TIMED_OUT' : isArming ? 'ARMED' : 'CANCELLED';
    const attributes = { outcome, deploymentId: 'a' };
    const result = resultEvent(deps, request.event, { outcome, failed, attributes });
    const end = (status: string) => {
      this.ended.add(name);
      deps.runningExecutions.delete(name);
      this.reportEnd(name, status);
    };
    if (isAborted) return end('ABORTED');
    const respond = async (attempts: number): Promise<void> => {
      if (this.ended.has(name)) return;
      deps.invocationStart = deps.clock.now();
      this.drawFaults();
      const error = await handleResult(result, deps).catch((reason: unknown) => reason);
      deps.failingAfterEffect.clear();
      deps.failing.clear();
      if (error === undefined) return end(failed ? 'FAILED' : 'SUCCEEDED');
      if (attempts === 1) return end('FAILED');
      this.queue.push({ at: deps.clock.now() + 5 * SECONDS, run: () => respond(attempts - 1) });
    };
    await respond(3);
  }

  private reportEnd(name: string, status: string): void {
    const now = this.deps.clock.now();
    const executionArn = `arn:aws:states:us-east-1:111122223333:execution:Workflow:${name}`;
    const detail = { executionArn, name, status };
    const event = { source: 'aws.states', time: new Date(now).toISOString(), detail } as const;
    for (let deliveries = this.chance(0.2) ? 2 : 1; deliveries > 0; deliveries--) {
      this.invoke(now + this.upTo(20 * SECONDS), () => handleExecutionEnded(event, this.deps), 2);
    }
  }

  /** What a read of the stack returns, which may be behind. */
  private read(): StackDescription {
    const time = this.deps.clock.now() - (this.chance(0.3) ? this.upTo(MAX_LAG) : 0);
    const phase = this.phases.findLast(({ from }) => from <= time) ?? this.phases[0];
    return { status: phase?.status, createdAt: REQUESTED_AT, updatedAt: phase?.operationStart };
  }

  /** Whether the stack was in the operation of a request at a time, or may have been read as if it were. */
  isInOperationOf({ at }: SentRequest, time: number): boolean {
    const operationAt = (when: number) => this.phases.findLast(({ from }) => from <= when)?.operationStart;
    return operationAt(at) === operationAt(Math.max(at, time - MAX_DELAY_OF_START));
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }

  private upTo(maximum: number): number {
    return Math.floor(this.random() * maximum);
  }
}
