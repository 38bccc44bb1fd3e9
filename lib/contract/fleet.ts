import type {
  CancellationSettings,
  CloudFormationRequest,
  CONTRACT_VERSION,
  Deployment,
  EndedDetail,
  Outcome,
  Progress,
  Result,
  STEPS,
  TerminalOutcome,
} from './cancellation';

/** The part of the contract for fleets: see `cancellation.ts`. */

/** The type of the custom resource, in templates and stack events. */
export const FLEET_RESOURCE_TYPE = 'Custom::FleetCancellation';

/** The deployments to cancel: those that are listed, or those that are found in flight when the cancellation begins. */
export type Fleet = ListedFleet | FoundFleet;

export interface ListedFleet {
  readonly kind: 'list';
  readonly deployments: readonly Deployment[];
}

export interface FoundFleet {
  /** One of `FLEET_KINDS` in `lib/deployments/fleet-kinds.ts`. */
  readonly kind: string;
  readonly identifiers: Readonly<Record<string, string>>;
  /** The options of its deployments. */
  readonly options?: Deployment['options'];
}

/** The number of deployments that one invocation cancels at the same time, unless more than `MAX_BATCHES` would be needed. */
export const BATCH_SIZE = 25;

/** The maximum number of deployments that one invocation cancels at the same time. */
export const MAX_BATCH_SIZE = 250;

/** The maximum number of batches. An inline Map runs no more at the same time, and the history of an execution holds no more. */
export const MAX_BATCHES = 40;

/** The maximum number of deployments in flight. */
export const MAX_IN_FLIGHT = MAX_BATCH_SIZE * MAX_BATCHES;

/** The maximum of `concurrency` in the input. */
export const MAX_CONCURRENCY = MAX_IN_FLIGHT / BATCH_SIZE;

/** The maximum number of listed deployments. Each adds its ARN to the policies of one role, whose size is limited. */
export const MAX_LISTED = 100;

/** The properties of the custom resource. CloudFormation passes every scalar as a string. */
export interface FleetProperties extends Omit<FleetInput, 'cloudFormation' | 'requestedAt'> {
  readonly stateMachineArn: string;
  /** Ignored by the handler; a change makes CloudFormation send an Update. */
  readonly trigger?: string;
}

/** The input of the state machine. */
export interface FleetInput {
  readonly contractVersion: typeof CONTRACT_VERSION;
  readonly fleet: Fleet;
  readonly settings: CancellationSettings;
  /** The number of deployments in progress at the same time, divided by `BATCH_SIZE`. */
  readonly concurrency: number;
  /** The time of the request, in ISO 8601 with a time zone. */
  readonly requestedAt?: string;
  readonly cloudFormation?: CloudFormationRequest;
}

/** The counts by outcome. Each deployment is in one of them, and each is an attribute. */
export const FLEET_COUNTS = ['cancelled', 'completedFirst', 'failed', 'superseded', 'untouched'] as const;
export type FleetCount = (typeof FLEET_COUNTS)[number];

/** The count of each outcome. Default: `failed`. */
export const COUNTED_AS: Readonly<Partial<Record<Outcome, FleetCount>>> = {
  CANCELLED: 'cancelled',
  COMPLETED_FIRST: 'completedFirst',
  CANCEL_FAILED: 'failed',
  SUPERSEDED: 'superseded',
  NOTHING_TO_CANCEL: 'untouched',
  NOT_FOUND: 'untouched',
  SKIPPED: 'untouched',
} satisfies Record<TerminalOutcome | 'NOT_FOUND' | 'SKIPPED', FleetCount>;

/** The attributes of the custom resource. */
export const FLEET_ATTRIBUTES = ['summary', 'total', ...FLEET_COUNTS, 'failedDeployments', 'executionArn'] as const;
export type FleetAttribute = (typeof FLEET_ATTRIBUTES)[number];
export type FleetAttributes = Partial<Record<FleetAttribute, string>>;

