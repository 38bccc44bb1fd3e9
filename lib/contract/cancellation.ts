import { type CancellationOutcome, OnNotFound } from './outcome';

/**
 * The contract between the constructs in `lib/` and the handlers in `lambda/`. Its names are written nowhere else.
 *
 * Its values travel through CloudFormation templates and running executions, so an older writer may meet a newer reader:
 * names are added, never changed.
 */

/** The types of the custom resources, in templates and stack events. */
export const RESOURCE_TYPE = 'Custom::DeploymentCancellation';
export const GUARD_RESOURCE_TYPE = 'Custom::CancelOnRollback';

/** The version that the handlers read. They reject every other version, except that they respond to a Delete. */
export const CONTRACT_VERSION = '1';

/** The deployment to cancel. */
export interface Deployment {
  /** One of `KINDS` in `lib/deployments/kinds.ts`. */
  readonly kind: string;
  /** The values by which its service addresses it. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** The optional behavior of its cancellation; left out for a kind that has none. */
  readonly options?: Readonly<Record<string, OptionValue>>;
}

/** The value of an optional behavior. */
export type OptionValue = boolean | number | string | readonly string[];

export type Outcome = `${CancellationOutcome}`;

/** The outcomes of a deployment whose end is known. Only these are allowed in `failOn`. */
export const TERMINAL_OUTCOMES = [
  'CANCELLED',
  'COMPLETED_FIRST',
  'CANCEL_FAILED',
  'NOTHING_TO_CANCEL',
  'SUPERSEDED',
] as const satisfies readonly Outcome[];
export type TerminalOutcome = (typeof TERMINAL_OUTCOMES)[number];

export const ON_NOT_FOUND = Object.values(OnNotFound).map((choice): `${OnNotFound}` => choice);

/** The options of a cancellation. */
export interface CancellationSettings {
  /** The time until the deployment has to be over, in seconds, from the start of the execution. */
  readonly timeoutSeconds: number;
  readonly failOn: readonly TerminalOutcome[];
  readonly onNotFound: `${OnNotFound}`;
  readonly includeStatusMessage: boolean;
  /** The URL of the service. Default: the endpoint of the SDK. */
  readonly endpoint?: string;
  /** The ARN of the role that calls the service. Default: the role of the deployment function. */
  readonly roleArn?: string;
  /** The external ID that the role requires. */
  readonly externalId?: string;
  /** The time between two reads, in seconds. Default: the deployment function decides. */
  readonly pollIntervalSeconds?: number;
}

/** Returns what is wrong with an endpoint, or undefined. */
export function validateEndpoint(value: unknown): string | undefined {
  const good = typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
  return good ? undefined : `must be an http or https URL, not ${JSON.stringify(value)}`;
}

/** Returns what is wrong with the ARN of a role, or undefined. */
export function validateRoleArn(value: unknown): string | undefined {
  const good = typeof value === 'string' && /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(value);
  return good ? undefined : `must be arn:PARTITION:iam::ACCOUNT:role/NAME, not ${JSON.stringify(value)}`;
}

/** Returns what is wrong with an external ID, or undefined. */
export function validateExternalId(value: unknown): string | undefined {
  const good = typeof value === 'string' && /^[\w+=,.@:/-]{2,1224}$/.test(value);
  return good ? undefined : `must be 2 to 1224 letters, digits and _+=,.@:/-, not ${JSON.stringify(value)}`;
}

/** The action that the deployment function needs on the role of a cancellation. */
export const ASSUME_ROLE_ACTION = 'sts:AssumeRole';

/** Whole seconds from `min` to `max`. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The bounds of `CancellationSettings.timeoutSeconds`. With the margin, a response is always sent within an hour. */
export const TIMEOUT_SECONDS = { min: 1, default: 30 * 60, max: 45 * 60 } as const;

/** The same where no response to CloudFormation is sent, and no fleet is cancelled. */
export const LONG_TIMEOUT_SECONDS = { ...TIMEOUT_SECONDS, max: 24 * 60 * 60 } as const;

