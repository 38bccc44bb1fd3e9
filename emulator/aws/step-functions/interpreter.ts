import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Clock } from '../../core/clock';

export type Interpreter = typeof import('aws-local-stepfunctions', { with: {
  'resolution-mode': 'import',
}}).StateMachine;

/** The default timeout of a task, which never ends. Timers of Node cannot be that long. */
export const NEVER_SECONDS = 99_999_999;

/** The replacements for globals of the interpreter. */
function globalsOf(clock: Clock, random: () => number) {
  return {
    setTimeout: (callback: () => void, ms: number) =>
      ms >= NEVER_SECONDS * 1000 ? undefined : clock.schedule(ms, callback),
    clearTimeout: (cancel: (() => void) | undefined) => cancel?.(),
    Date: dateOf(clock),
    Math: Object.assign(Object.create(Math), { random }),
  };
}

/**
 * Loads the interpreter of the Amazon States Language with the time of the clock. It takes time and random numbers only
 * from globals, so they are replaced.
 */
export function loadInterpreter(clock: Clock, random: () => number): Interpreter {
  const file = require.resolve('aws-local-stepfunctions');
  const globals = globalsOf(clock, random);
  const engineModule = { exports: {} as { StateMachine: Interpreter } };
  source ??= readFileSync(file, 'utf8');
  new Function('module', 'require', ...Object.keys(globals), source)(
    engineModule,
    requireFrom(file),
    ...Object.values(globals),
  );
  return engineModule.exports.StateMachine;
}

let source: string | undefined;

/** Requires the dependencies of the interpreter, except the clients that would call AWS for a task without a handler. */
function requireFrom(file: string): (id: string) => unknown {
  const from = createRequire(file);
  return (id) => (id.startsWith('@aws-sdk/') ? {} : from(id));
}

function dateOf(clock: Clock): DateConstructor {
  return new Proxy(Date, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [clock.now()] : args, newTarget),
    get: (target, property) => (property === 'now' ? () => clock.now() : Reflect.get(target, property)),
  });
}
