/** Returns what is wrong with a value, or undefined. */
export type Validator = (value: unknown) => string | undefined;

/** The longest part of a wrong value that an error repeats. */
const MAX_SHOWN = 255;

interface StringRules {
  readonly pattern: RegExp;
  /** The pattern in words, after "must": `start with a letter`. */
  readonly rule: string;
  /** Default: the pattern limits the length. */
  readonly maxLength?: number;
}

/** Creates a validator of strings. */
export function stringValidator({ pattern, rule, maxLength }: StringRules): Validator {
  return (value) => {
    if (typeof value !== 'string') return `must be a string, not ${value === null ? 'null' : typeof value}`;
    if (maxLength !== undefined && (value.length < 1 || value.length > maxLength)) {
      return `must have 1 to ${maxLength} characters, not ${value.length}`;
    }
    return pattern.test(value) ? undefined : `must ${rule}, not '${value.slice(0, MAX_SHOWN)}'`;
  };
}
