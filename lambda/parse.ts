import {
  type Bounds,
  type CancellationInput,
  type CancellationSettings,
  CONTRACT_VERSION,
  type Deployment,
  type GuardProperties,
  type GuardState,
  LONG_TIMEOUT_SECONDS,
  ON_NOT_FOUND,
  type OptionValue,
  POLL_INTERVAL_SECONDS,
  TERMINAL_OUTCOMES,
  TIMEOUT_SECONDS,
  validateEndpoint,
  validateExternalId,
  validateRoleArn,
} from '../lib/contract/cancellation';
import type { OptionDefinition } from '../lib/deployments/kind-definition';
import { DECLARABLE_KINDS, deploymentDefinition, identifiersFor } from '../lib/deployments/kinds';
import { conflictOf, findLateOption, optionProblem } from '../lib/deployments/options';
import type { Validator } from '../lib/deployments/validator';

/** A cancellation, from any caller. */
export type Request = Omit<CancellationInput, 'contractVersion' | 'cloudFormation'>;

/** A request is not valid. Nothing was called. */
export class InvalidRequestError extends Error {
  override readonly name = 'InvalidRequestError';

  constructor(message: string) {
    // On one line, even if the bad value has line breaks.
    super(message.replace(/[\s\p{Cc}]+/gu, ' '));
  }
}

/**
 * Parses the input of the state machine. It is untrusted: anyone may start the state machine. The timeout may be long
 * unless CloudFormation waits.
 */
export function parseRequest(input: unknown): Request {
  const isLong = own(parseEnvelope(input), 'cloudFormation') === undefined;
  return parseWithin(isLong ? LONG_TIMEOUT_SECONDS : TIMEOUT_SECONDS, input);
}

/** Parses the properties of a custom resource. CloudFormation turns every scalar into a string. */
export function parseProperties(properties: unknown): Request {
  return parseWithin(TIMEOUT_SECONDS, properties);
}

function parseWithin(timeout: Bounds, input: unknown): Request {
  const request = parseEnvelope(input);
  const ignoreDeploymentId = own(request, 'ignoreDeploymentId');
  if (ignoreDeploymentId !== undefined && typeof ignoreDeploymentId !== 'string') {
    throw new InvalidRequestError(`ignoreDeploymentId must be the id of a deployment, not ${show(ignoreDeploymentId)}`);
  }
  const deployment = parseDeployment(own(request, 'deployment'));
  const settings = parseSettings(own(request, 'settings'), timeout);
  const observeOnly = own(request, 'observeOnly');
  const observes = observeOnly !== undefined && boolean(observeOnly, 'observeOnly');
  // A guard that is armed cancels nothing, and has less time for that.
  if (!observes) requireInTime(deployment, settings);
  return {
    deployment,
    settings,
    ...(observeOnly !== undefined && { observeOnly: observes }),
    ...(ignoreDeploymentId !== undefined && { ignoreDeploymentId }),
    ...optionalInstant(request, 'ignoreStartedBefore'),
    ...optionalInstant(request, 'requestedAt'),
  };
}

/** @throws if an option would take effect only after the timeout */
export function requireInTime(
  { options }: Pick<Deployment, 'options'>,
  { timeoutSeconds }: CancellationSettings,
): void {
  const late = findLateOption(options, timeoutSeconds);
  if (!late) return;
  throw new InvalidRequestError(
    `${late[0]} must be less than the timeout, ${timeoutSeconds} seconds, not ${late[1]} seconds`,
  );
}

/** Checks that a request is an object of a known contract version. */
export function parseEnvelope(input: unknown): Record<string, unknown> {
  const request = record(input, 'the request');
  const version = own(request, 'contractVersion');
  if (version === CONTRACT_VERSION) return request;
  throw new InvalidRequestError(
    `contractVersion must be '${CONTRACT_VERSION}', not ${show(version)}; deploy the stack again with one version of this library`,
  );
}

