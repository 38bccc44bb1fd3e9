import type { MetricLogFields } from '../lib/contract/cancellation';

/**
 * What a log line may say: these fields, and no others. Not in here, on purpose: the place to answer to, a spec, and any
 * message of a service, all of which may hold secrets.
 */
export interface LogFields extends MetricLogFields {
  readonly requestType?: string;
  readonly requestId?: string;
  readonly stackId?: string;
  readonly stackStatus?: string;
  readonly plan?: string;
  readonly kind?: string;
  readonly executionName?: string;
  readonly executionArn?: string;
  readonly deploymentId?: string;
  readonly next?: string;
  readonly failed?: boolean;
  readonly total?: number;
  readonly inFlight?: number;
  readonly attempt?: number;
  readonly statusCode?: number;
}

/** The same at run time, where an object may hold more than its type says. */
const ALLOWED: Readonly<Record<keyof LogFields, true>> = {
  requestType: true,
  requestId: true,
  stackId: true,
  logicalResourceId: true,
  stackStatus: true,
  plan: true,
  kind: true,
  displayName: true,
  executionName: true,
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
  statusCode: true,
  durationMs: true,
};

/** Writes one structured line. With Lambda's JSON log format the fields can be queried as they are. */
export function log(event: string, fields: LogFields = {}): void {
  const said = Object.entries(fields).filter(([name, value]) => Object.hasOwn(ALLOWED, name) && value !== undefined);
  console.info({ event, ...Object.fromEntries(said) });
}

/** The name of an error, which is all of it that may be logged. What does not look like a name may be anything. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return /^\w{1,100}$/.test(error.name) ? error.name : 'Error';
}
