/** An event pattern: each name has a list of matchers, or a pattern of its members. */
export interface Pattern {
  readonly [name: string]: Pattern | readonly Matcher[];
}
type Matcher = string | { readonly prefix: string };

/** Whether a value matches a pattern. */
export function matchesPattern(pattern: Pattern, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([name, expected]) => {
    const found = (value as Record<string, unknown>)[name];
    return isList(expected) ? expected.some((matcher) => accepts(matcher, found)) : matchesPattern(expected, found);
  });
}

function accepts(matcher: Matcher, found: unknown): boolean {
  return typeof matcher === 'string' ? matcher === found : String(found).startsWith(matcher.prefix);
}

function isList(value: Pattern | readonly Matcher[]): value is readonly Matcher[] {
  return Array.isArray(value);
}

/** Rejects the matchers that are not emulated, which would never match. */
export function validatePattern(pattern: Pattern): void {
  for (const [name, expected] of Object.entries(pattern)) {
    if (!isList(expected)) validatePattern(expected);
    else if (!expected.every(isSupported)) {
      throw new Error(
        `the emulated EventBridge supports only lists of strings and prefixes, not ${JSON.stringify(expected)} for ${name}`,
      );
    }
  }
}

function isSupported(matcher: Matcher): boolean {
  return (
    typeof matcher === 'string' || (Object.keys(matcher).join() === 'prefix' && typeof matcher.prefix === 'string')
  );
}