/** The result of the cancellation of a fleet. */
export interface FleetResult extends Omit<Result, 'outcome' | 'attributes'> {
  /** The outcome of the first failure; undefined if nothing failed. */
  readonly outcome?: Outcome;
  readonly attributes: FleetAttributes;
}

/** What the event of EventBridge says about a fleet beside its result. Empty where it is unknown. */
export interface EndedFleet {
  readonly kind: string;
  readonly displayName: string;
  /** The outcome of the first failure; empty if nothing failed. */
  readonly outcome: Outcome | '';
  readonly counts: Readonly<Partial<Record<'total' | FleetCount, number>>>;
}

/** The detail of the event `CANCELLATION_ENDED_EVENT` for a fleet. */
export type FleetEndedDetail = EndedDetail & EndedFleet;

/** The outcomes of some of the deployments, in a size that does not grow with their number. */
export interface OutcomeCounts {
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** The number of failures under the settings. */
  readonly failures: number;
  /** The first failure. */
  readonly first?: { readonly name: string; readonly outcome: Outcome; readonly reason: string };
  /** `name: OUTCOME` of each failed deployment, up to a limit. */
  readonly failedDeployments: readonly string[];
  /** The number of failed deployments beyond the limit. */
  readonly omitted: number;
}

/**
 * A deployment that is not over: as it was found, or with its progress. As found, it is the key of the deployment in the
 * fleet, the ID of the deployment in flight, its start time, and the ID of the deployed resource, with spaces between
 * them. What the service did not return is empty.
 */
export type FleetItem = string | { readonly key: string; readonly progress: Progress; readonly nextPollAt: number };

/** Deployments that one invocation at a time cancels. All batches are in progress at the same time. */
export interface Batch {
  readonly next: typeof STEPS.CANCEL | typeof STEPS.END;
  readonly waitSeconds: number;
  /** The deployments that are not over: a list of `FleetItem` as JSON, compressed, since all have to fit into a state. */
  readonly packed: string;
  /** Their number. */
  readonly left: number;
  /** The maximum number of them in progress at the same time. */
  readonly maxActive: number;
  readonly counts: OutcomeCounts;
}

/** The result of a batch that is over, or whose function failed for good. */
export interface BatchResult extends Pick<Batch, 'counts'> {
  /** The number of deployments that were not over when the function failed. */
  readonly unfinished?: number;
  readonly error?: string;
}

/** The result of finding the deployments in flight: try again, the deployments, or an end. */
export type FindResult =
  | { readonly next: typeof STEPS.FIND; readonly waitSeconds: number }
  | {
      readonly next: typeof STEPS.CANCEL;
      readonly batches: readonly Batch[];
      /** The number of deployments in progress at the same time. */
      readonly activeCount: number;
    }
  | { readonly next: typeof STEPS.END; readonly result: FleetResult };

/** The steps of the deployment function for a fleet. */
export const FLEET_STEPS = { FIND: 'FIND', CANCEL: 'CANCEL', SUMMARISE: 'SUMMARISE' } as const;

interface FleetStep<S extends keyof typeof FLEET_STEPS> {
  readonly fleetStep: S;
  /** `$$.Execution.Input`: a `FleetInput`, or any other input of an execution that a user has started. */
  readonly request: unknown;
}

/** The event of the step that finds the deployments. */
export interface FindEvent extends FleetStep<'FIND'> {
  readonly startTime: string;
}

/** The event of the step that cancels a batch. */
export interface BatchEvent extends FleetStep<'CANCEL'> {
  readonly startTime: string;
  readonly activeCount: number;
  readonly batch: Batch;
}

/** The event of the step that summarizes the batches. */
export interface SummarizeEvent extends FleetStep<'SUMMARISE'> {
  readonly results: readonly BatchResult[];
}

export type FleetEvent = FindEvent | BatchEvent | SummarizeEvent;

/** The event of the CloudFormation function when the state machine makes it respond. */
export interface FleetRespondEvent {
  readonly request: FleetInput & { readonly cloudFormation: CloudFormationRequest };
  /** `$$.Execution.Id` */
  readonly executionArn: string;
  readonly result: FleetResult;
}
