import type { Stack, Stage } from 'aws-cdk-lib';
import type { DeploymentKind, ServiceName } from '../../lib/deployments/kinds';
import { perform } from './simulate';

// Everything public in cdk-deployment-cancellation/testing is in this file. Its declarations are published: they may refer
// to the declarations in lib/, which are published as well, and to no other file.

/** The behavior of a deployment that is cancelled. */
export type Scenario =
  /** The deployment is cancelled in less than a minute. */
  | 'cancelled'
  /** The cancellation is accepted and fails. */
  | 'cancel-fails'
  /** The deployment succeeds before the cancellation takes hold. */
  | 'finishes-first'
  /** The last deployment succeeded long ago. */
  | 'nothing-to-cancel'
  /** The deployment is already being cancelled. */
  | 'already-cancelling'
  /** The cancellation and the reads are throttled in bursts. */
  | 'throttled'
  /** The cancellation is a conflict, because the deployment succeeds at the same time. */
  | 'conflict'
  /** The service rejects the cancellation. */
  | 'refused'
  /** The resource does not exist. */
  | 'not-found'
  /** The caller may read but not cancel. */
  | 'access-denied'
  /** The deployment is cancelled, and a newer one replaces it before the next read. */
  | 'superseded'
  /** A newer deployment starts just before the cancellation arrives. */
  | 'overtaken'
  /** The resource is deleted while its deployment is being cancelled. */
  | 'vanishes'
  /** Every call is answered with an HTML page. */
  | 'unavailable'
  /** The cancellation of the deployment never ends. */
  | 'timeout'
  /** The cancellation takes twenty minutes. */
  | 'slow';

/** A custom scenario: the statuses of a deployment over time. */
export interface DeploymentPlan {
  /** The start, in seconds from the first operation. A negative number is in the past. Default: -120. */
  readonly startsAtSeconds?: number;
  /** The steps without a cancellation. Default: it succeeds 25 minutes after its start. */
  readonly steps?: readonly PlanStep[];
  /** The steps from the first accepted cancellation on, in place of the rest of `steps`. Default: it is cancelled after 30 s. */
  readonly onCancel?: {
    /** Rejects the cancellation: because the deployment is over, or because it is not valid. Default: it is accepted. */
    readonly refuse?: 'OVER' | 'INVALID';
    /** Default: the deployment continues with its own `steps`. With an empty list, its status never changes again. */
    readonly steps?: readonly PlanStep[];
  };
}

/** A change of the status of a deployment. */
export interface PlanStep {
  /** The time since the previous step. */
  readonly afterSeconds: number;
  /** Mapped to the status of the service; a service without such a status skips the step. */
  readonly status: 'CANCELLING' | 'CANCELLED' | 'FAILED' | 'SUCCEEDED' | 'DELETE_IN_PROGRESS';
}

/** A resource whose deployment can be cancelled. */
export interface DeploymentToCancel {
  readonly kind: DeploymentKind;
  /** Its names: `{ clusterName: 'prod', serviceName: 'web' }`. A deployment cannot be addressed by its ID. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** Default: the scenario of the simulation. */
  readonly scenario?: Scenario | DeploymentPlan;
}

/** A fault of some calls of a service. Calls are counted for each operation. */
export interface CallFault {
  readonly service: ServiceName | 'sfn' | 'ssm';
  /** The name in the API. Default: every operation. */
  readonly operation?: string;
  /** The first call with the fault. Default: 1. */
  readonly from?: number;
  /** The last call with the fault. Default: all calls from the first on. */
  readonly to?: number;
  readonly fault:
    | { readonly kind: 'error'; readonly type: string; readonly message?: string; readonly statusCode?: number }
    /** The connection is closed without an answer, before the service acts. */
    | { readonly kind: 'reset' }
    /** The service acts, and then the connection is closed without an answer. */
    | { readonly kind: 'lost-answer' }
    /** The service acts, and half of the answer arrives. */
    | { readonly kind: 'half-answer' }
    /** An answer that no service of AWS gives. */
    | { readonly kind: 'page'; readonly statusCode: number; readonly body: string; readonly contentType?: string }
    /** No answer ever comes. */
    | { readonly kind: 'hang' };
}

/** Invocations of a function of the workflow that go wrong. */
export interface FunctionFault {
  readonly function: 'cloudformation' | 'deployment';
  /** The first invocation that goes wrong. Default: 1. */
  readonly from?: number;
  /** The last invocation that goes wrong. Default: all from then on. */
  readonly to?: number;
  readonly fault: /** There is no capacity: the function is not run. */
    | { readonly kind: 'throttle' }
    /** The process dies before the handler runs, or when it has done everything and its result is not known. */
    | { readonly kind: 'crash'; readonly when: 'before' | 'after' }
    /** The time runs out, before or after the handler has done anything. */
    | { readonly kind: 'timeout'; readonly when: 'before' | 'after' };
}

