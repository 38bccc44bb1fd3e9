import {
  type CancellationInput,
  CONTRACT_VERSION,
  DEPLOYMENT_KINDS,
  type Deployment,
  endpointProblem,
  type GuardProperties,
  KNOWN_ENDS,
  ON_NOT_FOUND,
  POLL_INTERVAL_SECONDS,
  type Policy,
  TIMEOUT_SECONDS,
  type Watch,
} from '../lib/contract/cancellation';
import { KINDS, namesThatAddress } from '../lib/deployments/kinds';
import { protonNameProblem } from '../lib/deployments/proton/kinds';

/** What is asked for, whoever asks. */
export type Request = Omit<CancellationInput, 'contractVersion' | 'cloudFormation'>;

/** What was asked cannot be understood; nothing was called. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest';

  constructor(message: string) {
    // On one line, whatever the bad value holds.
    super(message.replace(/[\s\p{Cc}]+/gu, ' '));
  }
}

/** Reads untrusted data: CloudFormation turns every scalar into a string, and anyone may start the state machine. */
export function parseRequest(input: unknown): Request {
  const request = current(input);
  const leaveAlone = own(request, 'leaveAlone');
  if (leaveAlone !== undefined && typeof leaveAlone !== 'string') {
    throw new InvalidRequest(`leaveAlone must be the id of a deployment, not ${show(leaveAlone)}`);
  }
  return {
    deployment: parseDeployment(own(request, 'deployment')),
    policy: parsePolicy(own(request, 'policy')),
    ...(own(request, 'onlyLook') !== undefined && { onlyLook: boolean(own(request, 'onlyLook'), 'onlyLook') }),
    ...(leaveAlone !== undefined && { leaveAlone }),
    ...(own(request, 'askedAt') !== undefined && { askedAt: instant(own(request, 'askedAt'), 'askedAt') }),
  };
}

/** A request of the version that is understood. */
export function current(input: unknown): Record<string, unknown> {
  const request = record(input, 'the request');
  const version = own(request, 'contractVersion');
  if (version === CONTRACT_VERSION) return request;
  throw new InvalidRequest(
    `contractVersion must be '${CONTRACT_VERSION}', not ${show(version)}; deploy the stack again with one version of this library`,
  );
}

/** What a guard is to do beside what every request says. What it does not say is false, as in an older version's properties. */
export function parseGuard(
  properties: unknown,
): Pick<GuardProperties, 'trigger' | 'cancelEarlier' | 'cancelOnStackDeletion'> {
  const request = record(properties, 'the request');
  return {
    trigger: String(own(request, 'trigger') ?? ''),
    cancelEarlier: boolean(own(request, 'cancelEarlier') ?? false, 'cancelEarlier'),
    cancelOnStackDeletion: boolean(own(request, 'cancelOnStackDeletion') ?? false, 'cancelOnStackDeletion'),
  };
}

/** What a guard has noted, as it was kept; undefined if that cannot be read. */
export function parseWatch(text: string): Watch | undefined {
  try {
    const watch = record(JSON.parse(text), 'the watch');
    const { trigger, deploymentId } = watch;
    if (typeof trigger !== 'string' || typeof deploymentId !== 'string') return undefined;
    const deployment = parseDeployment(own(watch, 'deployment'));
    return { deployment, trigger, endpoint: endpoint(own(watch, 'endpoint')), deploymentId };
  } catch {
    return undefined;
  }
}

/** Which state machine runs the workflow; only CloudFormation's requests name one. */
export function parseStateMachineArn(properties: unknown): string {
  const arn = own(record(properties, 'the request'), 'stateMachineArn');
  if (typeof arn === 'string' && /^arn:[^:\s]+:states:[^:\s]+:\d{12}:stateMachine:[^:\s]+$/.test(arn)) return arn;
  throw new InvalidRequest(`stateMachineArn must be the arn of a state machine, not ${show(arn)}`);
}

export function parseDeployment(input: unknown): Deployment {
  const deployment = record(input, 'deployment');
  const kind = oneOf(own(deployment, 'kind'), DEPLOYMENT_KINDS, 'deployment.kind');
  const given = record(own(deployment, 'names'), 'deployment.names');
  const names = namesThatAddress(kind, (name) => own(given, name)).map((name) => {
    const value = own(given, name);
    return [name, checked(name, value, KINDS[kind].problem(name, value))];
  });
  return { kind, names: Object.fromEntries(names) };
}

export function protonName(names: Record<string, unknown>, name: string): string {
  const value = own(names, name);
  return checked(name, value, protonNameProblem(value));
}

/** @param problem what is wrong with it, if anything is */
function checked(name: string, value: unknown, problem: string | undefined): string {
  if (problem) throw new InvalidRequest(`${name} ${problem}`);
  return value as string;
}

export function parsePolicy(input: unknown): Policy {
  const policy = record(input, 'policy');
  const failOn = own(policy, 'failOn') ?? [];
  const pollInterval = own(policy, 'pollIntervalSeconds');
  if (!Array.isArray(failOn)) throw new InvalidRequest(`policy.failOn must be a list, not ${show(failOn)}`);
  return {
    timeoutSeconds: wholeNumber(own(policy, 'timeoutSeconds'), TIMEOUT_SECONDS, 'policy.timeoutSeconds'),
    failOn: failOn.map((outcome) => oneOf(outcome, KNOWN_ENDS, 'policy.failOn')),
    onNotFound: oneOf(own(policy, 'onNotFound') ?? 'fail', ON_NOT_FOUND, 'policy.onNotFound'),
    includeStatusMessage: boolean(own(policy, 'includeStatusMessage') ?? false, 'policy.includeStatusMessage'),
    endpoint: endpoint(own(policy, 'endpoint')),
    ...(pollInterval !== undefined && {
      pollIntervalSeconds: wholeNumber(pollInterval, POLL_INTERVAL_SECONDS, 'policy.pollIntervalSeconds'),
    }),
  };
}

export function wholeNumber(value: unknown, { min, max }: { min: number; max: number }, what: string): number {
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < min || number > max) {
    throw new InvalidRequest(`${what} must be a whole number from ${min} to ${max}, not ${show(value)}`);
  }
  return number;
}

/** A time that is the same wherever it is read. */
function instant(value: unknown, what: string): string {
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
  if (typeof value === 'string' && form.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw new InvalidRequest(`${what} must be a time such as 2026-10-01T12:00:00Z, not ${show(value)}`);
}

function boolean(value: unknown, what: string): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new InvalidRequest(`${what} must be true or false, not ${show(value)}`);
}

function endpoint(value: unknown): string | undefined {
  const problem = value === undefined ? undefined : endpointProblem(value);
  if (problem) throw new InvalidRequest(`policy.endpoint ${problem}`);
  return value as string | undefined;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new InvalidRequest(`${what} must be one of ${allowed.join(', ')}, not ${show(value)}`);
  return found;
}

export function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidRequest(`${what} must be an object, not ${show(value)}`);
  }
  return value as Record<string, unknown>;
}

/** Never a property of the prototype: `constructor` is not a name that somebody gave. */
export function own(object: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A bad value as it may stand in a message: short, and on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
