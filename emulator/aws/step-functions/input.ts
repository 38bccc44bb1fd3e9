import { type ServiceCall, ServiceError } from '../../core/http-server';
import { MAX_DATA } from './task';

const MAX_NAME = 80;
const PAGE = { default: 100, max: 1000 };

/** Characters that AWS forbids in names: white space, brackets, wildcards, control characters, separators of ARNs and URLs. */
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}]/u;

export function checkName(name: string): void {
  if (name.length === 0) throw invalid(constraint('name', 'Member must have length greater than or equal to 1'));
  if (name.length > MAX_NAME) {
    throw invalid(constraint('name', `Member must have length less than or equal to ${MAX_NAME}`));
  }
  if (FORBIDDEN_IN_NAMES.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}

export function checkInput(input: string): void {
  const refuse = (reason: string) =>
    new ServiceError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`);
  if (Buffer.byteLength(input) > MAX_DATA) throw refuse(`the input is larger than ${MAX_DATA} bytes`);
  try {
    JSON.parse(input);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

export function checkArn(arn: string, resourceType: string): void {
  if (!arn.startsWith('arn:')) throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  if (arn.split(':')[5] === resourceType) return;
  throw new ServiceError('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: ${arn.split(':')[5]}'`);
}

export function required(input: ServiceCall['input'], member: string): string {
  const value = optional(input, member);
  if (value === undefined) throw invalid(constraint(member, 'Member must not be null'));
  return value;
}

export function optional(
  input: ServiceCall['input'],
  member: string,
  maxLength = Number.POSITIVE_INFINITY,
): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ServiceError('SerializationException', `${member} is not a string`);
  if (value.length <= maxLength) return value;
  throw invalid(constraint(member, `Member must have length less than or equal to ${maxLength}`));
}

export function pageSize(maxResults: unknown): number {
  const size = Number(maxResults ?? 0);
  if (size > PAGE.max) {
    throw invalid(constraint('maxResults', `Member must have value less than or equal to ${PAGE.max}`));
  }
  return size || PAGE.default;
}

export function writeToken(token: Readonly<Record<string, number>>): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

export function readToken<K extends string>(token: string | undefined, key: K): Partial<Record<K, number>> {
  if (token === undefined) return {};
  try {
    const read: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const value = (read as Partial<Record<K, unknown>>)[key];
    if (typeof value === 'number') return { [key]: value } as Record<K, number>;
  } catch {
    // The token is invalid as well.
  }
  throw new ServiceError('InvalidToken', `Invalid Token: '${token}'`);
}

export function constraint(member: string, what: string): string {
  return `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${what}`;
}

export function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
