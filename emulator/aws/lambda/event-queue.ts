import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock';
import type { Delivery } from '../../core/delivery';
import { ServiceError } from '../../core/http-server';

/** The configuration of asynchronous invocations of a function. */
export interface EventInvokeConfig {
  /** The maximum number of retries after function errors. Default: 2. */
  readonly maximumRetryAttempts?: number;
  /** The maximum age of an event, in seconds. Default: 6 hours. */
  readonly maximumEventAge?: number;
}

/** An asynchronous event that Lambda has accepted. */
export interface QueuedEvent {
  readonly requestId: string;
  readonly payload: string;
  readonly acceptedAt: number;
  readonly isDuplicate: boolean;
}

/** A function that receives events. */
export interface EventReceiver {
  readonly name: string;
  /** Whether the function still exists. */
  exists(): boolean;
  config(): EventInvokeConfig;
  /** Runs the function. Returns whether it succeeded. Rejects with a `ServiceError` if there is no capacity. */
  run(event: QueuedEvent, attempt: number): Promise<boolean>;
  /** Called when an event is dropped. */
  dropped(): void;
}

/** The delays after the first and the second function error. */
const RETRY_DELAYS = [60_000, 120_000];
const MAX_EVENT_AGE_SECONDS = 6 * 60 * 60;

/** The attempts for an event so far. */
interface Attempts {
  /** The number of the next attempt. */
  readonly attempt: number;
  /** The attempts in sequence that were rejected because there was no capacity. */
  readonly throttles: number;
}

const FIRST: Attempts = { attempt: 1, throttles: 0 };

/** The queue of asynchronous events, which delivers each at least once, unless it becomes too old. */
export class EventQueue {
  private closed = false;
  private readonly deliveries = new Set<Promise<void>>();

  constructor(
    private readonly clock: Clock,
    private readonly delivery: Delivery,
  ) {}

  /** Accepts an event and returns the request ID of its invocations. */
  accept(receiver: EventReceiver, payload: string): string {
    const event = { requestId: randomUUID(), payload, acceptedAt: this.clock.now(), isDuplicate: false };
    const [first = 0, ...others] = this.delivery.next(receiver.name);
    this.schedule(receiver, event, FIRST, first);
    for (const delay of others) this.duplicate(receiver, event, delay);
    return event.requestId;
  }

  /** Delivers an event again after a delay. */
  duplicate(receiver: EventReceiver, event: QueuedEvent, delay: number): void {
    this.schedule(receiver, { ...event, isDuplicate: true }, FIRST, delay);
  }

  /** Resolves when no delivery is under way. Delayed events and retries do not count. */
  async settled(): Promise<void> {
    while (this.deliveries.size > 0) await Promise.all(this.deliveries);
  }

  close(): void {
    this.closed = true;
  }

  private schedule(receiver: EventReceiver, event: QueuedEvent, attempts: Attempts, delay: number): void {
    if (this.closed) return;
    if (this.isTooOld(receiver, event, this.clock.now() + delay)) this.drop(receiver, event);
    else if (delay === 0) this.begin(receiver, event, attempts);
    else this.clock.schedule(delay, () => this.begin(receiver, event, attempts));
  }

  private begin(receiver: EventReceiver, event: QueuedEvent, attempts: Attempts): void {
    const delivery = this.deliver(receiver, event, attempts).finally(() => this.deliveries.delete(delivery));
    this.deliveries.add(delivery);
  }

  private async deliver(receiver: EventReceiver, event: QueuedEvent, { attempt, throttles }: Attempts): Promise<void> {
    // The function may have been deleted, or configured, since the event was scheduled.
    if (this.closed || !receiver.exists()) return;
    if (this.isTooOld(receiver, event, this.clock.now())) {
      this.drop(receiver, event);
      return;
    }
    try {
      if (await receiver.run(event, attempt)) return;
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const delay = this.delivery.throttleDelay(throttles + 1);
      this.schedule(receiver, event, { attempt, throttles: throttles + 1 }, delay);
      return;
    }
    const { maximumRetryAttempts = RETRY_DELAYS.length } = receiver.config();
    const delay = RETRY_DELAYS[attempt - 1];
    if (attempt > maximumRetryAttempts || delay === undefined) this.drop(receiver, event);
    else this.schedule(receiver, event, { attempt: attempt + 1, throttles: 0 }, delay);
  }

  private isTooOld(receiver: EventReceiver, { acceptedAt }: QueuedEvent, time: number): boolean {
    const { maximumEventAge = MAX_EVENT_AGE_SECONDS } = receiver.config();
    return time - acceptedAt > maximumEventAge * 1000;
  }

  private drop(receiver: EventReceiver, { isDuplicate }: QueuedEvent): void {
    if (!this.closed && !isDuplicate) receiver.dropped();
  }
}
