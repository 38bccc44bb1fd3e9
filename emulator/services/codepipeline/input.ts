import { ServiceError } from '../../core/http-server';
import { type Input, offset, optionalNumber, optionalText } from '../../core/json-input';

/** Readers of the inputs of AWS CodePipeline, which throw its errors. */

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

/** The size of a page. */
export function maxResults(input: Input): number {
  const value = optionalNumber(input, 'maxResults') ?? 100;
  if (!Number.isInteger(value) || value < 1 || value > 100) {
    throw invalid('maxResults', 'Member must be from 1 to 100');
  }
  return value;
}

/** The index that the page starts at. */
export function pageStart(input: Input): number {
  return offset(input, new ServiceError('InvalidNextTokenException', 'The next token is not valid.'));
}

/** Rejects a member that is not emulated. */
export function refuse(input: Input, member: string): void {
  if ((input[member] ?? undefined) === undefined) return;
  throw new ServiceError('ValidationException', `the emulated AWS CodePipeline does not support ${member}`);
}

function matching(input: Input, member: string, pattern: RegExp): string {
  const value = optionalText(input, member);
  if (value === undefined) throw invalid(member, 'Member must not be null');
  if (!pattern.test(value)) throw invalid(member, `Member must satisfy regular expression pattern: ${pattern.source}`);
  return value;
}

function invalid(member: string, constraint: string): ServiceError {
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}
