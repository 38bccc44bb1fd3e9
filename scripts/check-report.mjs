// Opens reports of `npm start -- --report` in a headless browser, light and dark, wide and narrow, and holds them to what
// a reader needs: everything is there, can be read, and nothing was fetched. `--keep DIR` leaves pages and pictures there.
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
/** What is run, and what has to be readable of it: a success, a failure, one that takes no time, many, several executions. */
const RUNS = [
  { scenario: 'cancelled', says: 'CREATE_COMPLETE', draws: true },
  { scenario: 'timeout', says: 'the timeout of 1800 s has passed', draws: true },
  { scenario: 'access-denied', says: 'ROLLBACK_COMPLETE', draws: false },
  { scenario: 'fleet', says: '12 deployments: 7 cancelled', draws: true },
  { scenario: 'rollback-of-update', says: 'UPDATE_ROLLBACK_COMPLETE', draws: true },
];
const WIDTHS = [1400, 800, 400];
const SCHEMES = ['light', 'dark'];
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** In milliseconds; a browser that starts on a busy machine takes its time. */
const PATIENCE = 60_000;

const { keep } = parseArgs({ options: { keep: { type: 'string' } } }).values;
const browserPath = findBrowser();
if (browserPath === undefined) {
  console.error(
    `check-report: there is no browser: install one of ${BROWSERS.join(', ')}, or name one that can be run with CHROME`,
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
      `check-report: ${RUNS.length} reports can be read, ${SCHEMES.join(' and ')}, ${WIDTHS.join(', ')} px wide`,
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

/** What is wrong with the report of a run, a line each. */
async function check({ scenario, says, draws }) {
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
      const seen = await page.evaluate(look);
      problems.push(...faults(seen, { scheme, says, draws }).map((fault) => `${name(scheme, width)}: ${fault}`));
      if (keep !== undefined) await page.picture(join(directory, `${scenario}-${scheme}-${width}.png`));
    }
  }
  problems.push(...page.complaints.map((complaint) => `${scenario}: ${complaint}`));
  problems.push(...(await unnamed(page, draws)).map((fault) => `${scenario}: ${fault}`));
  await page.close();
  return problems;
}

async function report(scenario, file) {
  const args = ['--import', 'tsx', join(ROOT, 'bin/demo.ts'), '--scenario', scenario, '--report', file];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 5 * PATIENCE });
  } catch (error) {
    // A stack that fails ends with 1, and has a report as well.
    if (error.code !== 1 || error.stderr !== '') throw error;
  }
}

function faults({ text, overflow, background, unreadable, bars }, { scheme, says, draws }) {
  const expected = scheme === 'light' ? background > 0.8 : background < 0.1;
  return [
    ...(text.includes(says) ? [] : [`'${says}' is not to be read`]),
    ...(overflow > 0 ? [`the page is ${overflow} px wider than its window`] : []),
    ...(expected ? [] : [`the background is of luminance ${background.toFixed(2)}`]),
    ...(draws === bars > 0 ? [] : [`${bars} bars are drawn`]),
    ...unreadable,
  ];
}

/** Runs in the page: what a reader sees. */
function look() {
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const rect = one.localName === 'svg' && one.querySelector(':scope > rect');
      if (rect) return getComputedStyle(rect).fill;
      const color = getComputedStyle(one).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  const shown = [...document.body.querySelectorAll('*')].filter(
    (element) => own(element) && !['title', 'desc'].includes(element.localName) && element.checkVisibility(),
  );
  const unreadable = new Set();
  for (const element of shown) {
    const style = getComputedStyle(element);
    const color = element instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [luminance(color), luminance(backgroundOf(element))].sort((one, other) => other - one);
    const contrast = (a + 0.05) / (b + 0.05);
    // What WCAG asks of small text.
    if (contrast < 4.5)
      unreadable.add(
        `<${element.localName} class="${element.getAttribute('class')}"> has a contrast of ${contrast.toFixed(1)}`,
      );
  }
  return {
    text: shown.map(({ textContent }) => textContent).join('\n'),
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    background: luminance(getComputedStyle(document.body).backgroundColor),
    unreadable: [...unreadable],
    bars: [...document.querySelectorAll('svg rect')].filter((rect) => rect.getBoundingClientRect().width >= 3).length,
  };
}

/** What a screen reader is not told. */
async function unnamed(page, draws) {
  const { nodes } = await page.send('Accessibility.getFullAXTree');
  const named = (role) => nodes.filter((node) => node.role?.value === role && node.name?.value);
  return [
    ...(named('heading').length >= 4 ? [] : ['there are too few headings']),
    ...(named('table').length >= 3 ? [] : ['there are too few tables with a caption']),
    ...(draws && !named('image').some(({ name }) => name.value.startsWith('Timeline Lanes from'))
      ? ['the timeline has no name']
      : []),
  ];
}

/** A browser that is spoken to over two pipes, in JSON that ends with a zero byte. */
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
  let gone;
  const fail = (error) => {
    gone ??= error;
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
    for (const message of messages) take(JSON.parse(message));
  });

  function take({ id, result, error, method, params, sessionId }) {
    if (id === undefined) return listeners.get(sessionId)?.(method, params);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (error) reject?.(new Error(`the browser says: ${error.message}`));
    else resolve?.(result);
  }

  async function send(method, params = {}, sessionId = undefined) {
    if (gone) throw gone;
    const id = ++lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the browser does not answer ${method}`)), PATIENCE);
      const settled = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  async function open(url) {
    const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
    const complaints = [];
    const toPage = (method, params) => send(method, params, sessionId);
    const loaded = new Promise((resolve) => {
      listeners.set(sessionId, (method, params) => {
        if (method === 'Page.loadEventFired') resolve();
        if (method === 'Log.entryAdded') complaints.push(`the browser logs: ${params.entry.text}`);
        if (method === 'Runtime.consoleAPICalled' || method === 'Runtime.exceptionThrown')
          complaints.push('a script runs');
        if (method === 'Network.requestWillBeSent' && params.request.url !== url)
          complaints.push(`${params.request.url} is fetched`);
      });
    });
    for (const domain of ['Page', 'Log', 'Runtime', 'Network', 'Accessibility']) await toPage(`${domain}.enable`);
    const { errorText } = await toPage('Page.navigate', { url });
    if (errorText) throw new Error(`${url} cannot be opened: ${errorText}`);
    await loaded;
    return {
      complaints,
      send: toPage,
      evaluate: async (work) => {
        const { result, exceptionDetails } = await toPage('Runtime.evaluate', {
          expression: `(${work})()`,
          returnByValue: true,
        });
        if (exceptionDetails)
          throw new Error(`the look at the page failed: ${exceptionDetails.exception?.description}`);
        return result.value;
      },
      picture: async (file) => {
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