/** The bounds of `CancellationSettings.pollIntervalSeconds`. */
export const POLL_INTERVAL_SECONDS = { min: 1, max: 5 * 60 } as const;

/**
 * The time that CloudFormation waits for the response after the timeout of the settings, in seconds. It covers two
 * invocations that hang until Lambda ends them, and a response that has to be sent again.
 */
export const RESPONSE_MARGIN_SECONDS = 15 * 60;

/**
 * How long to wait at least after a cancel request that may have been accepted, in seconds. A read that is behind still
 * shows the deployment in flight, and a second cancel request could reach a newer one.
 */
export const IN_DOUBT_DELAY_SECONDS = 5;

/** The properties of the custom resource. CloudFormation passes every scalar as a string. */
export interface ResourceProperties {
  readonly contractVersion: typeof CONTRACT_VERSION;
  readonly stateMachineArn: string;
  readonly deployment: Deployment;
  readonly settings: CancellationSettings;
  /** Ignored by the handler; a change makes CloudFormation send an Update. */
  readonly trigger?: string;
}

/** The properties of a guard. */
export interface GuardProperties extends ResourceProperties {
  /** Changes with every deployment of the stack. Otherwise CloudFormation would not send a rollback to the guard. */
  readonly trigger: string;
  /** Whether to cancel a deployment that was in flight before the guard was armed. */
  readonly cancelPreexisting: boolean;
  /** Whether to cancel when the stack is deleted. */
  readonly cancelOnStackDeletion: boolean;
}

/** The state that a guard stores when it is armed. It is valid for this deployment, trigger, endpoint and role only. */
export interface GuardState {
  readonly deployment: Deployment;
  readonly trigger: string;
  /** The trigger before the Update that armed the guard. Only the reverse Update returns to it. */
  readonly previousTrigger?: string;
  readonly endpoint?: string;
  readonly roleArn?: string;
  /** The ID of the last deployment at that time; empty if there was none. */
  readonly deploymentId: string;
  /** The time at which the guard was armed, in ISO 8601. */
  readonly armedAt?: string;
}

/** The attributes that describe the resource that is deployed. Each kind has some of them. `spec` is sensitive and left out. */
export const RESOURCE_ATTRIBUTES = [
  'arn',
  'createdAt',
  'environmentName',
  'lastDeploymentAttemptedAt',
  'lastDeploymentSucceededAt',
  'lifecycleStage',
  'name',
  'serviceName',
  'templateName',
  'templateMajorVersion',
  'templateMinorVersion',
] as const;
export type ResourceAttribute = (typeof RESOURCE_ATTRIBUTES)[number];

/** The attributes of the custom resource. */
export const ATTRIBUTES = [
  'deploymentStatus',
  'outcome',
  'deploymentId',
  'executionArn',
  'deploymentStatusMessage',
  ...RESOURCE_ATTRIBUTES,
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];
export type Attributes = Partial<Record<Attribute, string>>;

/** The `deploymentStatus` when none was read. It is not empty, because CloudFormation rejects empty exports. */
export const UNKNOWN_STATUS = 'UNKNOWN';

/** The request of CloudFormation to respond to. The response URL is a secret and is not in here. */
export interface CloudFormationRequest {
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  /** Present if the resource is a guard, whose response is never a failure. */
  readonly guard?: GuardRequest;
}

export interface GuardRequest {
  readonly action: 'ARM' | 'CANCEL';
  /** The trigger for which the guard is armed afterwards; undefined if it is not armed. */
  readonly nextTrigger?: string;
  /** The trigger before the Update that arms the guard. */
  readonly previousTrigger?: string;
}

