import { styleText } from 'node:util';

/** The part of `process.stdout` that a terminal needs. */
export type Out = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Colors a text. */
export type Paint = (style: keyof typeof FORMATS | 'plain', text: string) => string;

const FORMATS = { good: 'green', bad: 'red', undone: 'yellow', moving: 'cyan', faint: 'dim' } as const;

/**
 * Prints lines, and below them, on a terminal, one live line that is overwritten in place. Colors are used on a terminal
 * without NO_COLOR, or with FORCE_COLOR.
 */
export class Terminal {
  /** Whether there is a live line. */
  readonly isLive: boolean;
  private readonly isColored: boolean;
  private shown = false;

  constructor(
    private readonly out: Out = process.stdout,
    { CI, TERM, NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv = process.env,
  ) {
    const isTerminal = out.isTTY === true && TERM !== 'dumb';
    this.isLive = isTerminal && CI === undefined;
    this.isColored = FORCE_COLOR === undefined ? isTerminal && !NO_COLOR : !/^(0|false)$/.test(FORCE_COLOR);
  }

  readonly paint: Paint = (style, text) =>
    this.isColored && style !== 'plain' ? styleText(FORMATS[style], text, { validateStream: false }) : text;

  print(line: string): void {
    this.clear();
    this.out.write(`${line}\n`);
  }

  /** Shows a live line in place of the previous one, until the next line is printed. */
  show(line: string): void {
    if (!this.isLive) return;
    // A line that wraps cannot be overwritten.
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

/** Moves to the beginning of the line, and clears it. */
const CLEAR_LINE = '\r\u001b[2K';
