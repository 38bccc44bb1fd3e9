import { execFile } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../../../scripts/check-report.mjs');

test.each([
  ['there is none', { PATH: '' }],
  ['CHROME names none', { PATH: process.env.PATH, CHROME: '/nowhere/chromium' }],
])('the check of reports in a browser says so in one sentence, and ends with 2, where %s', async (_what, env) => {
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [SCRIPT], { env }, (error, _stdout, text) =>
      resolve({ code: error?.code, stderr: text }),
    );
  });
  expect(code).toBe(2);
  expect(stderr).toBe(
    'check-report: there is no browser: install one of chromium, chromium-browser, google-chrome, google-chrome-stable, or name one that can be run with CHROME\n',
  );
});
