#!/usr/bin/env node
import { main } from './main';
import packageJson from './package.json';

const controller = new AbortController();
// The second signal ends the process at once.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());

const { env, stdin, stdout, stderr } = process;
main(process.argv.slice(2), {
  env,
  stdin,
  stdout,
  stderr,
  signal: controller.signal,
  version: packageJson.version,
}).then(
  (code) => {
    process.exitCode = code;
    // A request that was sent would keep the process alive.
    if (controller.signal.aborted) process.exit();
  },
  (error: unknown) => {
    stderr.write(`cancel-deployment: unexpected error: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