/** The properties that only a guard has. */
export type GuardOptions = Pick<GuardProperties, 'trigger' | 'cancelPreexisting' | 'cancelOnStackDeletion'>;

/** Parses the properties that only a guard has. A missing flag is false: older properties do not have it. */
export function parseGuard(properties: unknown): GuardOptions {
  const request = record(properties, 'the request');
  return {
    trigger: String(own(request, 'trigger') ?? ''),
    cancelPreexisting: boolean(own(request, 'cancelPreexisting') ?? false, 'cancelPreexisting'),
    cancelOnStackDeletion: boolean(own(request, 'cancelOnStackDeletion') ?? false, 'cancelOnStackDeletion'),
  };
}

/** Parses the stored state of a guard; undefined if it is not valid. */
export function parseGuardState(text: string): GuardState | undefined {
  try {
    const state = record(JSON.parse(text), 'the state');
    const { trigger, previousTrigger, deploymentId, armedAt } = state;
    if (typeof trigger !== 'string' || typeof deploymentId !== 'string') return undefined;
    const deployment = parseDeployment(own(state, 'deployment'));
    return {
      deployment,
      trigger,
      ...(typeof previousTrigger === 'string' && { previousTrigger }),
      endpoint: endpoint(own(state, 'endpoint')),
      ...roleArn(state),
      deploymentId,
      ...(armedAt !== undefined && { armedAt: instant(armedAt, 'armedAt') }),
    };
  } catch {
    return undefined;
  }
}

/** Parses the ARN of the state machine, which only requests of CloudFormation have. */
export function parseStateMachineArn(properties: unknown): string {
  const arn = own(record(properties, 'the request'), 'stateMachineArn');
  if (typeof arn === 'string' && /^arn:[^:\s]+:states:[^:\s]+:\d{12}:stateMachine:[^:\s]+$/.test(arn)) return arn;
  throw new InvalidRequestError(`stateMachineArn must be the arn of a state machine, not ${show(arn)}`);
}

export function parseDeployment(input: unknown): Deployment {
  const deployment = record(input, 'deployment');
  const kind = oneOf(own(deployment, 'kind'), DECLARABLE_KINDS, 'deployment.kind');
  const definition = deploymentDefinition(kind);
  const given = record(own(deployment, 'identifiers'), 'deployment.identifiers');
  const names = identifiersFor(kind, (name) => own(given, name));
  const identifiers = Object.fromEntries(
    names.map((name) => [name, validString(given, name, definition.identifiers[name]?.validate)]),
  );
  const options = parseOptions(kind, definition.options, own(deployment, 'options') ?? {}, 'deployment.options');
  return { kind, identifiers, ...(definition.options && { options }) };
}