/** The input of the state machine. */
export interface CancellationInput {
  readonly contractVersion: typeof CONTRACT_VERSION;
  readonly deployment: Deployment;
  readonly settings: CancellationSettings;
  /** Whether to cancel nothing and only read the last deployment. */
  readonly observeOnly?: boolean;
  /** The ID of a deployment that is not cancelled: the last one when a guard was armed. */
  readonly ignoreDeploymentId?: string;
  /** The time at which a guard was armed, in ISO 8601 with a time zone. A deployment that started before is not cancelled. */
  readonly ignoreStartedBefore?: string;
  /**
   * The time of the request, in ISO 8601 with a time zone. A deployment that is not known to have started by then is not
   * cancelled: the request is late or repeated. Default: the start of the execution, which skips only a deployment that is
   * known to have started later.
   */
  readonly requestedAt?: string;
  readonly cloudFormation?: CloudFormationRequest;
}

/** The result of a cancellation. */
export interface Result {
  readonly outcome: Outcome;
  /** Whether the outcome is a failure under the settings. */
  readonly failed: boolean;
  /** The reason of the outcome, on one line, with the cause first. */
  readonly reason: string;
  readonly attributes: Attributes;
  /** The time of the read that has armed a guard, in ISO 8601. Only for the outcome `ARMED`. */
  readonly readAt?: string;
}

/** The steps of a cancellation. */
export const STEPS = { FIND: 'FIND', CANCEL: 'CANCEL', AWAIT: 'AWAIT', END: 'END' } as const;
export type Step = (typeof STEPS)[keyof typeof STEPS];

/** The state that the state machine carries from one step to the next. */
export interface Progress {
  readonly next: Step;
  /** The time until the next step, in seconds. */
  readonly waitSeconds: number;
  /** The ID of the deployment that was in flight at the first read. No other deployment is cancelled or awaited. */
  readonly pinnedDeploymentId?: string;
  /** Its start time, in milliseconds since the epoch. It takes the place of an ID that the service does not return. */
  readonly pinnedStartedAt?: number;
  /** The ID of the deployed resource, where its name may pass to another resource. */
  readonly pinnedResourceId?: string;
  /** The last known status of the pinned deployment, for the reason. */
  readonly lastSeen?: string;
  /** Whether a cancellation was requested. The service may have accepted it. */
  readonly requested?: boolean;
  /** The time since when the pinned deployment has been being cancelled, if its end may be forced, in milliseconds since the epoch. */
  readonly cancellingSince?: number;
  /** Whether the cancel request forces the end. */
  readonly force?: boolean;
  /** The number of times that the service rejected the cancellation. */
  readonly rejections?: number;
  /** The message of the last rejection. */
  readonly lastRejection?: string;
  /** The number of consecutive reads that the service rejected. */
  readonly rejectedReads?: number;
  /** The number of consecutive calls without a valid response. */
  readonly consecutiveErrors?: number;
  /** The error of the last of these calls. */
  readonly lastError?: string;
  /** The time since when the service has not responded, in milliseconds since the epoch. */
  readonly unreachableSince?: number;
  /** The time since when every read has been denied, in milliseconds since the epoch. */
  readonly deniedSince?: number;
  /** The time since when every cancellation has been denied, in milliseconds since the epoch. */
  readonly cancelDeniedSince?: number;
  /** Whether a call was allowed in this execution. */
  readonly allowed?: boolean;
  /** The time since when the pinned deployment has not been found, in milliseconds since the epoch. */
  readonly missingSince?: number;
  /** Whether the first read found nothing in flight. The second one decides. */
  readonly idle?: boolean;
  /** Whether the pinned deployment is the deletion of its resource. */
  readonly deleting?: boolean;
  /** The newer deployment that has replaced the pinned one. */
  readonly supersededBy?: string;
  /** Whether a failed rollback of the pinned deployment is to be continued. */
  readonly continuing?: boolean;
  /** Whether the request that continues it was accepted. It is accepted once. */
  readonly continued?: boolean;
  /** Whether the cancellation may have reached a newer deployment: its response was not for the pinned one. */
  readonly cancelReachedNewer?: boolean;
  readonly result?: Result;
  /** The deployment of the result, for the event of EventBridge. Empty where it is unknown. */
  readonly ended?: EndedDeployment;
}

