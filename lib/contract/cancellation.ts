import { CancellationOutcome, OnNotFound } from './outcome';

/**
 * What the constructs in `lib/` and the handlers in `lambda/` say to each other. No name of it is written anywhere else.
 *
 * Everything here travels through CloudFormation templates and running executions, so an older writer may meet a newer
 * reader: names are added, never changed.
 */

/** The types under which the custom resources appear in templates and stack events. */
export const RESOURCE_TYPE = 'Custom::DeploymentCancellation';
export const GUARD_RESOURCE_TYPE = 'Custom::CancelOnRollback';

/** What the handlers understand. A reader refuses to act on any other, and still answers a Delete. */
export const CONTRACT_VERSION = '1';

/** The deployment to cancel. */
export interface Deployment {
  /** One of `KINDS` in `lib/deployments/kinds.ts`. */
  readonly kind: string;
  /** The values by which its service addresses it. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** The optional behavior of its cancellation; left out for a kind that has none. */
  readonly options?: Readonly<Record<string, boolean>>;
}

/** The outcomes that are knowledge of how the deployment ended; only these can be named in `failOn`. */
export const TERMINAL_OUTCOMES = Object.values(CancellationOutcome).map((outcome): TerminalOutcome => outcome);
export type TerminalOutcome = `${CancellationOutcome}`;

/** How a cancellation came out; `deploymentStatus` beside it is the service's own word. */
export type Outcome =
  | TerminalOutcome
  /** That which is deployed does not exist. */
  | 'NOT_FOUND'
  | 'TIMED_OUT'
  /** Nothing that could be the service has answered. */
  | 'UNAVAILABLE'
  | 'ACCESS_DENIED'
  /** The service understood, and would not. */
  | 'REFUSED'
  /** The request is not valid, or our own code has failed. */
  | 'ERROR'
  /** Nothing was done on purpose: the stack was rolling back. */
  | 'NOT_ATTEMPTED'
  /** A guard knows which deployment was last. */
  | 'ARMED'
  /** It is not the one that is meant, or may not be: in flight before the guard was armed, or started after it was asked. */
  | 'SKIPPED';

export const ON_NOT_FOUND = Object.values(OnNotFound).map((choice): `${OnNotFound}` => choice);

/** How long to wait, and what counts as a failure. */
export interface CancellationSettings {
  /** How long the deployment may take to be over, in seconds, from the start of the execution. */
  readonly timeoutSeconds: number;
  readonly failOn: readonly TerminalOutcome[];
  readonly onNotFound: `${OnNotFound}`;
  readonly includeStatusMessage: boolean;
  /** Where the service is, when it is not where the SDK looks for it. */
  readonly endpoint?: string;
  /** How long to wait between two looks, in seconds; where it is left out, the deployment function decides. */
  readonly pollIntervalSeconds?: number;
}

/** Says what is wrong with an endpoint, or nothing. */
export function validateEndpoint(value: unknown): string | undefined {
  const good = typeof value === 'string' && /^https?:\/\/\S+$/.test(value) && URL.canParse(value);
  return good ? undefined : `must be an http or https URL, not ${JSON.stringify(value)}`;
}

/** The bounds of `CancellationSettings.timeoutSeconds`. With the margin, an answer always beats CloudFormation's hour. */
export const TIMEOUT_SECONDS = { min: 1, default: 30 * 60, max: 45 * 60 } as const;

/** The bounds of `CancellationSettings.pollIntervalSeconds`. */
export const POLL_INTERVAL_SECONDS = { min: 1, max: 5 * 60 } as const;

/**
 * How much longer than the policy's timeout CloudFormation waits for the answer: longer than two invocations of a function
 * that hangs until Lambda ends it, and an answer that is not taken at once.
 */
export const ANSWER_MARGIN_SECONDS = 15 * 60;

/** The properties of the custom resource. CloudFormation hands every scalar of them over as a string. */
export interface ResourceProperties {
  readonly contractVersion: typeof CONTRACT_VERSION;
  readonly stateMachineArn: string;
  readonly deployment: Deployment;
  readonly settings: CancellationSettings;
  /** Nobody reads it: that it has changed is what makes CloudFormation ask again. */
  readonly trigger?: string;
}

/** The properties of a guard. */
export interface GuardProperties extends ResourceProperties {
  /** Changes with every deployment of the stack, or its rollback would not tell the guard. */
  readonly trigger: string;
  /** Whether a deployment is cancelled as well that was in flight before the guard was armed. */
  readonly cancelPreexisting: boolean;
  /** Whether the deletion of the stack cancels as well. */
  readonly cancelOnStackDeletion: boolean;
}

/** What a guard noted when it was armed. It speaks of no other deployment, trigger or endpoint. */
export interface GuardState {
  readonly deployment: Deployment;
  readonly trigger: string;
  readonly endpoint?: string;
  /** The deployment that was last then; empty if there was none. */
  readonly deploymentId: string;
}

/** What the custom resource answers besides the service's own fields. */
export const ATTRIBUTES = [
  'deploymentStatus',
  'outcome',
  'deploymentId',
  'executionArn',
  'deploymentStatusMessage',
  // The fields of a service instance in the Proton API, of which other kinds have some. `spec` is not one of them on
  // purpose.
  'arn',
  'createdAt',
  'environmentName',
  'lastDeploymentAttemptedAt',
  'lastDeploymentSucceededAt',
  'name',
  'serviceName',
  'templateName',
  'templateMajorVersion',
  'templateMinorVersion',
] as const;
export type Attribute = (typeof ATTRIBUTES)[number];
export type Attributes = Partial<Record<Attribute, string>>;

