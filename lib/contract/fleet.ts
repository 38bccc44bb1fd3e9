import type {
  CancellationSettings,
  CloudFormationRequest,
  CONTRACT_VERSION,
  Deployment,
  Outcome,
  Progress,
  Result,
  STEPS,
  TerminalOutcome,
} from './cancellation';

/** What the constructs and the handlers say to each other about many deployments at once: see `contract.ts`. */

/** The type under which the custom resource appears in templates and stack events. */
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
}

/** How many deployments one invocation cancels at the same time. */
export const BATCH_SIZE = 25;

/** As many batches as an inline Map has under way. More would outgrow the history of an execution as well. */
export const MAX_BATCHES = 40;

/** How many deployments a fleet can hold. Their names and ids fit into a state of 256 KiB, however long they are. */
export const MAX_IN_FLIGHT = BATCH_SIZE * MAX_BATCHES;

/** How many deployments can be listed: each adds its ARN to the policies of one role, and those are limited in size. */
export const MAX_LISTED = 100;

/** The properties of the custom resource. CloudFormation hands every scalar of them over as a string. */
export interface FleetProperties extends Omit<FleetInput, 'cloudFormation'> {
  readonly stateMachineArn: string;
  /** Nobody reads it: that it has changed is what makes CloudFormation ask again. */
  readonly trigger?: string;
}

/** The input of the state machine, whoever starts it. */
export interface FleetInput {
  readonly contractVersion: typeof CONTRACT_VERSION;
  readonly fleet: Fleet;
  readonly settings: CancellationSettings;
  /** How many batches are under way at the same time. */
  readonly concurrency: number;
  readonly cloudFormation?: CloudFormationRequest;
}

/** How many came out how; the names of these counts are attributes as well. Each deployment is in one of them. */
export const FLEET_COUNTS = ['cancelled', 'completedFirst', 'failed', 'superseded', 'untouched'] as const;
export type FleetCount = (typeof FLEET_COUNTS)[number];

/** Where an outcome is counted; `failed` unless it is in here. */
export const COUNTED_AS: Readonly<Partial<Record<Outcome, FleetCount>>> = {
  CANCELLED: 'cancelled',
  COMPLETED_FIRST: 'completedFirst',
  CANCEL_FAILED: 'failed',
  SUPERSEDED: 'superseded',
  NOTHING_TO_CANCEL: 'untouched',
  NOT_FOUND: 'untouched',
} satisfies Record<TerminalOutcome | 'NOT_FOUND', FleetCount>;

/** What the custom resource answers. */
export const FLEET_ATTRIBUTES = ['summary', 'total', ...FLEET_COUNTS, 'failedDeployments', 'executionArn'] as const;
export type FleetAttribute = (typeof FLEET_ATTRIBUTES)[number];
export type FleetAttributes = Partial<Record<FleetAttribute, string>>;

/** How the cancellation of a fleet ended. */
export interface FleetResult extends Omit<Result, 'outcome' | 'attributes'> {
  /** Of the first that failed, where any did. */
  readonly outcome?: Outcome;
  readonly attributes: FleetAttributes;
}

/** What has come out of some of the deployments, in a size that does not grow with them. */
export interface OutcomeCounts {
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** How many the policy counts as failures. */
  readonly failures: number;
  /** The first of those. */
  readonly first?: { readonly name: string; readonly outcome: Outcome; readonly reason: string };
  /** `name: OUTCOME` of those that did not go well, as far as there is room. */
  readonly failedDeployments: readonly string[];
  /** How many more did not. */
  readonly omitted: number;
}

/**
 * A deployment that is not over: as it was found, or with what is known of it by now. As found, it is the key by which
 * the fleet knows it, and, after a space, the id of what was in flight if the service gave one.
 */
export type FleetItem = string | { readonly key: string; readonly progress: Progress; readonly nextPollAt: number };

/** Deployments of which one invocation at a time takes care. */
export interface Batch {
  readonly next: typeof STEPS.CANCEL | typeof STEPS.END;
  readonly waitSeconds: number;
  readonly left: readonly FleetItem[];
  readonly counts: OutcomeCounts;
}

/** What is left of a batch when it is over, or when the function that took care of it was cut off for good. */
export interface BatchResult extends Pick<Batch, 'counts'> {
  /** How many were not over by then, and what the function failed with. */
  readonly unfinished?: number;
  readonly error?: string;
}

/** What has come of looking for the deployments that are in flight: try again, they are these, or an end. */
export type FindResult =
  | { readonly next: typeof STEPS.FIND; readonly waitSeconds: number }
  | {
      readonly next: typeof STEPS.CANCEL;
      readonly batches: readonly Batch[];
      readonly concurrency: number;
      /** How many deployments are under way at the same time. */
      readonly activeCount: number;
    }
  | { readonly next: typeof STEPS.END; readonly result: FleetResult };

/** What the deployment function does for a fleet. */
export const FLEET_STEPS = { FIND: 'FIND', CANCEL: 'CANCEL', SUMMARISE: 'SUMMARISE' } as const;

interface FleetStep<S extends keyof typeof FLEET_STEPS> {
  readonly fleetStep: S;
  /** `$$.Execution.Input`: a `FleetInput`, or whatever somebody has started the machine with. */
  readonly request: unknown;
}

/** Finds the deployments. */
export interface FindEvent extends FleetStep<'FIND'> {
  readonly startTime: string;
}

/** Takes the cancellation of a batch one step further. */
export interface BatchEvent extends FleetStep<'CANCEL'> {
  readonly startTime: string;
  readonly activeCount: number;
  readonly batch: Batch;
}

/** Adds up. */
export interface SummarizeEvent extends FleetStep<'SUMMARISE'> {
  readonly results: readonly BatchResult[];
}

export type FleetEvent = FindEvent | BatchEvent | SummarizeEvent;

/** The event of the CloudFormation function when the state machine asks it to answer. */
export interface FleetRespondEvent {
  readonly request: FleetInput & { readonly cloudFormation: CloudFormationRequest };
  /** `$$.Execution.Id` */
  readonly executionArn: string;
  readonly result: FleetResult;
}
