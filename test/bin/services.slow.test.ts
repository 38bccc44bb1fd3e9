import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { environmentOf, runCli } from '../cli/run-cli';

// Each test starts processes.
jest.setTimeout(60_000);

const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

/** Starts the services, and resolves when stdout contains a match, or the process ends. */
async function services(args: readonly string[], pattern: RegExp) {
  const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, '../../bin/services.ts'), ...args]);
  children.add(child);
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (pattern.test(stdout)) resolve(null);
    });
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, child, ended, output: () => ({ stdout, stderr }) };
}

test('serves a scenario, prints the command that cancels it, and ends with a signal', async () => {
  const { child, ended, output } = await services(
    ['--scenario', 'codepipeline-execution/cancelled'],
    /index\.mjs .*\n/,
  );
  const { stdout } = output();
  const [, url = ''] = /AWS_ENDPOINT_URL=(\S+)/.exec(stdout) ?? [];
  const [, command = ''] = /node cli\/dist\/index\.mjs (.*)\n/.exec(stdout) ?? [];
  expect(command).toBe('pipeline --pipeline release');
  const dryRun = await runCli([...command.split(' '), '--dry-run'], environmentOf(url));
  expect(dryRun.code).toBe(0);
  expect(dryRun.stdout).toContain('would call codepipeline:StopPipelineExecution');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(output().stdout).toContain('codepipeline:ListPipelineExecutions: ok');
});

test.each([
  [['--scenario', 'nothing'], "--scenario 'nothing' is not known; there are "],
  [['--port', 'x'], "--port must be a whole number from 0 to 65535, not 'x'"],
  [['--nothing'], "Unknown option '--nothing'"],
])('%j is not valid', async (args, message) => {
  const { code, output } = await services(args, /never/);
  expect({ code, stdout: output().stdout }).toEqual({ code: 2, stdout: '' });
  expect(output().stderr).toContain(`services: ${message}`);
});
