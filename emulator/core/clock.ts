/** The source of time of the emulator, which never reads the clock of the machine and never sleeps by itself. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after `ms`. Returns a function that cancels the timer. */
  schedule(ms: number, callback: () => void): () => void;
  /**
   * Marks the beginning of work that does not wait for a timer. A virtual clock stands still until the returned function
   * has been called; a second call of it has no effect.
   */
  hold(): () => void;
}

/** Resolves after `ms` of this clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });
}

/** Creates a clock that runs like another one and shows a time that differs by a number of milliseconds. */
export function shifted(clock: Clock, by: () => number): Clock {
  return {
    now: () => clock.now() + by(),
    schedule: (ms, callback) => clock.schedule(ms, callback),
    hold: () => clock.hold(),
  };
}

/** The time of the machine, for `--realtime`. */
export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  schedule(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  }

  hold(): () => void {
    return () => undefined;
  }
}

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * A clock that jumps to the next timer as soon as no work is left, so that half an hour takes as long as the work in it.
 * Timers that are due at the same time fire in the order in which they were scheduled.
 */
export class VirtualClock implements Clock {
  private readonly timers = new Set<Timer>();
  private order = 0;
  private holds = 0;
  private advancing = false;

  constructor(private time: number = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.time;
  }

  schedule(ms: number, callback: () => void): () => void {
    const timer = { due: this.time + Math.max(0, ms), order: this.order++, callback };
    this.timers.add(timer);
    this.advanceWhenIdle();
    return () => {
      this.timers.delete(timer);
    };
  }

  hold(): () => void {
    this.holds++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.holds--;
      this.advanceWhenIdle();
    };
  }

  /** Sets the time without firing timers, for a test of one moment. */
  set(time: number): void {
    this.time = time;
  }

  /** Fires one timer per turn of the event loop, so that its callback can hold the clock before the next one fires. */
  private advanceWhenIdle(): void {
    if (this.advancing) return;
    this.advancing = true;
    setImmediate(() => {
      this.advancing = false;
      if (this.holds > 0) return;
      const next = this.next();
      if (!next) return;
      this.timers.delete(next);
      this.time = Math.max(this.time, next.due);
      next.callback();
      this.advanceWhenIdle();
    });
  }

  private next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
