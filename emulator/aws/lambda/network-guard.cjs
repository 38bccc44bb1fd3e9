// Confines a function to the endpoints of the emulator. Calls of AWS are redirected to them, whatever endpoint their client
// has. Any other connection is refused and reported.
const childProcess = require('node:child_process');
const dgram = require('node:dgram');
const dns = require('node:dns');
const http = require('node:http');
const https = require('node:https');
const { syncBuiltinESMExports } = require('node:module');
const net = require('node:net');
const { urlToHttpOptions } = require('node:url');
const workerThreads = require('node:worker_threads');

/**
 * @param {readonly string[]} endpoints the URLs that the function may connect to. AWS calls go to the first one
 * @param {(target: string) => void} report called with the target of each refused connection
 */
module.exports = function confineNetwork(endpoints, report) {
  const urls = endpoints.map((endpoint) => new URL(endpoint));
  const allowed = new Set(urls.map(({ hostname, port, protocol }) => `${hostname}:${port || portOf(protocol)}`));
  const hosts = new Set(urls.map(({ hostname }) => hostname));

  const refuse = (target) => {
    report(target);
    const error = new Error(`connection to ${target} refused: a function connects to the emulator only`);
    return Object.assign(error, { code: 'ECONNREFUSED' });
  };

  redirectAwsCalls(urls[0], allowed);
  guardSockets(allowed, refuse);
  guardLookups(hosts, refuse);
  guardDatagrams(refuse);
  guardProcesses(refuse);
  syncBuiltinESMExports();
};

/**
 * Redirects HTTP and HTTPS requests that are signed for AWS. Also redirects HTTPS requests to the emulator's host without a
 * port: the pre-signed URLs of CloudFormation are HTTPS on the default port, and some handlers use only their host name.
 */
function redirectAwsCalls(emulator, allowed) {
  const httpRequest = http.request;
  for (const [module, protocol] of [
    [http, 'http:'],
    [https, 'https:'],
  ]) {
    const request = module.request;
    module.request = (...args) => {
      const { options, callback } = normalizeRequest(args);
      const host = options.hostname ?? options.host ?? 'localhost';
      const target = `${host}:${options.port || portOf(options.protocol ?? protocol)}`;
      const isResponseUrl = protocol === 'https:' && host === emulator?.hostname && options.port === undefined;
      const isRedirected = !allowed.has(target) && (isResponseUrl || isSigned(options.headers));
      if (!isRedirected || emulator === undefined) return request(...args);
      const { hostname, port } = emulator;
      const agent = protocol === 'http:' ? options.agent : undefined;
      return httpRequest({ ...options, protocol: 'http:', host: hostname, hostname, port, agent }, callback);
    };
    module.get = (...args) => module.request(...args).end();
  }
}

/** The arguments of `http.request`: a URL, options, and a callback, of which any may be missing. */
function normalizeRequest(args) {
  const [first, ...others] = args;
  const isUrl = typeof first === 'string' || first instanceof URL;
  const url = isUrl ? urlToHttpOptions(new URL(first)) : {};
  const options = isUrl ? others.find((arg) => typeof arg === 'object') : first;
  return { options: { ...url, ...options }, callback: others.find((arg) => typeof arg === 'function') };
}

/** Whether a request has a signature of AWS, such as `AWS4-HMAC-SHA256 Credential=…`. */
function isSigned(headers = {}) {
  const entries = Array.isArray(headers) ? pairs(headers) : Object.entries(headers);
  return entries.some(([name, value]) => /^authorization$/i.test(name) && /^AWS4-/.test(String(value)));
}

function pairs(list) {
  return list.flat().flatMap((name, index, all) => (index % 2 === 0 ? [[name, all[index + 1]]] : []));
}

function portOf(protocol) {
  return protocol === 'https:' ? 443 : 80;
}

/** Every TCP, TLS, HTTP and fetch connection is a socket of `node:net`. */
function guardSockets(allowed, refuse) {
  const connect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (...args) {
    const target = targetOf(args);
    if (allowed.has(target)) return connect.apply(this, args);
    const error = refuse(target);
    this.connecting = true;
    process.nextTick(() => this.destroy(error));
    return this;
  };
}

/** The arguments of `connect`: options, a port and a host, a path, or the list that `net.connect` normalized them to. */
function targetOf([first, second]) {
  if (Array.isArray(first)) return targetOf(first);
  if (typeof first === 'object' && first !== null) return first.path ?? `${first.host ?? 'localhost'}:${first.port}`;
  const isPath = typeof first === 'string' && !/^\d+$/.test(first);
  return isPath ? first : `${typeof second === 'string' ? second : 'localhost'}:${first}`;
}

function guardLookups(hosts, refuse) {
  const isLocal = (host) => typeof host !== 'string' || hosts.has(host) || net.isIP(host) > 0;
  const guard = (object, name, fail) => {
    const original = object[name];
    if (typeof original !== 'function') return;
    object[name] = function (host, ...args) {
      const isQuery = name !== 'lookup' || !isLocal(host);
      return isQuery ? fail(refuse(host), args.at(-1)) : original.call(this, host, ...args);
    };
  };
  const later = (error, callback) => void process.nextTick(callback, error);
  const rejected = (error) => Promise.reject(error);
  const operations = Object.keys(dns).filter((name) => /^(lookup|resolve|reverse)/.test(name));
  for (const name of operations) {
    guard(dns, name, later);
    guard(dns.Resolver.prototype, name, later);
    guard(dns.promises, name, rejected);
    guard(dns.promises.Resolver.prototype, name, rejected);
  }
}

function guardDatagrams(refuse) {
  for (const name of ['send', 'connect']) {
    dgram.Socket.prototype[name] = (...args) => {
      const [port, address = 'localhost'] = args.filter((arg) => ['number', 'string'].includes(typeof arg)).slice(-2);
      throw refuse(`${address}:${port}`);
    };
  }
}

/** Another process or thread would not be confined. */
function guardProcesses(refuse) {
  for (const name of ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync']) {
    childProcess[name] = (file) => {
      throw refuse(`the process ${file}`);
    };
  }
  workerThreads.Worker = class {
    constructor(file) {
      throw refuse(`the thread ${file}`);
    }
  };
  process.dlopen = (_module, file) => {
    throw refuse(`the native module ${file}`);
  };
}
