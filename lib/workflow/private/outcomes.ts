import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { type Outcome, TERMINAL_OUTCOMES, type TerminalOutcome } from '../../contract/cancellation';
import { CancellationOutcome } from '../../contract/outcome';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';

const ALWAYS_FAILS = 'is always a failure';

/** Why the other outcomes are not allowed in `failOn`. */
const NOT_IN_FAIL_ON: Readonly<Record<Exclude<Outcome, TerminalOutcome>, string>> = {
  NOT_FOUND: 'is a failure by default: use onNotFound to decide',
  TIMED_OUT: ALWAYS_FAILS,
  REFUSED: ALWAYS_FAILS,
  ACCESS_DENIED: ALWAYS_FAILS,
  UNAVAILABLE: ALWAYS_FAILS,
  ERROR: ALWAYS_FAILS,
  SKIPPED: 'is never a failure, because the deployment was not to be cancelled',
  NOT_ATTEMPTED: 'is never a failure, because it would make the rollback of the stack fail',
  ARMED: 'is never a failure, because it means that a guard is armed',
};

function isTerminal(outcome: string): outcome is TerminalOutcome {
  return (TERMINAL_OUTCOMES as readonly string[]).includes(outcome);
}

function isOther(outcome: string): outcome is keyof typeof NOT_IN_FAIL_ON {
  return Object.hasOwn(NOT_IN_FAIL_ON, outcome);
}

/** @throws if an outcome cannot be in `failOn`; the compiler does not check JavaScript */
export function validateFailOn(outcomes: readonly string[] | undefined, scope: IConstruct): TerminalOutcome[] {
  const allowed = TERMINAL_OUTCOMES.join(', ');
  if (outcomes === undefined) return [];
  if (!Array.isArray(outcomes) || Token.isUnresolved(outcomes)) {
    throw new InvalidConfigurationError(`failOn must be a list of ${allowed}, not ${describe(outcomes)}`, scope);
  }
  return outcomes.map((outcome) => {
    if (isTerminal(outcome)) return outcome;
    const problem = isOther(outcome)
      ? `cannot contain ${outcome}, which ${NOT_IN_FAIL_ON[outcome]}`
      : `must contain only ${allowed}, not ${describe(outcome)}`;
    throw new InvalidConfigurationError(`failOn ${problem}`, scope);
  });
}

/** The outcomes that metrics count, the best first. */
export const COUNTED_OUTCOMES: readonly CancellationOutcome[] = [
  CancellationOutcome.CANCELLED,
  CancellationOutcome.COMPLETED_FIRST,
  CancellationOutcome.NOTHING_TO_CANCEL,
  CancellationOutcome.SKIPPED,
  CancellationOutcome.SUPERSEDED,
  CancellationOutcome.CANCEL_FAILED,
  CancellationOutcome.NOT_FOUND,
  CancellationOutcome.TIMED_OUT,
  CancellationOutcome.REFUSED,
  CancellationOutcome.ACCESS_DENIED,
  CancellationOutcome.UNAVAILABLE,
  CancellationOutcome.ERROR,
];

/** Why metrics do not count the other outcomes. */
const NOT_COUNTED: Readonly<Partial<Record<Outcome, string>>> = {
  ARMED: ': arming a guard is no cancellation',
  NOT_ATTEMPTED: ': the workflow does not run while the stack rolls back',
};

/** @throws if metrics do not count the outcome */
export function validateCounted(outcome: CancellationOutcome, scope: IConstruct): void {
  if (COUNTED_OUTCOMES.includes(outcome)) return;
  throw new InvalidConfigurationError(
    `outcome must be one of ${COUNTED_OUTCOMES.join(', ')}, not ${describe(outcome)}${NOT_COUNTED[outcome] ?? ''}`,
    scope,
  );
}