export interface EndedDeployment {
  readonly kind: string;
  readonly displayName: string;
  readonly deploymentId: string;
}

/** The event that a state machine puts when a cancellation has ended, of a deployment or of a fleet. Nothing in it is secret. */
export const CANCELLATION_ENDED_EVENT = {
  source: 'cdk-deployment-cancellation',
  detailType: 'Deployment Cancellation Ended',
} as const;

/** The part of the detail of that event that every cancellation has. */
export interface EndedDetail {
  readonly stateMachineArn: string;
  readonly executionArn: string;
  readonly failed: boolean;
  readonly reason: string;
}

/** The detail of that event for a deployment. */
export interface CancellationEndedDetail extends EndedDetail, EndedDeployment {
  readonly outcome: Outcome;
  readonly deploymentStatus: string;
}

/** The event of the deployment function. Without `progress`, the function finds the deployment in flight. */
export interface StepEvent {
  /** `$$.Execution.Input`: a `CancellationInput`, or any other input of an execution that a user has started. */
  readonly request: unknown;
  /** `$$.Execution.StartTime`: the start of the timeout. */
  readonly startTime: string;
  readonly progress?: Progress;
}

/** The event of the CloudFormation function when the state machine makes it respond. */
export interface RespondEvent {
  readonly request: CancellationInput & { readonly cloudFormation: CloudFormationRequest };
  /** `$$.Execution.Id` */
  readonly executionArn: string;
  readonly result: Result;
}

/** The event of EventBridge for the end of an execution. */
export interface ExecutionEndedEvent {
  readonly source: typeof EXECUTION_ENDED_EVENT.source;
  /** The time of the end, in ISO 8601. */
  readonly time: string;
  readonly detail: {
    readonly executionArn: string;
    readonly name: string;
    readonly status: string;
  };
}

/** The pattern of such an event. `SUCCEEDED` is one of the statuses, because its response may not have been delivered. */
export const EXECUTION_ENDED_EVENT = {
  source: 'aws.states',
  detailType: 'Step Functions Execution Status Change',
  statuses: ['ABORTED', 'FAILED', 'SUCCEEDED', 'TIMED_OUT'],
} as const;

/** The environment of the deployment function and the CloudFormation function. */
export const ENVIRONMENT = {
  /** The number of invocations of the deployment function that the stack may need at the same time. */
  cancellations: 'CANCELLATIONS',
  /** The endpoints that the stack has declared, as a JSON array. The deployment function calls no others. Default: none. */
  endpoints: 'ENDPOINTS',
  /** The SHA-256 digests of the APIs that the stack has declared as data, as a JSON array. No others are called. Default: none. */
  apis: 'APIS',
  /** The path in Parameter Store of the state of the function. */
  parameterPath: 'PARAMETER_PATH',
  /** The ARN of the key that encrypts the parameters. Default: the AWS managed key. */
  parameterKey: 'PARAMETER_KEY',
} as const;

/** The environment of the CodePipeline function. */
export const CODEPIPELINE_ENVIRONMENT = {
  /** The state machine that it starts for a job of CodePipeline. */
  stateMachineArn: 'STATE_MACHINE_ARN',
} as const;

/** The input of the state machine that the CodePipeline function starts: the job to report the result of. */
export interface CodePipelineJob {
  readonly jobId: string;
}

/** The log fields that metrics and queries use. */
export interface MetricLogFields {
  /** The name of the deployment. */
  readonly displayName?: string;
  readonly outcome?: Outcome;
  readonly deploymentStatus?: string;
  /** The time from the start of the execution to the outcome, in milliseconds. */
  readonly durationMs?: number;
  readonly logicalResourceId?: string;
  /** The operation that was called. */
  readonly operation?: string;
  readonly errorName?: string;
}

/** The log event of the outcome of one deployment. */
export const DEPLOYMENT_ENDED = 'ended';

/** The log event of a guard that could not be armed, or could not cancel. */
export const GUARD_FAILED = 'guard-failed';
