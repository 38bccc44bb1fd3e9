// The Node.js runtime of Lambda, as far as a handler can observe it. It runs in the worker thread of a function and
// exchanges messages with sandbox.ts, which describes them.
const { subscribe } = require('node:diagnostics_channel');
const { existsSync, readFileSync } = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { dirname, join } = require('node:path');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const { format, promisify } = require('node:util');
const { parentPort, workerData } = require('node:worker_threads');
const confineNetwork = require('./network-guard.cjs');

const { codeDirectory, handler, logFormat, timeFlows } = workerData;
let now = workerData.now;
let requestId;
/** Called when nothing is left to do, if the time is virtual. */
let onEmptyEventLoop;

/** The longest delay of a Node.js timer, in milliseconds. */
const MAX_TIMEOUT = 2 ** 31 - 1;
const EVENT_LOOP_CHECK_MS = 20;
/** The resources of a thread that waits for a file, a DNS lookup, a connection or an immediate. */
const AT_WORK = /Req|REQUEST|ConnectWrap|WriteWrap|Immediate/;

if (!timeFlows) virtualTime();
confineNetwork(workerData.endpoints, (target) => parentPort.postMessage({ type: 'connection', target }));
logging();
process.on('uncaughtException', (error) => die('Uncaught Exception', errorOf(error)));
process.on('unhandledRejection', (reason) => {
  const trace = reason instanceof Error ? traceOf(reason) : [];
  die('Unhandled Promise Rejection', {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: String(reason),
    trace,
  });
});

load().then(
  (handle) => {
    parentPort.on('message', (message) => {
      if (message.type === 'invoke') invoke(handle, message);
    });
    parentPort.postMessage({ type: 'ready' });
  },
  (error) => {
    console.error('Uncaught Exception', format(error));
    parentPort.postMessage({ type: 'error', error: errorOf(error), fatal: true });
  },
);

/**
 * Loads a handler such as `index.handler` from the code directory. Tries the extensions in the order of Lambda, and fails
 * with the errors of Lambda.
 *
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
async function load() {
  const [, moduleName, exportName] = /^(.+)\.([^.]+)$/.exec(handler) ?? [];
  const file = ['.js', '.mjs', '.cjs'].map((ext) => join(codeDirectory, `${moduleName}${ext}`)).find(existsSync);
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);
  let exported;
  try {
    exported = isEsModule(file) ? await import(pathToFileURL(file).href) : require(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error));
    if (error?.code === 'MODULE_NOT_FOUND') throw named('Runtime.ImportModuleError', String(error));
    throw error;
  }
  const handle = exported[exportName];
  if (handle === undefined) throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof handle !== 'function') throw named('Runtime.HandlerNotFound', `${handler} is not a function`);
  return handle;
}

/** Recognizes an ES module by its extension, or a `.js` file by the nearest `package.json`. */
function isEsModule(file) {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let folder = dirname(file); folder.startsWith(codeDirectory); folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')).type === 'module';
  }
  return false;
}

async function invoke(handle, message) {
  now = message.now;
  requestId = message.context.awsRequestId;
  if (message.seed !== undefined) Math.random = seededRandom(message.seed);
  const { deadline, ...context } = message.context;
  context.getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now());
  context.callbackWaitsForEmptyEventLoop = true;
  try {
    const result = await call(handle, JSON.parse(message.event), context);
    parentPort.postMessage({ type: 'result', payload: serialise(result) });
  } catch (error) {
    const answer = errorOf(error);
    console.error('Invoke Error', JSON.stringify(answer));
    parentPort.postMessage({ type: 'error', error: answer, fatal: false });
  }
}

/** Calls a handler. One that returns nothing has its result from its callback, or none when nothing is left to do. */
async function call(handle, event, context) {
  let callback;
  const called = new Promise((resolve, reject) => {
    callback = (error, result) => (error ? reject(error) : resolve(result));
  });
  called.catch(() => undefined);
  Object.assign(context, { done: callback, succeed: (result) => callback(null, result), fail: callback });
  const result = handle(event, context, callback);
  return result === undefined ? Promise.race([called, eventLoopIsEmpty()]) : result;
}

/** Resolves when no timer and no request are left. */
function eventLoopIsEmpty() {
  return new Promise((resolve) => {
    if (timeFlows) setTimeout(checkEventLoop, EVENT_LOOP_CHECK_MS, resolve);
    else onEmptyEventLoop = resolve;
  });
}

/** In real time, the timer of this check is the only resource that may be left, besides the port to the main thread. */
function checkEventLoop(resolve) {
  const resources = process.getActiveResourcesInfo().filter((resource) => resource !== 'MessagePort');
  if (resources.length <= 1) resolve();
  else setTimeout(checkEventLoop, EVENT_LOOP_CHECK_MS, resolve);
}

/** Returns a seeded replacement for `Math.random`. */
function seededRandom(seed) {
  let state = Math.floor(seed * 2 ** 32);
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function serialise(result) {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw named('Runtime.BodySerializationError', 'Unable to stringify response body');
  }
}

/**
 * Replaces the time and the timers. The main thread sets the time and fires the timers. As soon as this thread has nothing
 * else to do, it reports when its next timer is due.
 */
