import type { Stack, Stage } from 'aws-cdk-lib';
import type { DeploymentKind, ServiceName } from '../../lib/deployments/kinds';
import { runSimulation } from './simulate';

// Everything public in cdk-deployment-cancellation/testing is in this file. Its declarations are published: they may refer
// to the declarations in lib/, which are published as well, and to no other file.

/** The behavior of a deployment that is cancelled. */
export type Scenario =
  /** The deployment is cancelled in less than a minute. */
  | 'cancelled'
  /** The cancellation is accepted and fails. */
  | 'cancel-fails'
  /** The deployment succeeds before the cancellation takes effect. */
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
  /** Every response is an HTML page. */
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
    /** The steps after it. With an empty list, the status never changes again. Default: the rest of `steps`. */
    readonly steps?: readonly PlanStep[];
  };
}

/** A change of the status of a deployment. */
export interface PlanStep {
  /** The time since the previous step. */
  readonly afterSeconds: number;
  /** The status, which is mapped to one of the service. A service without such a status skips the step. */
  readonly status: 'CANCELLING' | 'CANCELLED' | 'FAILED' | 'SUCCEEDED' | 'DELETE_IN_PROGRESS';
}

/** A resource whose deployment can be cancelled. */
export interface DeploymentToCancel {
  readonly kind: DeploymentKind;
  /** Its names: `{ clusterName: 'prod', serviceName: 'web' }`. A deployment cannot be addressed by its ID. */
  readonly identifiers: Readonly<Record<string, string>>;
  /** The behavior of its deployment. Default: the scenario of the simulation. */
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
  /** Whether the simulation succeeds although no call had the fault. Default: false. */
  readonly optional?: boolean;
}

/** A fault of some invocations of a function of the workflow. */
export interface FunctionFault {
  readonly function: 'cloudformation' | 'deployment';
  /** The first invocation with the fault. Default: 1. */
  readonly from?: number;
  /** The last invocation with the fault. Default: all invocations from the first on. */
  readonly to?: number;
  readonly fault: /** Lambda has no capacity, and does not run the function. */
    | { readonly kind: 'throttle' }
    /** The process crashes before the handler runs, or after it has done everything, so that its result is lost. */
    | { readonly kind: 'crash'; readonly when: 'before' | 'after' }
    /** The function times out, before the handler has done anything, or after it has done everything. */
    | { readonly kind: 'timeout'; readonly when: 'before' | 'after' };
  /** Whether the simulation succeeds although no invocation had the fault. Default: false. */
  readonly optional?: boolean;
}

/** An operation of a simulation. */
export type Operation =
  | {
      readonly operation: 'create' | 'update' | 'delete';
      /** The ID of the stack in its app. Default: all simulated stacks, in the order of their dependencies. */
      readonly stack?: string;
      /** The new version of the stack, for an update: a stack with the same name. Default: the simulated stack. */
      readonly to?: Simulatable;
      /** Whether the stack fails after all its resources, and is rolled back. Default: false. */
      readonly fails?: boolean;
    }
  /** Starts a state machine, by the beginning of its logical ID. */
  | { readonly operation: 'start'; readonly machine: string }
  /** Publishes an event to EventBridge. */
  | {
      readonly operation: 'publish';
      readonly event: {
        readonly source: string;
        readonly 'detail-type': string;
        readonly detail: Readonly<Record<string, unknown>>;
      };
    };

/**
 * An app or a stage, with all its stacks; a stack, with the stacks that it depends on; or the directory of a cloud assembly,
 * such as `cdk.out`. Stacks without resources are skipped.
 */
export type Simulatable = Stage | Stack | string;

