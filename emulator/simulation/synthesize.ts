import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Assembly } from './assembly';

/** The part of cdk.json that this module reads. */
interface CdkJson {
  readonly app: string;
  readonly context?: Readonly<Record<string, unknown>>;
}

/**
 * Runs the app of a cdk.json as the CDK CLI does, passes the assembly to `use`, and removes it. The output of the app goes
 * to stderr.
 *
 * @param context the values of `-c name=value`
 * @param app the command of `--app`. Default: the one of the cdk.json
 */
export async function withSynthesized<T>(
  directory: string,
  context: Readonly<Record<string, string>>,
  use: (assembly: Assembly) => Promise<T>,
  app?: string,
): Promise<T> {
  const cdkJson = JSON.parse(await readFile(join(directory, 'cdk.json'), 'utf8')) as CdkJson;
  const outdir = await mkdtemp(join(tmpdir(), 'cdk.out-'));
  try {
    await runApp(app ?? cdkJson.app, directory, {
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
      // The validation takes seconds, and other tests validate the templates.
      CDK_VALIDATION: 'false',
    });
    return await use(new Assembly(outdir));
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

function runApp(app: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(app, {
      shell: true,
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', process.stderr, process.stderr],
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the app ${app} exited with code ${code}: see its output`));
    });
  });
}
