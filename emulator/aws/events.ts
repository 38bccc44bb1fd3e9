import type { Clock } from '../core/clock';
import { Delivery } from '../core/delivery';
import { type ServiceCall, ServiceError } from '../core/http-server';
import { matchesPattern, type Pattern, validatePattern } from './event-pattern';
import type { Authorize } from './iam';
import type { Lambda } from './lambda/lambda';

/** An event that is published. */
export interface PublishedEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail: Readonly<Record<string, unknown>>;
  /** In ISO 8601. Default: now. */
  readonly time?: string;
}

/** The target of a rule: a function or a state machine. */
export interface Target {
  readonly Arn: string;
  /** The role that starts a state machine. */
  readonly RoleArn?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  readonly RetryPolicy?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  readonly DeadLetterConfig?: { readonly Arn?: string };
}

/** An entry of PutEvents, as Step Functions takes it: its detail is no text. */
interface PutEntry {
  readonly Source: string;
  readonly DetailType: string;
  readonly Detail: PublishedEvent['detail'];
}

interface Rule {
  readonly pattern: Pattern;
  readonly targets: readonly Target[];
}

/** An event that did not reach a target. */
export interface FailedInvocation {
  readonly ruleArn: string;
  readonly target: Target;
  readonly event: PublishedEvent;
  readonly reason: string;
}

export interface EventsOptions {
  readonly clock: Clock;
  readonly lambda: Pick<Lambda, 'has' | 'invokeAsync'>;
  readonly startExecution: (request: { readonly stateMachineArn: string; readonly input: string }) => unknown;
  /** As in `Authorize`, for the ARN of a role. */
  readonly authorize: (roleArn: string, request: Parameters<Authorize>[1]) => string | undefined;
  /** Whether the policy of a function allows a rule to invoke it. */
  readonly mayInvoke: (functionArn: string, ruleArn: string) => boolean;
  /** When events are delivered. Default: once, immediately. */
  readonly delivery?: Delivery;
}

/** The defaults of a retry policy. */
const MAX_RETRIES = 185;
const MAX_AGE_SECONDS = 24 * 60 * 60;
const BACKOFF = { first: 1_000, max: 600_000 };

interface PendingInvocation extends Omit<FailedInvocation, 'reason'> {
  readonly publishedAt: number;
}

/** EventBridge, limited to rules that invoke functions with the whole event, or start state machines. */
export class Events {
  /** The events that did not reach a target. A dead-letter queue would receive them. */
  readonly failedInvocations: FailedInvocation[] = [];
  private readonly rules = new Map<string, Rule>();
  private readonly delivery: Delivery;
  private closed = false;

  constructor(private readonly options: EventsOptions) {
    this.delivery = options.delivery ?? Delivery.PROMPT;
  }

  put(ruleArn: string, { pattern, targets }: Rule): void {
    for (const target of targets) validateTarget(target);
    validatePattern(pattern);
    this.rules.set(ruleArn, { pattern, targets });
  }

  remove(ruleArn: string): void {
    this.rules.delete(ruleArn);
  }

  publish(published: PublishedEvent): void {
    const publishedAt = this.options.clock.now();
    // The times of EventBridge have no fractions of a second.
    const event = { time: new Date(publishedAt).toISOString().replace(/\.\d+Z$/, 'Z'), ...published };
    for (const [ruleArn, { pattern, targets }] of this.rules) {
      if (!matchesPattern(pattern, event)) continue;
      for (const target of targets) {
        for (const delay of this.delivery.next(ruleArn)) {
          this.schedule({ ruleArn, target, event, publishedAt }, 1, delay);
        }
      }
    }
  }

  /** Answers PutEvents. An event goes to the default event bus. */
  call({ operation, input }: ServiceCall): object {
    if (operation !== 'PutEvents')
      throw new ServiceError('InvalidAction', `the emulated EventBridge has no ${operation}`);
    const entries = input.Entries as readonly PutEntry[];
    for (const { Source, DetailType, Detail } of entries) {
      this.publish({ source: Source, 'detail-type': DetailType, detail: Detail });
    }
    return { FailedEntryCount: 0, Entries: entries.map((_entry, index) => ({ EventId: `event-${index}` })) };
  }

  /** Ends all deliveries. */
  close(): void {
    this.closed = true;
  }

  private schedule(invocation: PendingInvocation, attempt: number, delay: number): void {
    if (delay === 0) this.attempt(invocation, attempt);
    else this.options.clock.schedule(delay, () => this.attempt(invocation, attempt));
  }

  private attempt(invocation: PendingInvocation, attempt: number): void {
    if (this.closed) return;
    try {
      const reason = this.invoke(invocation);
      if (reason !== undefined) this.fail(invocation, reason);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      // Other errors of the target would come again.
      if (error.type === 'ThrottlingException') this.retry(invocation, attempt, error);
      else this.fail(invocation, describe(error));
    }
  }

  /** Invokes the target. Returns the reason if it does not exist or permissions are missing, which is not retried. */
  private invoke({ ruleArn, target, event }: PendingInvocation): string | undefined {
    const { lambda, startExecution, authorize, mayInvoke } = this.options;
    const { Arn, RoleArn = '' } = target;
    if (kindOf(target) === 'lambda') {
      if (!lambda.has(Arn)) return `the function ${Arn} does not exist`;
      if (!mayInvoke(Arn, ruleArn)) return `the policy of ${Arn} does not allow ${ruleArn} to invoke it`;
      lambda.invokeAsync(Arn, event);
      return undefined;
    }
    const denial = authorize(RoleArn, { action: 'states:StartExecution', resource: Arn });
    if (denial === undefined) startExecution({ stateMachineArn: Arn, input: inputOf(target, event) });
    return denial;
  }

  private retry(invocation: PendingInvocation, attempt: number, error: ServiceError): void {
    const { MaximumRetryAttempts = MAX_RETRIES, MaximumEventAgeInSeconds = MAX_AGE_SECONDS } =
      invocation.target.RetryPolicy ?? {};
    const delay = Math.min(BACKOFF.max, BACKOFF.first * 2 ** (attempt - 1));
    const age = this.options.clock.now() + delay - invocation.publishedAt;
    if (attempt > MaximumRetryAttempts || age > MaximumEventAgeInSeconds * 1000) {
      this.fail(invocation, describe(error));
    } else {
      this.schedule(invocation, attempt + 1, delay);
    }
  }

  private fail({ ruleArn, target, event }: PendingInvocation, reason: string): void {
    this.failedInvocations.push({ ruleArn, target, event, reason });
  }
}

function describe({ type, message }: ServiceError): string {
  return `${type}: ${message}`;
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
  if (unsupported !== undefined) {
    throw new Error(`the emulated EventBridge does not support ${unsupported} of a target`);
  }
  const kind = kindOf(target);
  if (kind === 'states' || (kind === 'lambda' && !target.InputTransformer)) return;
  throw new Error(`the emulated EventBridge cannot send events to ${target.Arn} with these properties`);
}
