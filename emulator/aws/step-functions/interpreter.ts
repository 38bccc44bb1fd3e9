import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Clock } from '../../core/clock';

export type Interpreter = typeof import('aws-local-stepfunctions', { with: {
  'resolution-mode': 'import',
}}).StateMachine;

/** A timer as long as a task's default timeout: never. Longer than a timer of Node can be, too. */
export const NEVER_SECONDS = 99_999_999;

/** What of its surroundings the interpreter gets in the place of the global of that name. */
function globalsOf(clock: Clock, random: () => number) {
  return {
    setTimeout: (callback: () => void, ms: number) =>
      ms >= NEVER_SECONDS * 1000 ? undefined : clock.schedule(ms, callback),
    clearTimeout: (cancel: (() => void) | undefined) => cancel?.(),
    Date: dateOf(clock),
    Math: Object.assign(Object.create(Math), { random }),
    Promise: PromiseWithResolvers,
  };
}

/**
 * Loads the interpreter of the Amazon States Language with the clock's time in the place of the machine's: it takes its
 * time and its chance from globals and from nowhere else, so it gets globals of its own.
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

/** The interpreter's own dependencies, without the two by which it would call AWS for a task that nobody takes. */
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

/** `Promise.withResolvers`, which the interpreter wants and Node has from 22 on. */
class PromiseWithResolvers<T> extends Promise<T> {
  static withResolvers<T>() {
    let resolve: (value: T) => void = () => undefined;
    let reject: (reason: unknown) => void = () => undefined;
    const promise = new PromiseWithResolvers<T>((resolved, rejected) => {
      resolve = resolved;
      reject = rejected;
    });
    return { promise, resolve, reject };
  }
}
