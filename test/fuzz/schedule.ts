import type { LambdaFault } from '../../emulator/aws/lambda/function';
import type { Fault } from '../../emulator/core/http-server';
import { ASSUME_ROLE_ACTION, STEPS, type TerminalOutcome } from '../../lib/contract/cancellation';
import type { Options } from '../../lib/deployments/kind-definition';
import {
  type DeploymentKind,
  kindDefinition,
  type ServiceName,
  sampleIdentifiers,
  serviceOf,
} from '../../lib/deployments/kinds';
import type { Subject } from './targets';

/** A run as plain data, which can be generated, shrunk, printed and replayed. */
export interface Schedule extends Subject {
  /** The seed of the random numbers, such as jitter and IDs. */
  readonly seed: number;
  /** Whether a key of the user encrypts the state of the workflow. */
  readonly encryptionKey: boolean;
  /** Whether a role with an external ID calls the service. */
  readonly role: boolean;
  /** Whether the workflow puts an event at the end of each cancellation. */
  readonly notifies: boolean;
  /** Whether the deployment is addressed as an API that the stack declares. */
  readonly declared: boolean;
  /** The options of the deployments of the kind; empty for the default. */
  readonly options: Options;
  readonly timeoutSeconds: number;
  readonly failOn: readonly TerminalOutcome[];
  readonly onNotFound: 'fail' | 'succeed';
  readonly includeStatusMessage: boolean;
  /**
   * The behavior of each resource: one, several for a fleet, or none if the resource does not exist. The deployment that a
   * stack with a guard starts takes only the effect of a cancellation.
   */
  readonly behaviors: readonly FleetBehavior[];
  /** The offset of the clock of the service. */
  readonly skewSeconds: number;
  readonly callFaults: readonly CallFault[];
  readonly functionFaults: readonly FunctionFault[];
  readonly responseFaults: readonly (Range & { readonly fault: FaultKind })[];
  /** How far reads are behind writes, and permissions behind policies. */
  readonly consistency: 'strong' | 'eventual';
  readonly quotas: 'none' | 'new-account';
  /** How asynchronous events are delivered. */
  readonly delivery: 'prompt' | 'at-least-once';
  /** The times at which all running executions are aborted, in seconds from the start. */
  readonly abortsAt: readonly number[];
}

/** The behavior of the deployments of a resource. Times are in seconds. */
export interface FleetBehavior {
  /** The deployment that is in flight at the start; undefined if there is none. */
  readonly first?: {
    readonly seconds: number;
    readonly ends: 'SUCCEEDED' | 'FAILED';
    /** Whether it is the creation of a stack. Default: an update. */
    readonly creates?: boolean;
  };
  readonly onCancel: OnCancel;
  readonly cancelSeconds: number;
  /** The times at which newer deployments start. */
  readonly startsAt: readonly number[];
  readonly withholdsIds: boolean;
  /** Whether a stack has no service role. */
  readonly hasNoRole?: boolean;
  /** The end of a failed rollback of a stack that is continued. Default: as the skipped resources decide. */
  readonly onContinue?: OnContinue;
  /** How a stack is related to a fleet of stacks with a tag. Default: it has the tag. */
  readonly membership?: Membership;
}

export const MEMBERSHIPS = ['tagged', 'loses-tag', 'other-value', 'untagged', 'nested'] as const;
export type Membership = (typeof MEMBERSHIPS)[number];

export const ON_CONTINUE = ['rolled-back', 'fails', 'stuck'] as const;
export type OnContinue = (typeof ON_CONTINUE)[number];

export const ON_CANCEL = [
  'cancelled',
  'fails',
  'finishes',
  'stuck',
  'passed-over',
  'refused',
  'conflict',
  'superseded',
  'overtaken',
  'vanishes',
] as const;
export type OnCancel = (typeof ON_CANCEL)[number];

/** The first call, invocation or response with the fault, counted from 1, and their number; null: all from then on. */
export interface Range {
  readonly from: number;
  readonly count: number | null;
}

/** The faults of calls and responses. */
export const FAULT_KINDS = ['throttled', 'server-error', 'denied', 'reset', 'lost', 'half', 'page', 'hang'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface CallFault extends Range {
  /** `service:Operation`. */
  readonly call: string;
  readonly fault: FaultKind;
}

/** The calls of every kind. */
export const COMMON_CALLS = [
  'sfn:DescribeExecution',
  'sfn:StartExecution',
  'sfn:ListExecutions',
  'sfn:StopExecution',
  'ssm:PutParameter',
  'ssm:GetParameter',
  'ssm:DeleteParameter',
  'cloudformation:DescribeStacks',
] as const;

/** The calls of a service besides the cancel action and the read action of its kind, where the kind does not name its permissions. */
const OTHER_CALLS: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  ecs: ['ecs:ListServiceDeployments'],
  cloudformation: [
    'cloudformation:DescribeStackEvents',
    'cloudformation:ContinueUpdateRollback',
    'cloudformation:DeleteStack',
  ],
  codedeploy: ['codedeploy:ListDeployments', 'codedeploy:BatchGetDeployments', 'codedeploy:GetDeploymentGroup'],
  proton: ['proton:GetDeployment', 'proton:ListServiceInstances'],
};

