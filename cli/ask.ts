import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

interface Streams {
  readonly stdin: NodeJS.ReadableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly signal: AbortSignal;
}

/** Asks a question on a terminal. The end of the input is a no. */
export async function confirm(question: string, { stdin, stderr, signal }: Streams): Promise<boolean> {
  // The terminal edits the line, and its Ctrl-C reaches the process.
  const reader = createInterface({ input: stdin, output: stderr, terminal: false });
  const ended = once(reader, 'close', { signal }).then(() => '');
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