/** `deploymentStatus` where none was read. Not empty: CloudFormation refuses to export an empty value. */
export const UNKNOWN_STATUS = 'UNKNOWN';

/** Whom to answer; present only when CloudFormation asked. Where to answer is a secret and is not in here. */
export interface CloudFormationRequest {
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  /** A guard asked, whose answer is never a failure. */
  readonly guard?: GuardRequest;
}

export interface GuardRequest {
  readonly action: 'ARM' | 'CANCEL';
  /** The trigger under which it goes on watching when it has done so; undefined where it does not. */
  readonly nextTrigger?: string;
}

/** The input of the state machine, whoever starts it. */
export interface CancellationInput {
  readonly contractVersion: typeof CONTRACT_VERSION;
  readonly deployment: Deployment;
  readonly settings: CancellationSettings;
  /** Cancels nothing, and says which deployment is the last one. */
  readonly observeOnly?: boolean;
  /** A deployment that is left alone if it is in flight when it is first read: what was last when a guard was armed. */
  readonly ignoreDeploymentId?: string;
  /**
   * When this was asked for, in ISO 8601 with a time zone. A deployment that is not known to have started by then is left
   * alone: the request is late, or a repeated one.
   */
  readonly requestedAt?: string;
  readonly cloudFormation?: CloudFormationRequest;
}

/** How a cancellation ended. */
export interface Result {
  readonly outcome: Outcome;
  /** Whether the policy counts this as a failure. */
  readonly failed: boolean;
  /** One line, cause first. */
  readonly reason: string;
  readonly attributes: Attributes;
}

/** The steps of a cancellation, and its end. */
export const STEPS = { FIND: 'FIND', CANCEL: 'CANCEL', AWAIT: 'AWAIT', END: 'END' } as const;
export type Step = (typeof STEPS)[keyof typeof STEPS];

/** What the state machine carries from one step to the next. */
export interface Progress {
  readonly next: Step;
  /** How long to wait before the next look. */
  readonly waitSeconds: number;
  /** The deployment that was in flight when it was first read: the only one that is ever cancelled or waited for. */
  readonly pinnedDeploymentId?: string;
  /** The pinned deployment's last known status, for whoever has to say how far it came. */
  readonly lastSeen?: string;
  /** A cancellation of it was requested, and may have been accepted. */
  readonly requested?: boolean;
  /** How often the service has refused the cancellation. */
  readonly rejections?: number;
  /** In what words it did so last. */
  readonly lastRejection?: string;
  /** How many calls in a row brought no usable answer. */
  readonly consecutiveErrors?: number;
  /** What the last of them came to. */
  readonly lastError?: string;
  /** Since when nothing that could be the service has answered, in milliseconds since the epoch. */
  readonly unreachableSince?: number;
  /** A newer deployment has taken the pinned one's place. */
  readonly supersededBy?: string;
  /** A cancel was not answered for the pinned deployment, so it may have reached one that came after our read. */
  readonly cancelReachedNewer?: boolean;
  readonly result?: Result;
}

/** The event of the deployment function. Without progress, it finds the deployment that is in flight. */
export interface StepEvent {
  /** `$$.Execution.Input`: a `CancellationInput`, or whatever somebody has started the machine with. */
  readonly request: unknown;
  /** `$$.Execution.StartTime`: what the timeout counts from. */
  readonly startTime: string;
  readonly progress?: Progress;
}

/** The event of the CloudFormation function when the state machine asks it to answer. */
export interface RespondEvent {
  readonly request: CancellationInput & { readonly cloudFormation: CloudFormationRequest };
  /** `$$.Execution.Id` */
  readonly executionArn: string;
  readonly result: Result;
}

/** The event of EventBridge when an execution has ended. */
export interface ExecutionEndedEvent {
  readonly source: typeof EXECUTION_ENDED_EVENT.source;
  readonly detail: {
    readonly executionArn: string;
    readonly name: string;
    readonly status: string;
    /** JSON; not there where it is too large for an event, or encrypted with a key of the user's own. */
    readonly input?: string | null;
  };
}

/** How such an event is known, and the ends of an execution that its last step may not have come before. */
export const EXECUTION_ENDED_EVENT = {
  source: 'aws.states',
  detailType: 'Step Functions Execution Status Change',
  statuses: ['ABORTED', 'FAILED', 'TIMED_OUT'],
} as const;

/** The environment of the CloudFormation function. */
export const ENVIRONMENT = {
  /** Under which path of the Parameter Store it keeps what it has to know again later. */
  parameterPath: 'PARAMETER_PATH',
  /** The ARN of the key that encrypts it; the one that AWS holds, if there is none. */
  parameterKey: 'PARAMETER_KEY',
} as const;

/** The environment of the CodePipeline function. */
export const CODEPIPELINE_ENVIRONMENT = {
  /** What it starts when CodePipeline gives it a job. */
  stateMachineArn: 'STATE_MACHINE_ARN',
} as const;

/** The input of the state machine that the CodePipeline function starts: whom to tell how it ended. */
export interface CodePipelineJob {
  readonly jobId: string;
}

/** What the functions log, as far as metrics and queries are made of it. */
export interface MetricLogFields {
  /** What was to be cancelled. */
  readonly displayName?: string;
  readonly outcome?: Outcome;
  readonly deploymentStatus?: string;
  /** From the start of the execution to the outcome. */
  readonly durationMs?: number;
  readonly logicalResourceId?: string;
  /** What was called, and what it failed with. */
  readonly operation?: string;
  readonly errorName?: string;
}

/** The event of such a line when one deployment has come to its outcome. */
export const DEPLOYMENT_ENDED = 'ended';

/** And when a guard could not be armed, or could not do what it is for. */
export const GUARD_FAILED = 'guard-failed';
