import type { Clock } from '../core/clock';
import type { Authorize } from './iam';
import type { Lambda } from './lambda/lambda';
import type { StepFunctions } from './step-functions/step-functions';

/** An event that is published. */
export interface PublishedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** In ISO 8601. Default: now. */
  readonly time?: string;
}

/** An event pattern: each name has a list of matchers, or a pattern of its members. */
export interface Pattern {
  readonly [name: string]: Pattern | readonly Matcher[];
}
type Matcher = string | { readonly prefix: string };

/** The target of a rule: a function or a state machine. */
export interface Target {
  readonly Arn: string;
  /** The role that starts a state machine. */
  readonly RoleArn?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

interface Rule {
  readonly pattern: Pattern;
  readonly targets: readonly Target[];
}

export interface EventsOptions {
  readonly clock: Clock;
  readonly lambda: Pick<Lambda, 'has' | 'invokeAsync'>;
  readonly stepFunctions: Pick<StepFunctions, 'startExecution'>;
  /** As in `Authorize`, for the ARN of a role. */
  readonly authorize: (roleArn: string, request: Parameters<Authorize>[1]) => string | undefined;
}

/** EventBridge, limited to rules that invoke functions with the whole event, or start state machines. */
export class Events {
  private readonly rules = new Map<string, Rule>();

  constructor(private readonly options: EventsOptions) {}

  put(name: string, { pattern, targets }: Rule): void {
    for (const target of targets) validateTarget(target);
    validatePattern(pattern);
    this.rules.set(name, { pattern, targets });
  }

  remove(name: string): void {
    this.rules.delete(name);
  }

  publish(published: PublishedEvent): void {
    const { clock } = this.options;
    // The times of EventBridge have no fractions of a second.
    const event = { time: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'), ...published };
    for (const { pattern, targets } of this.rules.values()) {
      if (matches(pattern, event)) for (const target of targets) this.deliver(target, event);
    }
  }

  private deliver(target: Target, event: PublishedEvent): void {
    const { lambda, stepFunctions, authorize } = this.options;
    const { Arn, RoleArn = '' } = target;
    if (kindOf(target) === 'lambda') {
      if (lambda.has(Arn)) lambda.invokeAsync(Arn, event);
      return;
    }
    const denial = authorize(RoleArn, { action: 'states:StartExecution', resource: Arn });
    if (denial !== undefined) throw new Error(`the emulated EventBridge cannot start ${Arn}: ${denial}`);
    stepFunctions.startExecution({ stateMachineArn: Arn, input: inputOf(target, event) });
  }
}

/** Renders the input of a target. */
export function inputOf({ InputTransformer }: Target, event: PublishedEvent): string {
  if (!InputTransformer) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate } = InputTransformer;
  const input = InputTemplate.replace(/<([^<>]+)>/g, (whole, name: string) => {
    const path = InputPathsMap[name];
    if (path === undefined) return whole;
    return JSON.stringify(at(event, path)) ?? '';
  });
  JSON.parse(input);
  return input;
}

/** @param path such as `$.detail.state` */
function at(event: unknown, path: string): unknown {
  const names = path.split('.').slice(1);
  return names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
}

function kindOf({ Arn }: Target): string | undefined {
  return Arn.split(':')[2];
}

/** The supported members of a target. Other members would change its input. */
const TARGET_MEMBERS = ['Id', 'Arn', 'RoleArn', 'InputTransformer', 'RetryPolicy', 'DeadLetterConfig'];

function validateTarget(target: Target): void {
  const unsupported = Object.keys(target).find((member) => !TARGET_MEMBERS.includes(member));
  if (unsupported !== undefined)
    throw new Error(`the emulated EventBridge does not support ${unsupported} of a target`);
  const kind = kindOf(target);
  if (kind === 'states' || (kind === 'lambda' && !target.InputTransformer)) return;
  throw new Error(`the emulated EventBridge cannot send events to ${target.Arn} with these properties`);
}

function matches(pattern: Pattern, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([name, expected]) => {
    const found = (value as Record<string, unknown>)[name];
    return isList(expected) ? expected.some((matcher) => accepts(matcher, found)) : matches(expected, found);
  });
}

function accepts(matcher: Matcher, found: unknown): boolean {
  return typeof matcher === 'string' ? matcher === found : String(found).startsWith(matcher.prefix);
}

function isList(value: Pattern | readonly Matcher[]): value is readonly Matcher[] {
  return Array.isArray(value);
}

/** Rejects the matchers that are not emulated, which would never match. */
function validatePattern(pattern: Pattern): void {
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
