import type { MetricLogFields } from '../lib/contract/cancellation';
import { CallError } from './call-error';

/**
 * The fields that a log line may have. Response URLs, specs and messages of services are left out on purpose: they may
 * hold secrets.
 */
export interface LogFields extends MetricLogFields {
  readonly requestType?: string;
  readonly requestId?: string;
  readonly stackId?: string;
  readonly stackStatus?: string;
  readonly requestedAt?: string;
  readonly plan?: string;
  readonly kind?: string;
  readonly executionName?: string;
  /** The key of a stored value. */
  readonly key?: string;
  readonly executionArn?: string;
  readonly deploymentId?: string;
  readonly next?: string;
  readonly failed?: boolean;
  readonly total?: number;
  readonly inFlight?: number;
  readonly attempt?: number;
  /** The mark that takes the place of a response URL. */
  readonly mark?: string;
  readonly statusCode?: number;
}

/** The same fields at run time, because an object may have more properties than its type. */
const ALLOWED: Readonly<Record<keyof LogFields, true>> = {
  requestType: true,
  requestId: true,
  stackId: true,
  logicalResourceId: true,
  stackStatus: true,
  requestedAt: true,
  plan: true,
  kind: true,
  displayName: true,
  executionName: true,
  key: true,
  executionArn: true,
  operation: true,
  deploymentId: true,
  deploymentStatus: true,
  next: true,
  outcome: true,
  failed: true,
  errorName: true,
  total: true,
  inFlight: true,
  attempt: true,
  mark: true,
  statusCode: true,
  durationMs: true,
};

/** Writes one structured log line. With Lambda's JSON log format, every field can be queried. */
export function log(event: string, fields: LogFields = {}): void {
  const allowed = Object.entries(fields).filter(([name, value]) => Object.hasOwn(ALLOWED, name) && value !== undefined);
  console.info({ event, ...Object.fromEntries(allowed) });
}

/** Awaits a call that may fail. Logs the name of its error, and returns undefined. */
export async function tryOrLog<T>(call: Promise<T>, event: string, fields: LogFields): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    log(event, {
      ...fields,
      ...(error instanceof CallError && { operation: error.action }),
      errorName: errorName(error),
    });
    return undefined;
  }
}

/** The name of an error, which is the only part of it that may be logged. Anything that is no identifier is replaced. */
export function errorName(error: unknown): string {
  if (error instanceof CallError) return error.errorName;
  if (!(error instanceof Error)) return typeof error;
  return /^\w{1,100}$/.test(error.name) ? error.name : 'Error';
}