/** The options of a simulation. */
export interface SimulationOptions {
  /** The behavior of each deployment that can be cancelled. Default: `cancelled`. */
  readonly scenario?: Scenario | DeploymentPlan;
  /**
   * The deployments that can be cancelled. Default: the deployments that the templates name in a cancellation, a guard, a
   * state machine or a rule. Required if a name is known only when the stack is deployed, and for fleets that are
   * not a list.
   */
  readonly deployments?: readonly DeploymentToCancel[];
  /** Faults of calls, in addition to those of the scenario. Default: none. */
  readonly faults?: readonly CallFault[];
  /** Faults of the functions of the workflow. Default: none. */
  readonly functionFaults?: readonly FunctionFault[];
  /** The operations, in order. Default: all stacks are created, until one fails. */
  readonly operations?: readonly Operation[];
  /**
   * The types of resources that do not matter to the simulation, such as `AWS::S3::Bucket`, `AWS::EC2::*`, or `*` for every
   * type that the emulator does not have. Such a resource is a stub, whose properties are ignored. `Ref` and the attribute
   * for its name are the name in the template, or the logical ID. An attribute that ends in `Arn` is an ARN, and another
   * attribute a text. A custom resource can be a stub too, such as `Custom::S3AutoDeleteObjects`; the function behind it is
   * then not run. Default: none; a type that the emulator does not have is rejected.
   */
  readonly stubResourceTypes?: readonly string[];
  /**
   * The functions whose code does not matter to the simulation: the paths of their constructs, such as `Shop/Resizer`, or
   * `*` for every function that the emulator cannot run. It runs Node.js code of assets and inline code. A stub returns
   * nothing, and succeeds as a custom resource. Default: none; a function that cannot be run is rejected.
   */
  readonly stubFunctions?: readonly string[];
  /**
   * The values of parameters: of the stacks, by their logical IDs, and of Parameter Store, by their names, such as
   * `/shop/cluster`. Default: the defaults of the stacks.
   */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whether reads and permissions lag behind writes by some seconds. Default: `strong`, they do not. */
  readonly consistency?: 'strong' | 'eventual';
  /** The quotas of the account: the default quotas of AWS, or those of a new account. Default: `none`. */
  readonly quotas?: 'none' | 'default' | 'new-account';
  /** Whether events of Lambda and EventBridge are delayed, and sometimes delivered twice. Default: `prompt`, they are not. */
  readonly delivery?: 'prompt' | 'at-least-once';
}

/** The result of a simulation. Times are seconds since its start. */
export interface SimulationResult {
  /** The status of the stack of the last operation, such as `CREATE_COMPLETE` or `ROLLBACK_COMPLETE`. */
  readonly stackStatus: string;
  /** The reason of the first failure of a stack, or of a state machine that was started; undefined after a success. */
  readonly statusReason?: string;
  /** The outputs of that stack, by their logical IDs. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The executions of the workflow, in the order of their start. */
  readonly cancellations: readonly Cancellation[];
  /** The changes of the statuses of deployments, in order. */
  readonly statuses: readonly DeploymentStatus[];
  /** The calls of services of AWS, in order. */
  readonly calls: readonly Call[];
  /** The events of the stacks, in order. */
  readonly stackEvents: readonly StackEvent[];
  /** The messages that were published to topics of SNS, in order. */
  readonly messages: readonly string[];
  /** The simulated time. */
  readonly elapsedSeconds: number;
}

/** An execution of the workflow. */
export interface Cancellation {
  /** The path of the construct, if it is a resource of a stack: `StopTheRelease/CancelWebProd`. */
  readonly path?: string;
  readonly kind: string;
  readonly identifiers: Readonly<Record<string, string>>;
  /** Its options, such as `abandon`; undefined for a kind without options. */
  readonly options?: Readonly<Record<string, boolean | number | string | readonly string[]>>;
  /** The outcome; undefined if the execution did not end normally. */
  readonly outcome?: string;
  /** The status of the service; undefined if none was read. */
  readonly deploymentStatus?: string;
  readonly deploymentId?: string;
  /** One line with the result and its reason. */
  readonly reason?: string;
  readonly startedAtSeconds: number;
  readonly endedAtSeconds?: number;
}

/** A change of the status of a deployment. */
export interface DeploymentStatus {
  readonly atSeconds: number;
  /** The deployed resource: `service/web/service-instance/web-prod`, `prod/web`. */
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

/** An event of a stack, or of one of its resources. */
export interface StackEvent {
  readonly atSeconds: number;
  readonly logicalId: string;
  readonly resourceType: string;
  readonly status: string;
  readonly reason?: string;
}

/**
 * Deploys stacks on an emulator, with their templates, functions and state machines unchanged. Reads no credentials, calls no
 * real service, and takes no real time for waits. A function that tries to connect to anything but the emulator ends the
 * simulation.
 *
 * @returns the result, also if a stack fails
 * @throws if the emulator cannot do what the stacks or the options require, or if a fault matched nothing
 */
export function simulate(what: Simulatable, options: SimulationOptions = {}): Promise<SimulationResult> {
  return runSimulation(what, options);
}
