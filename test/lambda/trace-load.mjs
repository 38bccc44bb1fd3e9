// node trace-load.mjs FILE: imports a module, and prints as JSON what it has opened and called by the time it is loaded:
// files outside of its folder, hosts and processes.
import childProcess from 'node:child_process';
import dns from 'node:dns';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { dirname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [file] = process.argv.slice(2);
const used = [];

/** Replaces the functions of those names with ones that note their first argument. */
function trace(api, pattern) {
  for (const [name, original] of Object.entries(api)) {
    if (typeof original !== 'function' || !pattern.test(name)) continue;
    api[name] = function (...args) {
      const what = args[0] instanceof URL ? fileURLToPath(args[0]) : args[0];
      if (!String(what).startsWith(dirname(file) + sep)) used.push(`${name} ${JSON.stringify(what)}`);
      return original.apply(this, args);
    };
  }
}

trace(fs, /^(access|createReadStream|exists|l?stat|open|opendir|readdir|readFile|readlink)(Sync)?$/);
trace(fs.promises, /^(access|l?stat|open|opendir|readdir|readFile|readlink)$/);
trace(net.Socket.prototype, /^connect$/);
trace(dns, /^lookup$/);
trace(childProcess, /^(exec|execFile|fork|spawn)(Sync)?$/);
syncBuiltinESMExports();

await import(pathToFileURL(file).href);
process.stdout.write(JSON.stringify(used));
