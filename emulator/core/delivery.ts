import { type DurationRange, drawDuration } from './duration-range';
import { SECONDS } from './plan';
import type { KeyedRandom } from './seeded-random';

export interface DeliveryOptions {
  /** The time between the acceptance of an event and its delivery. Events with different delays change their order. */
  readonly delay?: DurationRange;
  /** The probability that an event is delivered twice. Default: 0. */
  readonly duplicates?: number;
  /** The time between both deliveries. Default: as `delay`. */
  readonly duplicateDelay?: DurationRange;
}

/**
 * `prompt`: every event is delivered once, immediately. `at-least-once`: events are delayed by up to five seconds, change
 * their order, and every tenth is delivered again within half a minute.
 */
export type DeliveryOption = 'prompt' | 'at-least-once' | DeliveryOptions;

const AT_LEAST_ONCE: DeliveryOptions = {
  delay: { max: 5 * SECONDS },
  duplicates: 0.1,
  duplicateDelay: { max: 30 * SECONDS },
};

/** The delays of throttled events, which Lambda documents. That they are spread is an assumption. */
const THROTTLE_BACKOFF = { first: 1 * SECONDS, max: 300 * SECONDS };

/** Decides when asynchronous events are delivered. */
export class Delivery {
  /** Delivers every event once, immediately. */
  static readonly PROMPT = new Delivery('prompt', () => 0);

  private readonly options: DeliveryOptions;
  private throttles = 0;
  private readonly counts = new Map<string, number>();

  constructor(
    option: DeliveryOption,
    private readonly random: KeyedRandom,
  ) {
    if (option === 'prompt') this.options = {};
    else this.options = option === 'at-least-once' ? AT_LEAST_ONCE : option;
  }

  /**
   * The delays of the deliveries of the next event, one for each.
   *
   * @param target a name that is the same in every run
   */
  next(target: string): readonly number[] {
    const { delay = { max: 0 }, duplicates = 0, duplicateDelay = delay } = this.options;
    const count = (this.counts.get(target) ?? 0) + 1;
    this.counts.set(target, count);
    const event = `event ${count} for ${target}`;
    const first = drawDuration(delay, this.random, `delay of ${event}`);
    if (duplicates === 0 || this.random(`duplicate of ${event}`) >= duplicates) return [first];
    return [first, first + drawDuration(duplicateDelay, this.random, `delay of the duplicate of ${event}`)];
  }

  /** The delay of an event before the next attempt, when so many in sequence were throttled. Events do not retry in step. */
  throttleDelay(attempts: number): number {
    const { first, max } = THROTTLE_BACKOFF;
    this.throttles++;
    const delay = Math.min(max, first * 2 ** (attempts - 1));
    return Math.round(delay * (1 - this.random(`throttled attempt ${this.throttles}`) / 2));
  }
}
