import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** The longest text of a value that an error repeats. */
const MAX_SHOWN = 100;

/** Describes a wrong value in an error. */
export function describe(value: unknown): string {
  if (Construct.isConstruct(value)) return `construct ${value.node.path}`;
  if (Token.isUnresolved(value)) return 'a token';
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (typeof value === 'function') return `the function or class ${value.name}`;
  if (typeof value !== 'object' || value === null || isPlain(value)) return shorten(String(textOf(value)));
  return `an object of class ${value.constructor.name}`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** `undefined`, and numbers that JSON does not have, have a text of their own. */
function textOf(value: unknown): unknown {
  if (typeof value !== 'object') return value;
  try {
    return JSON.stringify(value);
  } catch {
    return 'an object with a cycle';
  }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
