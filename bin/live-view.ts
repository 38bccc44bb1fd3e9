import type { Terminal } from '../cli/terminal';
import type { Clock } from '../emulator/core/clock';
import { ProgressTracker } from '../emulator/runner/progress';
import { elapsed, progressLine, summary } from '../emulator/runner/report';
import type { Report, RunEvent } from '../emulator/simulation/run';

/** The time between two frames, in milliseconds of real time. */
const TICK = 120;
/** The time without output before the live line appears, in milliseconds of real time. It avoids flickering. */
const QUIET = 500;
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** Prints the progress of a run: a line for each event, and below, on a terminal, what the run waits for. */
export class LiveView {
  private readonly progress = new ProgressTracker();
  private readonly ticking?: NodeJS.Timeout;
  /** The time of the clock at which the run started. */
  private start?: number;
  private printedAt: number;
  private frame = 0;

  /**
   * @param clock the clock of the run
   * @param activity the text of the live line before the first event
   * @param now returns the real time
   */
  constructor(
    private readonly terminal: Terminal,
    private readonly clock: Clock,
    private readonly activity: string,
    private readonly now: () => number = Date.now,
  ) {
    this.printedAt = now();
    if (terminal.isLive) this.ticking = setInterval(() => this.tick(), TICK);
  }

  print(line: string): void {
    this.terminal.print(line);
    this.printedAt = this.now();
  }

  readonly onEvent = (event: RunEvent): void => {
    const { atSeconds } = event;
    this.start ??= this.clock.now() - atSeconds * 1000;
    const line = progressLine(printable(event), this.terminal.paint);
    if (line !== undefined) {
      const wait = this.terminal.isLive ? this.progress.describeWait(atSeconds) : undefined;
      if (wait !== undefined) this.print(this.terminal.paint('faint', `${' '.repeat(8)}  … ${wait}`));
      this.print(line);
      this.progress.startWait(atSeconds);
    }
    this.progress.add(printable(event));
  };

  /** Prints the result. */
  report(report: Report): void {
    this.print(summary(printable(report), this.terminal.paint));
  }

  /** Removes the live line. */
  end(): void {
    clearInterval(this.ticking);
    this.terminal.clear();
  }

  /** Shows what the run waits for, if nothing was printed for a while. */
  tick(): void {
    if (this.now() - this.printedAt < QUIET) return;
    const spinner = FRAMES[this.frame++ % FRAMES.length];
    const text =
      this.start === undefined
        ? this.activity
        : `${elapsed((this.clock.now() - this.start) / 1000)}  ${this.progress.describe()}`;
    this.terminal.show(`${this.start === undefined ? ' '.repeat(2) : ''}${spinner} ${text}`);
  }
}

/** Messages of services and templates may contain control characters, which a terminal would execute. */
function printable<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, member: unknown) =>
    typeof member === 'string' ? member.replace(/[^\P{Cc}\n\t]/gu, '\ufffd') : member,
  );
}
