import { type DurationRange, drawDuration } from './duration-range';
import { SECONDS } from './plan';
import type { KeyedRandom } from './seeded-random';

/** The lags of reads behind writes. */
export interface ConsistencyOptions {
  /** The lag of every read operation. Default: none. */
  readonly reads?: DurationRange;
  /** The lags of single operations by IAM action, such as `ecs:ListServiceDeployments`. Default: `reads`. */
  readonly operations?: Readonly<Record<string, DurationRange>>;
  /** The lag of permissions behind the policies of roles and functions. Default: none. */
  readonly permissions?: DurationRange;
  /**
   * The number of replicas with lags of their own. Each read is answered by one of them, so that with several replicas a
   * read may return an older state than the read before. Default: 1.
   */
  readonly replicas?: number;
}

/**
 * `strong`: every read returns the last write. `eventual`: reads are up to a few seconds behind, and permissions up to ten
 * seconds.
 */
export type ConsistencyOption = 'strong' | 'eventual' | ConsistencyOptions;

/** The consistency of an emulator that is started without this option. */
export const DEFAULT_CONSISTENCY: ConsistencyOption = 'eventual';

/** The lags of `eventual`. */
export const EVENTUAL = {
  reads: { max: 3 * SECONDS },
  permissions: { max: 10 * SECONDS },
  replicas: 2,
} satisfies ConsistencyOptions;

/** One read. It knows how long after a write it returns the new state. */
export interface Read {
  /**
   * @param item what was written, such as the name of a resource
   * @param version the number of the write
   */
  lag(item: string, version: number): number;
  /** The maximum number of writes that it does not see. Default: no limit. */
  readonly maxBehind?: number;
}

const STRONG_READ: Read = { lag: () => 0 };

/** The operations that see all writes except for this number. */
const MAX_BEHIND: Readonly<Record<string, number>> = {
  // A stack goes through several statuses in a moment. Its description is at most one status behind.
  'cloudformation:DescribeStacks': 1,
};

/** Decides how long after a write a read returns the new state. */
export class Consistency {
  /** Every read returns the last write. */
  static readonly STRONG = new Consistency('strong', () => 0);

  private readonly options: ConsistencyOptions;
  private readonly counts = new Map<string, number>();

  constructor(
    option: ConsistencyOption,
    private readonly random: KeyedRandom,
  ) {
    if (option === 'strong') this.options = {};
    else this.options = option === 'eventual' ? EVENTUAL : option;
  }

  /** @param action the IAM action of the operation that reads */
  read(action: string): Read {
    const { reads, operations = {} } = this.options;
    return this.readWith(operations[action] ?? reads, action);
  }

  /** A read of the policies that apply to a request. */
  readPermissions(action: string): Read {
    return this.readWith(this.options.permissions, `permission ${action}`);
  }

  private readWith(range: DurationRange | undefined, reader: string): Read {
    if (!range) return STRONG_READ;
    const { replicas = 1 } = this.options;
    const count = (this.counts.get(reader) ?? 0) + 1;
    this.counts.set(reader, count);
    const replica = Math.floor(this.random(`read ${count} of ${reader}`) * replicas);
    return {
      maxBehind: MAX_BEHIND[reader],
      lag: (item, version) =>
        drawDuration(range, this.random, `${reader} on replica ${replica}: version ${version} of ${item}`),
    };
  }
}

/** Whether an operation only reads. */
export function isRead(operation: string): boolean {
  return /^(Describe|Get|List)/.test(operation);
}

/** The states of an item over time. A read returns one of them, which may be older than the last one. */
export class History<T> {
  private readonly versions: { readonly at: number; readonly state: T }[] = [];

  /** @param item a name that differs from those of other items of the service, and is the same in every run */
  constructor(private readonly item: string) {}

  /** The last state; undefined before the first write. */
  get current(): T | undefined {
    return this.versions.at(-1)?.state;
  }

  get length(): number {
    return this.versions.length;
  }

  write(state: T, at: number): void {
    this.versions.push({ at, state });
  }

  /** The state that a read returns; undefined if it is from before the first write. */
  seenBy(read: Read, now: number): T | undefined {
    return this.state(this.countSeenBy(read, now));
  }

  /** The states after each of a number of writes. */
  states(writes: number): T[] {
    return this.versions.slice(0, writes).map(({ state }) => state);
  }

  /** The state after a number of writes; undefined before the first one. */
  state(writes: number): T | undefined {
    return this.versions[writes - 1]?.state;
  }

  /** The number of writes that a read sees. */
  countSeenBy(read: Read, now: number): number {
    const times = this.versions.map(({ at }) => at);
    return countSeen(read, this.item, times, now);
  }
}

/**
 * The number of writes that a read sees: all up to the newest one whose lag has passed.
 *
 * @param times the times of the writes, in order
 */
export function countSeen(read: Read, item: string, times: readonly number[], now: number): number {
  const { maxBehind = Number.POSITIVE_INFINITY } = read;
  for (let version = times.length; version > 0; version--) {
    if (version <= times.length - maxBehind) return version;
    const lag = read.lag(item, version);
    // Without a lag, the clock does not matter: that of a service may be set back.
    if (lag === 0 || (times[version - 1] ?? 0) + lag <= now) return version;
  }
  return 0;
}
