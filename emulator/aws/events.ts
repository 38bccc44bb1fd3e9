import type { Clock } from '../core/clock';
import type { Authorize } from './iam';
import type { Lambda } from './lambda/lambda';
import type { StepFunctions } from './step-functions/step-functions';

/** What happened, as whoever publishes it says it. */
export interface PublishedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** In ISO 8601; now, unless told. */
  readonly time?: string;
}

/** Names lead to lists of what fits, or to a pattern of what is below. */
export interface Pattern {
  readonly [name: string]: Pattern | readonly Fitting[];
}
type Fitting = string | { readonly prefix: string };

/** Where a rule sends what fits it: a function, or a state machine. */
export interface Target {
  readonly Arn: string;
  /** As whom it is started; a function is invoked as nobody. */
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
  /** Whether a role may start a state machine. */
  readonly authorize: (roleArn: string, request: Parameters<Authorize>[1]) => string | undefined;
}

/** EventBridge, as far as rules go that hand events to functions as they are, or start state machines. */
export class Events {
  private readonly rules = new Map<string, Rule>();

  constructor(private readonly options: EventsOptions) {}

  put(name: string, { pattern, targets }: Rule): void {
    for (const target of targets) checkTarget(target);
    this.rules.set(name, { pattern: checked(pattern), targets });
  }

  remove(name: string): void {
    this.rules.delete(name);
  }

  publish(published: PublishedEvent): void {
    const { clock } = this.options;
    // EventBridge tells whole seconds.
    const event = { time: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'), ...published };
    for (const { pattern, targets } of this.rules.values()) {
      if (fits(pattern, event)) for (const target of targets) this.deliver(target, event);
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
    if (denial !== undefined) throw new Error(`the embedded eventbridge cannot start ${Arn}: ${denial}`);
    stepFunctions.startExecution({ stateMachineArn: Arn, input: inputOf(target, event) });
  }
}

/** What a target is given. */
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

/** Anything else that is said of a target would change what it is given, except how often it is tried again. */
const TARGET_MEMBERS = ['Id', 'Arn', 'RoleArn', 'InputTransformer', 'RetryPolicy', 'DeadLetterConfig'];

function checkTarget(target: Target): void {
  const stranger = Object.keys(target).find((member) => !TARGET_MEMBERS.includes(member));
  if (stranger !== undefined) throw new Error(`the embedded eventbridge does not know ${stranger} of a target`);
  const kind = kindOf(target);
  if (kind === 'states' || (kind === 'lambda' && !target.InputTransformer)) return;
  throw new Error(`the embedded eventbridge cannot send events to ${target.Arn} like this`);
}

function fits(pattern: Pattern, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([name, expected]) => {
    const found = (value as Record<string, unknown>)[name];
    return isList(expected) ? expected.some((one) => fitsOne(one, found)) : fits(expected, found);
  });
}

function fitsOne(fitting: Fitting, found: unknown): boolean {
  return typeof fitting === 'string' ? fitting === found : String(found).startsWith(fitting.prefix);
}

function isList(value: Pattern | readonly Fitting[]): value is readonly Fitting[] {
  return Array.isArray(value);
}

/** Wildcards and the like are not known here, and would never fit. */
function checked(pattern: Pattern): Pattern {
  for (const [name, expected] of Object.entries(pattern)) {
    if (!isList(expected)) checked(expected);
    else if (!expected.every(isKnown)) {
      throw new Error(
        `the embedded eventbridge knows lists of texts and prefixes only, not ${JSON.stringify(expected)} for ${name}`,
      );
    }
  }
  return pattern;
}

function isKnown(fitting: Fitting): boolean {
  return (
    typeof fitting === 'string' || (Object.keys(fitting).join() === 'prefix' && typeof fitting.prefix === 'string')
  );
}