function virtualTime() {
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now] : args, newTarget),
    apply: () => new RealDate(now).toString(),
  });
  RealDate.now = () => now;
  RealDate.prototype.constructor = globalThis.Date;

  const alarms = new Set();
  let wakes = 0;
  let sleeps = 0;
  let settling = false;
  const { requests, unanswered } = followRequests(settle);
  virtualTimers();

  parentPort.on('message', (message) => {
    if (message.type === 'invoke') {
      wakes++;
      sleeps = 0;
    }
    if (message.type === 'wake') {
      now = message.now;
      wakes++;
      const due = [...alarms].filter((alarm) => alarm.due <= now).sort((left, right) => left.due - right.due);
      for (const alarm of due) if (alarms.delete(alarm)) alarm.ring();
    }
    if (message.type === 'unanswered') unanswered.add(message.port);
    settle();
  });

  function settle() {
    if (settling) return;
    settling = true;
    setImmediate(() => {
      settling = false;
      // A response is still to come; `settle` is called again when it has arrived.
      for (const port of requests.values()) if (!unanswered.has(port())) return;
      if (process.getActiveResourcesInfo().some((resource) => AT_WORK.test(resource))) return settle();
      if (onEmptyEventLoop && requests.size === 0 && [...alarms].every((alarm) => !alarm.hasRef())) {
        onEmptyEventLoop();
        onEmptyEventLoop = undefined;
        return;
      }
      if (alarms.size > 0 || requests.size > 0) {
        const due = Math.min(...[...alarms].map((alarm) => alarm.due));
        parentPort.postMessage({ type: 'idle', wakes, sleeps, due });
      }
    });
  }

  /** Replaces all timers except intervals, which count as work. */
  function virtualTimers() {
    class Timeout {
      constructor(ms, ring) {
        this.ms = ms >= 1 && ms <= MAX_TIMEOUT ? Math.trunc(ms) : 1;
        this.ring = ring;
        this.isRef = true;
        this.refresh();
      }
      refresh() {
        this.due = now + this.ms;
        alarms.add(this);
        settle();
        return this;
      }
      ref() {
        this.isRef = true;
        return this;
      }
      unref() {
        this.isRef = false;
        return this;
      }
      hasRef() {
        return this.isRef;
      }
      close() {
        alarms.delete(this);
        return this;
      }
    }
    const sleep = (ms = 1, value = undefined, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) throw abortError(signal);
        sleeps++;
        const abort = () => {
          timeout.close();
          reject(abortError(signal));
        };
        const timeout = new Timeout(ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve(value);
        });
        signal?.addEventListener('abort', abort, { once: true });
      });
    const realClear = globalThis.clearTimeout;
    const clearTimeout = (timeout) => (timeout instanceof Timeout ? void timeout.close() : realClear(timeout));
    const setTimeout = (callback, ms, ...args) => new Timeout(ms, () => callback(...args));
    Object.defineProperty(setTimeout, promisify.custom, { value: sleep });
    Object.assign(timers, { setTimeout, clearTimeout });
    Object.assign(globalThis, { setTimeout, clearTimeout });
    timersPromises.setTimeout = sleep;
    AbortSignal.timeout = (ms) => {
      const controller = new AbortController();
      const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      new Timeout(ms, () => controller.abort(reason()));
      return controller.signal;
    };
    syncBuiltinESMExports();
  }
}

/**
 * Tracks the HTTP requests in flight, each with its local port once it has one, and the ports of the requests that the main
 * thread will never answer.
 */
function followRequests(onEnd) {
  const requests = new Map();
  const unanswered = new Set();
  const begin = (request, port) => requests.set(request, port);
  const end = (request) => {
    unanswered.delete(requests.get(request)?.());
    requests.delete(request);
    onEnd();
  };
  subscribe('http.client.request.start', ({ request }) => {
    begin(request, () => request.socket?.localPort);
    request.once('close', () => end(request));
  });
  // `fetch` has channels of its own.
  subscribe('undici:request:create', ({ request }) => begin(request, () => undefined));
  subscribe('undici:client:sendHeaders', ({ request, socket }) => {
    const { localPort } = socket;
    begin(request, () => localPort);
  });
  subscribe('undici:request:trailers', ({ request }) => end(request));
  subscribe('undici:request:error', ({ request }) => end(request));
  return { requests, unanswered };
}

/** Sends log lines to the main thread as messages: a stream could deliver a line after the result that followed it. */
function logging() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = (chunk, encoding, callback) => {
      log(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const done = typeof encoding === 'function' ? encoding : callback;
      done?.();
      return true;
    };
  }
  const levels = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...args) => log(line(level, args));
  }
}

function line(level, args) {
  const timestamp = new Date().toISOString();
  if (logFormat !== 'JSON') return [timestamp, requestId ?? 'undefined', level, format(...args)].join('\t');
  const message = args.length === 1 && !(args[0] instanceof Error) ? args[0] : format(...args);
  return JSON.stringify({ timestamp, level, requestId, message });
}

function log(text) {
  parentPort.postMessage({ type: 'log', requestId, timestamp: Date.now(), text: text.replace(/\n$/, '') });
}

/** Ends the process, and with it the invocation, after an error that nothing caught. */
function die(what, error) {
  console.error(what, JSON.stringify(error));
  parentPort.postMessage({ type: 'error', error, fatal: true });
  process.exit(129);
}

function errorOf(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: traceOf(error) };
}

function traceOf(error) {
  return (error.stack ?? '').split('\n');
}

/** Returns the error that a Node.js timer rejects with. */
function abortError(signal) {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}
