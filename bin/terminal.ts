import { styleText } from 'node:util';
import type { Paint } from '../emulator/runner/report';

/** What of a stream this needs; `process.stdout` is one. */
export type Out = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

const FORMATS = { good: 'green', bad: 'red', undone: 'yellow', moving: 'cyan', faint: 'dim' } as const;

/**
 * Lines, and below them, where somebody watches, one that is overwritten in place. Colours only on a terminal and without
 * NO_COLOR, or where FORCE_COLOR asks for them.
 */
export class Terminal {
  /** Whether there is a line that is overwritten. */
  readonly isLive: boolean;
  private readonly isColoured: boolean;
  private shown = false;

  constructor(
    private readonly out: Out = process.stdout,
    { CI, TERM, NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv = process.env,
  ) {
    const isTerminal = out.isTTY === true && TERM !== 'dumb';
    this.isLive = isTerminal && CI === undefined;
    this.isColoured = FORCE_COLOR === undefined ? isTerminal && !NO_COLOR : !/^(0|false)$/.test(FORCE_COLOR);
  }

  readonly paint: Paint = (style, text) =>
    this.isColoured && style !== 'plain' ? styleText(FORMATS[style], text, { validateStream: false }) : text;

  print(line: string): void {
    this.clear();
    this.out.write(`${line}\n`);
  }

  /** Shows that line in place of the one that was shown before, until something is printed. */
  show(line: string): void {
    if (!this.isLive) return;
    // A line that wraps could not be overwritten.
    const width = (this.out.columns || 80) - 1;
    const text = this.paint('faint', Array.from(line).slice(0, width).join(''));
    this.out.write(`${this.shown ? CLEAR_LINE : ''}${text}`);
    this.shown = true;
  }

  clear(): void {
    if (this.shown) this.out.write(CLEAR_LINE);
    this.shown = false;
  }
}

/** Back to its beginning, and nothing on it. */
const CLEAR_LINE = '\r\u001b[2K';
