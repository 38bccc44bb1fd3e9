import type { LogFields } from '../lambda/log';
import { formatElapsed } from './duration';
import type { Terminal } from './terminal';

/** Shows how far a deployment is: in a live line on a terminal, and in a line for each status elsewhere. */
export class WaitView {
  /** What the last successful read has returned. */
  last: Pick<LogFields, 'deploymentId' | 'deploymentStatus' | 'inFlight'> = {};
  private readonly start: number;
  private timer?: NodeJS.Timeout;
  private printed?: string;

  /** @param terminal undefined if nothing is shown */
  constructor(
    private readonly displayName: string,
    private readonly terminal?: Terminal,
    private readonly now: () => number = Date.now,
  ) {
    this.start = now();
    this.begin();
  }

  /** Keeps the time in the live line. */
  begin(): void {
    if (this.terminal?.isLive) this.timer = setInterval(() => this.show(), 1_000).unref();
  }

  /** Takes an event of the engine. */
  readonly add = (event: string, fields: LogFields): void => {
    if (event !== 'describe' && event !== 'cancel') return;
    const { errorName, operation, deploymentId, deploymentStatus, inFlight } = fields;
    if (errorName !== undefined) {
      this.print(`${operation}: ${errorName}; trying again`);
      return;
    }
    this.last = { deploymentId, deploymentStatus, inFlight: inFlight ?? this.last.inFlight };
    this.show();
  };

  /** Ends the live line. */
  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.terminal?.clear();
  }

  private show(): void {
    const { deploymentId, deploymentStatus } = this.last;
    if (deploymentStatus === undefined) return;
    const id = deploymentId === undefined ? '' : ` (deployment ${deploymentId})`;
    const line = `${this.displayName} is ${deploymentStatus}${id}`;
    if (this.terminal?.isLive) this.terminal.show(`${line}, ${formatElapsed(this.now() - this.start)}`);
    else this.print(line);
  }

  private print(line: string): void {
    if (line !== this.printed) this.terminal?.print(line);
    this.printed = line;
  }
}
