import { ServiceError } from '../../core/http-server';

type Input = Readonly<Record<string, unknown>>;

/** Reads the input of a call, and refuses what AWS CodePipeline does not take. Members that are null are left out. */

const MAX_REASON = 200;

export function pipelineName(input: Input): string {
  return matching(input, 'pipelineName', /^[0-9A-Za-z.@_-]{1,100}$/);
}

export function executionId(input: Input): string {
  return matching(input, 'pipelineExecutionId', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
}

export function reason(input: Input): string | undefined {
  const value = optionalText(input, 'reason');
  if (value !== undefined && value.length > MAX_REASON) {
    throw invalid('reason', `Member must have length less than or equal to ${MAX_REASON}`);
  }
  return value;
}

export function optionalBoolean(input: Input, member: string): boolean | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw misfit(member);
  return value;
}

/** As many as a page holds. */
export function maxResults(input: Input): number {
  const value = input.maxResults ?? 100;
  if (typeof value !== 'number') throw misfit('maxResults');
  if (!Number.isInteger(value) || value < 1 || value > 100) {
    throw invalid('maxResults', 'Member must be from 1 to 100');
  }
  return value;
}

/** Where the page begins. */
export function offset(input: Input): number {
  const token = optionalText(input, 'nextToken');
  if (token === undefined) return 0;
  const digits = /^from-(\d{1,9})$/.exec(token)?.[1];
  if (digits === undefined) throw new ServiceError('InvalidNextTokenException', 'The next token is not valid.');
  return Number(digits);
}

/** What this CodePipeline does not know about. */
export function refuse(input: Input, member: string): void {
  if ((input[member] ?? undefined) === undefined) return;
  throw new ServiceError('ValidationException', `This is an embedded AWS CodePipeline without ${member}.`);
}

function matching(input: Input, member: string, pattern: RegExp): string {
  const value = optionalText(input, member);
  if (value === undefined) throw invalid(member, 'Member must not be null');
  if (!pattern.test(value)) throw invalid(member, `Member must satisfy regular expression pattern: ${pattern.source}`);
  return value;
}

function optionalText(input: Input, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw misfit(member);
  return value;
}

function invalid(member: string, constraint: string): ServiceError {
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

function misfit(member: string): ServiceError {
  return new ServiceError('SerializationException', `${member} has a type that cannot be read`);
}
