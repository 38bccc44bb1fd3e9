import type { Outcome, Result } from '../lib/contract/cancellation';

/** The exit codes, for the help and the documents. */
export const EXIT_CODES = [
  {
    code: 0,
    meaning: 'the deployment is over, with an outcome that is not one of --fail-on, or there was nothing to cancel',
  },
  { code: 1, meaning: 'the outcome is one of --fail-on, the service refused, or the resource does not exist' },
  { code: 2, meaning: 'the arguments are not valid' },
  { code: 3, meaning: 'access was denied, or there are no credentials' },
  { code: 4, meaning: 'the deployment was not over before --timeout' },
  { code: 5, meaning: 'the service did not respond' },
  { code: 130, meaning: 'interrupted, or not confirmed' },
] as const;

export type ExitCode = (typeof EXIT_CODES)[number]['code'];

const CODES: Readonly<Partial<Record<Outcome, ExitCode>>> = {
  ACCESS_DENIED: 3,
  TIMED_OUT: 4,
  UNAVAILABLE: 5,
  ERROR: 2,
};

export function exitCodeOf({ outcome, failed }: Pick<Result, 'outcome' | 'failed'>): ExitCode {
  return failed ? (CODES[outcome] ?? 1) : 0;
}