/** What is done, one after the other. */
export type Operation =
  | {
      readonly operation: 'create' | 'update' | 'delete';
      /** The id of the stack in its app. Default: all stacks of what is rehearsed, or, to be deleted, all in reverse order. */
      readonly stack?: string;
      /** What the stack is now to be like, for an update: a stack of the same name. Default: what is rehearsed. */
      readonly to?: Simulatable;
      /** Whether the stack fails after all its resources, and is rolled back. Default: false. */
      readonly fails?: boolean;
    }
  /** Starts a state machine, by what its logical id begins with. */
  | { readonly operation: 'start'; readonly machine: string }
  /** What EventBridge is told. */
  | {
      readonly operation: 'publish';
      readonly event: {
        readonly source: string;
        readonly 'detail-type': string;
        readonly detail: Readonly<Record<string, unknown>>;
      };
    };

/**
 * An app, or a stage of one: all stacks in it; a stack, with those it depends on; or the directory of a cloud assembly, such
 * as `cdk.out`.
 */
export type Simulatable = Stage | Stack | string;

/** What happens in a rehearsal. */
export interface SimulationOptions {
  /** What happens to each deployment that is to be cancelled. Default: `cancelled`. */
  readonly scenario?: Scenario | DeploymentPlan;
  /**
   * What there is to be cancelled. Default: whatever the templates name, in a cancellation, a guard, a state machine or a
   * rule; that has to be told where a name is known only when the stack is deployed, and what a fleet finds.
   */
  readonly deployments?: readonly DeploymentToCancel[];
  /** Which calls of services go wrong, besides those of the scenario. Default: none. */
  readonly faults?: readonly CallFault[];
  /** Which invocations of the workflow's functions go wrong. Default: none. */
  readonly functionFaults?: readonly FunctionFault[];
  /** Default: each stack is created, in the order in which they depend on each other. */
  readonly operations?: readonly Operation[];
  /**
   * Types of resources that do not matter to the rehearsal, such as `AWS::S3::Bucket`. Each gets a stand-in, whose properties
   * nobody looks at. `Ref`, and the attribute `Name` or the like of `BucketName`, give its name where the template has one for
   * it, else its logical id; an attribute that ends in `Arn` gives an ARN of the service `stubResourceTypes`, another one a made-up text.
   * So what is given is not of the form that AWS would give it, and a permission or a pattern may not fit it.
   * Default: none, so that a type that is not known is refused.
   */
  readonly stubResourceTypes?: readonly string[];
  /** Values of the stacks' parameters. Default: their own defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** What came of a rehearsal. Times are seconds since its beginning. */
export interface SimulationResult {
  /** Of the stack that something was done with last, such as `CREATE_COMPLETE` or `ROLLBACK_COMPLETE`. */
  readonly stackStatus: string;
  /** Why a stack, or a state machine that was started, failed first; undefined when the last stack and they succeeded. */
  readonly statusReason?: string;
  /** The outputs of that stack, by their logical ids. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Each execution of the workflow, in the order in which they were started. */
  readonly cancellations: readonly Cancellation[];
  /** What happened to that which is deployed, in order. */
  readonly statuses: readonly DeploymentStatus[];
  /** Every call of a service of AWS, in order. */
  readonly calls: readonly Call[];
  /** The events of the stacks, in order. */
  readonly stackEvents: readonly StackEvent[];
  /** What was published to topics of SNS, in order. */
  readonly messages: readonly string[];
  /** How long it would have taken. */
  readonly elapsedSeconds: number;
}

/** How one cancellation went. */
export interface Cancellation {
  /** The path of the construct in its app, where it is a resource of a stack: `StopTheRelease/CancelWebProd`. */
  readonly path?: string;
  readonly kind: string;
  readonly identifiers: Readonly<Record<string, string>>;
  /** Its options, such as `abandon`; undefined for a kind without options. */
  readonly options?: Readonly<Record<string, boolean>>;
  /** As in the README; undefined when the execution did not come to its end. */
  readonly outcome?: string;
  /** Of the service; undefined when none was read. */
  readonly deploymentStatus?: string;
  readonly deploymentId?: string;
  /** One line: what came of it, and why. */
  readonly reason?: string;
  readonly startedAtSeconds: number;
  readonly endedAtSeconds?: number;
}

/** A deployment has another status. */
export interface DeploymentStatus {
  readonly atSeconds: number;
  /** What is deployed: `service/web/service-instance/web-prod`, `prod/web`. */
  readonly resource: string;
  readonly deploymentId: string;
  readonly status: string;
}

/** A call of a service. */
export interface Call {
  readonly atSeconds: number;
  readonly service: string;
  readonly operation: string;
  /** `ok`, or the type of the error. */
  readonly answer: string;
}

/** Something has happened to a stack or to a resource of one. */
export interface StackEvent {
  readonly atSeconds: number;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly reason?: string;
}

/**
 * Deploys stacks on an embedded cloud, as they are: their templates, the functions and the state machines in them. Nothing
 * leaves this machine, no credentials are read, and nothing waits in real time.
 *
 * @throws when the embedded cloud cannot do what the stacks or the options want; that a stack fails is a result
 */
export function simulate(what: Simulatable, options: SimulationOptions = {}): Promise<SimulationResult> {
  return perform(what, options);
}
