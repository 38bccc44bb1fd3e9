// Opens reports of `npm start -- --report` in a headless browser, light and dark, wide and narrow, and checks that they are
// complete and readable, and fetch nothing. `--keep DIR` keeps the pages and screenshots in DIR.
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
/** The scenarios, with a text that the report must contain. */
const RUNS = [
  { scenario: 'cancelled', contains: 'CREATE_COMPLETE' },
  { scenario: 'timeout', contains: 'the timeout of 1800 s has passed' },
  { scenario: 'access-denied', contains: 'ROLLBACK_COMPLETE' },
  { scenario: 'fleet', contains: '12 deployments: 7 cancelled' },
  { scenario: 'rollback-of-update', contains: 'UPDATE_ROLLBACK_COMPLETE' },
];
const WIDTHS = [1400, 800, 400];
const SCHEMES = ['light', 'dark'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** In milliseconds. The start of a browser on a busy machine is slow. */
const TIMEOUT = 60_000;

const { keep } = parseArgs({ options: { keep: { type: 'string' } } }).values;
const browserPath = findBrowser();
if (browserPath === undefined) {
  console.error(
    `check-report: no browser was found: install one of ${BROWSERS.join(', ')}, or set CHROME to the path of one`,
  );
  process.exit(2);
}
const directory = keep ?? (await mkdtemp(join(tmpdir(), 'report-')));
await mkdir(directory, { recursive: true });
const profile = await mkdtemp(join(tmpdir(), 'browser-'));
const browser = startBrowser(browserPath, profile);
try {
  const problems = [];
  for (const run of RUNS) problems.push(...(await check(run)));
  for (const problem of problems) console.error(`check-report: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
  else
    console.log(
      `check-report: ${RUNS.length} reports are readable, ${SCHEMES.join(' and ')}, ${WIDTHS.join(', ')} px wide`,
    );
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  if (keep === undefined) await rm(directory, { recursive: true });
}

function findBrowser() {
  const { CHROME, PATH = '' } = process.env;
  const inPath = BROWSERS.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return (CHROME ? [CHROME] : inPath).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Returns the problems of the report of a run. */
async function check({ scenario, contains }) {
  const file = join(directory, `${scenario}.html`);
  await report(scenario, file);
  const page = await browser.open(pathToFileURL(file).href);
  const problems = [];
  const name = (scheme, width) => `${scenario}, ${scheme}, ${width} px`;
  for (const scheme of SCHEMES) {
    for (const width of WIDTHS) {
      await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
      await page.send('Emulation.setDeviceMetricsOverride', {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const measured = await page.evaluate(measure);
      problems.push(
        ...problemsOf(measured, { scheme, contains }).map((problem) => `${name(scheme, width)}: ${problem}`),
      );
      if (keep !== undefined) await page.screenshot(join(directory, `${scenario}-${scheme}-${width}.png`));
    }
  }
  problems.push(...page.problems.map((problem) => `${scenario}: ${problem}`));
  problems.push(...(await missingNames(page)).map((problem) => `${scenario}: ${problem}`));
  await page.close();
  return problems;
}

async function report(scenario, file) {
  const args = ['--import', 'tsx', join(ROOT, 'bin/demo.ts'), '--scenario', scenario, '--report', file];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 5 * TIMEOUT });
  } catch (error) {
    // A stack that fails has a report, and exit code 1.
    if (error.code !== 1 || error.stderr !== '') throw error;
  }
}

function problemsOf({ text, overflow, background, unreadable, bars }, { scheme, contains }) {
  const expected = scheme === 'light' ? background > 0.8 : background < 0.1;
  return [
    ...(text.includes(contains) ? [] : [`'${contains}' is missing`]),
    ...(overflow > 0 ? [`the page is ${overflow} px wider than its window`] : []),
    ...(expected ? [] : [`the background has a luminance of ${background.toFixed(2)}`]),
    ...(bars > 0 ? [] : ['the timeline has no bars']),
    ...unreadable,
  ];
}

/** Runs in the page. Measures what a reader sees. */
function measure() {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element) => {
    for (let ancestor = element; ancestor; ancestor = ancestor.parentElement) {
      const rect = ancestor.localName === 'svg' && ancestor.querySelector(':scope > rect');
      if (rect) return getComputedStyle(rect).fill;
      const color = getComputedStyle(ancestor).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  const visible = [...document.body.querySelectorAll('*')].filter(
    (element) => hasText(element) && !['title', 'desc'].includes(element.localName) && element.checkVisibility(),
  );
  const unreadable = new Set();
  for (const element of visible) {
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(color), luminance(backgroundOf(element))].sort((one, other) => other - one);
    const contrast = (a + 0.05) / (b + 0.05);
    // The minimum of WCAG for small text.
    if (contrast < 4.5)
      unreadable.add(
        `<${element.localName} class="${element.getAttribute('class')}"> has a contrast of ${contrast.toFixed(1)}`,
      );
  }
  return {
    text: visible.map(({ textContent }) => textContent).join('\n'),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    background: luminance(getComputedStyle(document.body).backgroundColor),
    unreadable: [...unreadable],
    bars: [...document.querySelectorAll('svg rect')].filter((rect) => rect.getBoundingClientRect().width >= 3).length,
  };
}

/** What a screen reader is not told. */
async function missingNames(page) {
  const { nodes } = await page.send('Accessibility.getFullAXTree');
  const named = (role) => nodes.filter((node) => node.role?.value === role && node.name?.value);
  return [
    ...(named('heading').length >= 4 ? [] : ['there are too few headings']),
    ...(named('table').length >= 3 ? [] : ['there are too few tables with a caption']),
    ...(!named('image').some(({ name }) => name.value.startsWith('Timeline Lanes from'))
      ? ['the timeline has no name']
      : []),
  ];
}

/** Starts a browser that is controlled over two pipes, with JSON messages that end with a zero byte. */
function startBrowser(path, userData) {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const args = [
    '--headless=new',
    '--remote-debugging-pipe',
    `--user-data-dir=${userData}`,
    '--no-first-run',
    '--disable-gpu',
    ...sandbox,
  ];
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  const listeners = new Map();
  let lastId = 0;
  let buffer = '';
  let failure;
  const fail = (error) => {
    failure ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.once('error', (error) => fail(new Error(`${path} cannot be started: ${error.message}`)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  void ended.then(() => fail(new Error(`${path} has ended`)));
  input.on('error', fail);
  output.setEncoding('utf8').on('data', (chunk) => {
    const messages = (buffer + chunk).split('\0');
    buffer = messages.pop();
    for (const message of messages) receive(JSON.parse(message));
  });

  function receive({ id, result, error, method, params, sessionId }) {
    if (id === undefined) return listeners.get(sessionId)?.(method, params);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(`the browser failed: ${error.message}`));
    else resolve?.(result);
  }

  async function send(method, params = {}, sessionId = undefined) {
    if (failure) throw failure;
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the browser does not respond to ${method}`)), TIMEOUT);
      const withTimer = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      waiting.set(id, { resolve: withTimer(resolve), reject: withTimer(reject) });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async function open(url) {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const problems = [];
    const toPage = (method, params) => send(method, params, sessionId);
    const loaded = new Promise((resolve) => {
      listeners.set(sessionId, (method, params) => {
        if (method === 'Page.loadEventFired') resolve();
        if (method === 'Log.entryAdded') problems.push(`the browser logs: ${params.entry.text}`);
        if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
          problems.push('a script runs');
        if (method === 'Network.requestWillBeSent' && params.request.url !== url)
          problems.push(`${params.request.url} is fetched`);
      });
    });
    for (const domain of ['Page', 'Log', 'Runtime', 'Network', 'Accessibility']) await toPage(`${domain}.enable`);
    const { errorText } = await toPage('Page.navigate', { url });
    if (errorText) throw new Error(`${url} cannot be opened: ${errorText}`);
    await loaded;
    return {
      problems,
      send: toPage,
      evaluate: async (work) => {
        const { result, exceptionDetails } = await toPage('Runtime.evaluate', {
          expression: `(${work})()`,
          returnByValue: true,
        });
        if (exceptionDetails)
          throw new Error(`the page could not be measured: ${exceptionDetails.exception?.description}`);
        return result.value;
      },
      screenshot: async (file) => {
        const { data } = await toPage('Page.captureScreenshot', { captureBeyondViewport: true });
        await writeFile(file, Buffer.from(data, 'base64'));
      },
      close: () => send('Target.closeTarget', { targetId }),
    };
  }

  async function close() {
    if (child.exitCode === null && child.pid !== undefined) child.kill();
    await ended;
  }

  return { open, close };
}
