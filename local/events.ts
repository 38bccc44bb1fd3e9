import type { Lambda } from './lambda/lambda';

/** An event as EventBridge hands it to a target. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
}

interface Rule {
  readonly pattern: Pattern;
  readonly functionArns: readonly string[];
}

/** Names lead to lists of the values that fit, or to a pattern of what is below. */
export interface Pattern {
  readonly [name: string]: Pattern | readonly string[];
}

/** EventBridge, as far as rules go that hand events to functions as they are. */
export class Events {
  private readonly rules = new Map<string, Rule>();

  constructor(private readonly lambda: Lambda) {}

  put(name: string, rule: Rule): void {
    this.rules.set(name, { ...rule, pattern: checked(rule.pattern) });
  }

  remove(name: string): void {
    this.rules.delete(name);
  }

  publish(event: BusEvent): void {
    for (const { pattern, functionArns } of this.rules.values()) {
      if (!fits(pattern, event)) continue;
      for (const arn of functionArns) if (this.lambda.has(arn)) this.lambda.invokeAsync(arn, event);
    }
  }
}

function fits(pattern: Pattern, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([name, expected]) => {
    const found = (value as Record<string, unknown>)[name];
    return isList(expected) ? expected.some((candidate) => candidate === found) : fits(expected, found);
  });
}

function isList(value: Pattern | readonly string[]): value is readonly string[] {
  return Array.isArray(value);
}

/** Prefixes, wildcards and the like are not known here, and would never fit. */
function checked(pattern: Pattern): Pattern {
  for (const [name, expected] of Object.entries(pattern)) {
    if (!isList(expected)) checked(expected);
    else if (expected.some((candidate) => typeof candidate !== 'string')) {
      throw new Error(
        `the embedded eventbridge knows lists of texts only, not ${JSON.stringify(expected)} for ${name}`,
      );
    }
  }
  return pattern;
}