/** @throws if an option is unknown, since ignoring it might do more than was asked for, or an option takes no effect */
export function parseOptions(
  kind: string,
  options: Readonly<Record<string, OptionDefinition>> = {},
  input: unknown,
  what: string,
): NonNullable<Deployment['options']> {
  const given = record(input, what);
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(options, name));
  if (unknown !== undefined) throw new InvalidRequestError(`${what}.${unknown} is not an option of ${kind}`);
  const parsed = Object.fromEntries(
    Object.entries(options).flatMap(([name, option]) => {
      const value = parseOption(name, option, own(given, name));
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const conflict = conflictOf(parsed, options, (name) => `${what}.${name}`);
  if (conflict) throw new InvalidRequestError(conflict);
  return parsed;
}

function parseOption(name: string, option: OptionDefinition, given: unknown): OptionValue | undefined {
  const value = given ?? option.default;
  if (option.type === 'boolean') return boolean(value, name);
  if (option.type === 'seconds') return value === undefined ? undefined : wholeNumber(value, option, name);
  const problem = optionProblem(value, option);
  if (problem) throw new InvalidRequestError(`${name} ${problem}`);
  return value as OptionValue;
}

/** @param validate returns what is wrong with the value */
export function validString(values: Record<string, unknown>, name: string, validate?: Validator): string {
  const value = own(values, name);
  const problem = validate?.(value);
  if (problem) throw new InvalidRequestError(`${name} ${problem}`);
  return value as string;
}

export function parseSettings(input: unknown, timeout: Bounds): CancellationSettings {
  const settings = record(input, 'settings');
  const failOn = own(settings, 'failOn') ?? [];
  const pollInterval = own(settings, 'pollIntervalSeconds');
  if (!Array.isArray(failOn)) throw new InvalidRequestError(`settings.failOn must be a list, not ${show(failOn)}`);
  return {
    timeoutSeconds: wholeNumber(own(settings, 'timeoutSeconds'), timeout, 'settings.timeoutSeconds'),
    failOn: failOn.map((outcome) => oneOf(outcome, TERMINAL_OUTCOMES, 'settings.failOn')),
    onNotFound: oneOf(own(settings, 'onNotFound') ?? 'fail', ON_NOT_FOUND, 'settings.onNotFound'),
    includeStatusMessage: boolean(own(settings, 'includeStatusMessage') ?? false, 'settings.includeStatusMessage'),
    endpoint: endpoint(own(settings, 'endpoint')),
    ...roleArn(settings),
    ...externalId(settings),
    ...(pollInterval !== undefined && {
      pollIntervalSeconds: wholeNumber(pollInterval, POLL_INTERVAL_SECONDS, 'settings.pollIntervalSeconds'),
    }),
  };
}

export function wholeNumber(value: unknown, { min, max }: Bounds, what: string): number {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
    throw new InvalidRequestError(`${what} must be a whole number from ${min} to ${max}, not ${show(value)}`);
  }
  return number;
}

export function optionalInstant<Name extends string>(
  request: Record<string, unknown>,
  name: Name,
): { readonly [K in Name]?: string } {
  const value = own(request, name);
  return value === undefined ? {} : ({ [name]: instant(value, name) } as Record<Name, string>);
}

/** Parses a time with a time zone. */
function instant(value: unknown, what: string): string {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
  if (typeof value === 'string' && form.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw new InvalidRequestError(`${what} must be a time such as 2026-10-01T12:00:00Z, not ${show(value)}`);
}

function boolean(value: unknown, what: string): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new InvalidRequestError(`${what} must be true or false, not ${show(value)}`);
}

function endpoint(value: unknown): string | undefined {
  const problem = value === undefined ? undefined : validateEndpoint(value);
  if (problem) throw new InvalidRequestError(`settings.endpoint ${problem}`);
  return value as string | undefined;
}

function externalId(settings: Record<string, unknown>): Pick<CancellationSettings, 'externalId'> {
  const value = own(settings, 'externalId');
  if (value === undefined) return {};
  const problem = validateExternalId(value);
  if (problem) throw new InvalidRequestError(`settings.externalId ${problem}`);
  if (own(settings, 'roleArn') === undefined) {
    throw new InvalidRequestError('settings.externalId requires settings.roleArn, which is not set');
  }
  return { externalId: value as string };
}

function roleArn(settings: Record<string, unknown>): Pick<CancellationSettings, 'roleArn'> {
  const value = own(settings, 'roleArn');
  if (value === undefined) return {};
  const problem = validateRoleArn(value);
  if (problem) throw new InvalidRequestError(`settings.roleArn ${problem}`);
  return { roleArn: value as string };
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined)
    throw new InvalidRequestError(`${what} must be one of ${allowed.join(', ')}, not ${show(value)}`);
  return found;
}

export function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRequestError(`${what} must be an object, not ${show(value)}`);
  }
  return value as Record<string, unknown>;
}

/** Reads an own property. A property of the prototype, such as `constructor`, is not part of the data. */
export function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Formats a bad value for a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
