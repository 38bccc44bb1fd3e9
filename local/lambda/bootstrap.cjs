// What runs in a function's worker thread before its code: the part of Lambda's Node.js runtime that a handler can tell
// apart. Speaks to sandbox.ts by messages; see there for what each says.
const { syncBuiltinESMExports } = require('node:module');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const timers = require('node:timers/promises');
const { pathToFileURL } = require('node:url');
const { format } = require('node:util');
const { parentPort, workerData } = require('node:worker_threads');

const { codeDirectory, handler, logFormat, timeFlows } = workerData;
let now = workerData.now;
let requestId;

virtualTime();
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

/** Finds `index.handler` in the code directory, with the errors that Lambda has for what can be wrong about it. */
async function load() {
  const [, moduleName, exportName] = /^(.+)\.([^.]+)$/.exec(handler) ?? [];
  const file = ['.js', '.cjs', '.mjs'].map((ext) => join(codeDirectory, `${moduleName}${ext}`)).find(existsSync);
  if (!file) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);
  let exported;
  try {
    exported = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : require(file);
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

async function invoke(handle, message) {
  now = message.now;
  requestId = message.context.awsRequestId;
  const { deadline, ...context } = message.context;
  context.getRemainingTimeInMillis = () => Math.max(0, deadline - Date.now());
  context.callbackWaitsForEmptyEventLoop = true;
  try {
    const result = await handle(JSON.parse(message.event), context);
    parentPort.postMessage({ type: 'result', payload: serialise(result) });
  } catch (error) {
    const answer = errorOf(error);
    console.error('Invoke Error', JSON.stringify(answer));
    parentPort.postMessage({ type: 'error', error: answer, fatal: false });
  }
}

function serialise(result) {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw named('Runtime.BodySerializationError', 'Unable to stringify response body');
  }
}

/** The time is what the main thread last said it is, and a sleep is the main thread's to keep. */
function virtualTime() {
  const RealDate = Date;
  if (!timeFlows) {
    globalThis.Date = new Proxy(RealDate, {
      construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now] : args, newTarget),
      apply: () => new RealDate(now).toString(),
    });
    RealDate.now = () => now;
    RealDate.prototype.constructor = globalThis.Date;
  }

  const sleeping = new Map();
  let wakes = 0;
  let lastSleep = 0;
  // By then, whoever goes to sleep or was woken has done all that it does without waiting, other sleeps included.
  const quietSoon = () => setImmediate(() => parentPort.postMessage({ type: 'quiet', wakes }));
  timers.setTimeout = (ms = 1, value = undefined, { signal } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) throw abortError(signal);
      const sleepId = ++lastSleep;
      const abort = () => {
        sleeping.delete(sleepId);
        parentPort.postMessage({ type: 'sleep-cancelled', sleepId });
        reject(abortError(signal));
      };
      signal?.addEventListener('abort', abort, { once: true });
      sleeping.set(sleepId, () => {
        signal?.removeEventListener('abort', abort);
        resolve(value);
      });
      parentPort.postMessage({ type: 'sleep', sleepId, ms });
      quietSoon();
    });
  syncBuiltinESMExports();

  parentPort.on('message', (message) => {
    if (message.type !== 'wake') return;
    now = message.now;
    wakes++;
    sleeping.get(message.sleepId)?.();
    sleeping.delete(message.sleepId);
    quietSoon();
  });
}

/** Lines go to the main thread as messages, not as streams, so that none comes after the result that it preceded. */
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

/** What nothing has caught ends the process, and with it the invocation. */
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

/** As Node's own timer rejects. */
function abortError(signal) {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}
