import { execFile } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../../../scripts/check-report.mjs');

test.each([
  ['no browser is installed', { PATH: '' }],
  ['CHROME names no browser', { PATH: process.env.PATH, CHROME: '/nowhere/chromium' }],
])('check-report prints one sentence and exits with 2 if %s', async (_what, env) => {
  const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [SCRIPT], { env }, (error, _stdout, text) =>
      resolve({ code: error?.code, stderr: text }),
    );
  });
  expect(code).toBe(2);
  expect(stderr).toBe(
    'check-report: no browser was found: install one of chromium, chromium-browser, google-chrome, google-chrome-stable, or set CHROME to the path of one\n',
  );
});