/** The calls of the service of a kind. */
export function callsOf(kind: DeploymentKind): readonly string[] {
  const { cancelAction, readAction, permissions } = kindDefinition(kind);
  const named = permissions?.({ identifiers: sampleIdentifiers(kind) }).flatMap(({ actions }) => actions) ?? [];
  const service = serviceOf(kind);
  const calls = [cancelAction, readAction, ...named, ...(OTHER_CALLS[service] ?? [])];
  return [...new Set(calls)].filter((call) => call.startsWith(`${service}:`));
}

/** Whether a call is one of the service that deploys, and not one that responds to CloudFormation needs. */
export function isServiceCall({ kind }: Pick<Schedule, 'kind'>, call: string): boolean {
  if (call === ASSUME_ROLE_ACTION) return true;
  return !COMMON_CALLS.some((common) => common === call) && call.startsWith(`${serviceOf(kind)}:`);
}

/** The tasks of the functions: a request of CloudFormation, a step, a response, or the event of an execution that ended. */
export const TASKS = ['request', STEPS.FIND, STEPS.CANCEL, STEPS.AWAIT, 'respond', 'end'] as const;
export type Task = (typeof TASKS)[number];

export interface FunctionFault extends Range {
  readonly task: Task;
  readonly fault: LambdaFault;
}

/** Texts that must not be exposed. */
export const SECRETS = { spec: 'SECRET-SPEC', message: 'SECRET-STATUS-MESSAGE', error: 'SECRET-ERROR-MESSAGE' };

type ErrorNames = Readonly<Record<string, readonly [throttled: string, serverError: string, denied: string]>>;

/** Services that are not in the list have the errors of Proton. */
const SERVICE_ERRORS: ErrorNames & { readonly proton: ErrorNames[string] } = {
  proton: ['ThrottlingException', 'InternalServerException', 'AccessDeniedException'],
  sfn: ['ThrottlingException', 'InternalServerError', 'AccessDeniedException'],
  ssm: ['ThrottlingException', 'InternalServerError', 'AccessDeniedException'],
  cloudformation: ['Throttling', 'InternalFailure', 'AccessDenied'],
  ecs: ['ThrottlingException', 'ServerException', 'AccessDeniedException'],
  codedeploy: ['ThrottlingException', 'InternalFailure', 'AccessDeniedException'],
  codepipeline: ['ThrottlingException', 'InternalFailure', 'AccessDeniedException'],
};

/** The fault of a call, for the emulator. */
export function toFault(kind: FaultKind, service: string): Fault {
  const [throttled, serverError, denied] = SERVICE_ERRORS[service] ?? SERVICE_ERRORS.proton;
  const error = (type: string, statusCode: number): Fault => ({
    kind: 'error',
    type,
    statusCode,
    message: `${SECRETS.error} from ${service}`,
  });
  switch (kind) {
    case 'throttled':
      return error(throttled, 400);
    case 'server-error':
      return error(serverError, 500);
    case 'denied':
      return error(denied, 400);
    case 'page':
      return { kind: 'page', statusCode: 503, body: `<html><body>${SECRETS.error}</body></html>` };
    case 'lost':
      return { kind: 'lost-answer' };
    case 'half':
      return { kind: 'half-answer' };
    case 'reset':
    case 'hang':
      return { kind };
  }
}

export function appliesTo({ from, count }: Range, n: number): boolean {
  return n >= from && (count === null || n < from + count);
}

/** The values that a printed schedule may leave out. */
export const DEFAULTS = {
  kind: 'proton-service-instance',
  encryptionKey: false,
  role: false,
  notifies: false,
  declared: false,
  options: {},
} as const satisfies Partial<Schedule>;

/** The kinds whose resource has one deployment at a time: the service rejects another one. */
const ONE_AT_A_TIME: readonly DeploymentKind[] = [
  'appconfig-deployment',
  'autoscaling-instance-refresh',
  'cloudformation-stack-set-operation',
  'cloudformation-stack-update',
  'elasticbeanstalk-environment-update',
];

export function isOneAtATime(kind: DeploymentKind): boolean {
  return ONE_AT_A_TIME.includes(kind);
}
