/** Where the embedded cloud gets its time from. Nothing in it reads the machine's clock or sleeps by itself. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls back after `ms`; the answer takes the timer back. */
  schedule(ms: number, callback: () => void): () => void;
  /**
   * Says that something is at work which is not waiting for a timer. A virtual clock stands still until the
   * answer has been called; calling it twice is the same as calling it once.
   */
  hold(): () => void;
}

/** Resolves after `ms` of this clock. */
export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });
}

/** A clock that goes as another one does, but shows a time that differs by so many milliseconds. */
export function shifted(clock: Clock, by: () => number): Clock {
  return {
    now: () => clock.now() + by(),
    schedule: (ms, callback) => clock.schedule(ms, callback),
    hold: () => clock.hold(),
  };
}

/** The machine's own time, for `--realtime`. */
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
 * Time that jumps to the next timer as soon as nobody is at work, so that half an hour takes as long as the work in it.
 * Equal due times fire in the order in which they were scheduled.
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

  /** Moves the clock by hand, for a test that looks at what a moment brings. Fires no timers. */
  set(time: number): void {
    this.time = time;
  }

  /** One timer a turn of the event loop, so that what it wakes can take a hold before the next one fires. */
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
