import { type ServiceCall, ServiceError } from './http-server';

/** Shared readers of the inputs of services with a JSON protocol. Members that are null count as absent. */

export type Input = ServiceCall['input'];

export function optionalText(input: Input, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw serializationError(member);
  return value;
}

export function optionalNumber(input: Input, member: string): number | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'number') throw serializationError(member);
  return value;
}

export function optionalBoolean(input: Input, member: string): boolean | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw serializationError(member);
  return value;
}

export function optionalTexts(input: Input, member: string): readonly string[] {
  const value = input[member] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw serializationError(member);
  return value;
}

export function optionalRecord(input: Input, member: string): Input {
  const value = input[member] ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) throw serializationError(member);
  return value as Input;
}

/** The index that the page of a `nextToken` starts at. */
export function offset(input: Input, invalidToken: ServiceError): number {
  const token = optionalText(input, 'nextToken');
  if (token === undefined) return 0;
  const digits = /^from-(\d{1,9})$/.exec(token)?.[1];
  if (digits === undefined) throw invalidToken;
  return Number(digits);
}

/** The token of the next page; undefined if this is the last page. */
export function nextToken(to: number, total: number): string | undefined {
  return to < total ? `from-${to}` : undefined;
}

function serializationError(member: string): ServiceError {
  return new ServiceError('SerializationException', `${member} has a type that cannot be read`);
}
