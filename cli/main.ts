import { parseArguments } from './arguments';
import { ConnectionError } from './connection';
import type { ExitCode } from './exit-code';
import type { Io } from './io';
import { perform } from './perform';
import { USAGE } from './usage';
import { UsageError } from './usage-error';

/** Runs the command line. Prints the result on stdout, and everything else on stderr. */
export async function main(args: readonly string[], io: Io & { readonly version: string }): Promise<ExitCode> {
  const print = (text: string) => io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  try {
    const invocation = parseArguments(args);
    if (invocation === 'help' || invocation === 'version') {
      print(invocation === 'help' ? USAGE : io.version);
      return 0;
    }
    const { document, text } = await perform(invocation, io);
    print(invocation.json ? JSON.stringify(document, null, 2) : text);
    return document.exitCode;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConnectionError)) throw error;
    io.stderr.write(`cancel-deployment: ${error.message}\n`);
    return error instanceof UsageError ? 2 : error.exitCode;
  }
}
