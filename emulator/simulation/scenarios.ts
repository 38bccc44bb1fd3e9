import type { Fault } from '../core/http-server';
import {
  type CancelPlan,
  type DeploymentPlan,
  MINUTES,
  type PlanStep,
  SECONDS,
  type SeededDeployment,
} from '../core/plan';
import type { ServiceFactory } from '../core/service';
import type { InitialState } from '../services/proton/plan';
import type { FaultRule } from './faults';

/** A simulated account, in which a deployment behaves in one way. */
export interface Scenario {
  /** The name that `findScenario` takes. */
  readonly name: string;
  /** The kind of the deployment. */
  readonly kind: string;
  /** One line: the behavior of the service. */
  readonly description: string;
  /** The resources of Proton. */
  readonly seed: InitialState;
  /** The other services. */
  readonly services?: readonly ServiceFactory[];
  readonly faults: readonly FaultRule[];
}

/** A status in a word that every service has a status for, or none. */
export type GenericStatus = 'CANCELLING' | 'CANCELLED' | 'FAILED' | 'SUCCEEDED' | 'DELETE_IN_PROGRESS';

/** Why a service rejects a cancellation: the deployment is over, or the service does not accept the request. */
export type Refusal = 'OVER' | 'INVALID';

/** What the scenarios need to know about the deployments of a kind. */
export interface ServiceProfile<Status extends string> {
  readonly statuses: Readonly<Record<GenericStatus, Status | undefined>>;
  /** The types of the errors. */
  readonly refusals: Readonly<Record<Refusal, string>>;
  readonly service: string;
  readonly cancelOperation: string;
  /** The operation that is called while the cancellation waits. */
  readonly readOperation: string;
  /** The response to a caller that may not cancel. */
  readonly accessDenied: Fault;
  readonly throttled: Fault;
}

/** A deployment that nobody cancels. */
const UNDISTURBED: DeploymentPlan<GenericStatus>['steps'] = [{ after: 25 * MINUTES, status: 'SUCCEEDED' }];
const running = (onCancel: CancelPlan<GenericStatus>): SeededDeployment<GenericStatus> => ({
  at: -2 * MINUTES,
  steps: UNDISTURBED,
  onCancel,
});
const CANCELLED_IN_40_S = running({ steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] });
const NEWER: DeploymentPlan<GenericStatus> = {
  steps: UNDISTURBED,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] },
};

/** A scenario, independent of the kind of the deployment. */
export interface Script {
  /** The last deployment; undefined if there is nothing that is deployed. */
  readonly deployment?: SeededDeployment<GenericStatus>;
  readonly faults?: (profile: ServiceProfile<string>) => readonly FaultRule[];
}

const DEFINITIONS = {
  cancelled: {
    description: 'the deployment is cancelled in less than a minute',
    deployment: CANCELLED_IN_40_S,
  },
  'cancel-fails': {
    description: 'the cancellation is accepted and fails',
    deployment: running({
      steps: [
        {
          after: 90 * SECONDS,
          status: 'FAILED',
          message: 'Resource AWS::ECS::Service failed to roll back: the service did not stabilize.',
        },
      ],
    }),
  },
  'finishes-first': {
    description: 'the deployment succeeds before the cancellation takes hold',
    deployment: running({ steps: [{ after: 20 * SECONDS, status: 'SUCCEEDED' }] }),
  },
  'nothing-to-cancel': {
    description: 'the last deployment succeeded long ago',
    deployment: { at: -40 * MINUTES, steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }] },
  },
  'already-cancelling': {
    description: 'the deployment is already being cancelled',
    deployment: {
      at: -2 * MINUTES,
      steps: [
        { after: 2 * MINUTES, status: 'CANCELLING' },
        { after: 70 * SECONDS, status: 'CANCELLED' },
      ],
    },
  },
  throttled: {
    description: 'the cancellation and the reads are throttled in bursts',
    deployment: CANCELLED_IN_40_S,
    faults: ({ service, cancelOperation, readOperation: operation, throttled: fault }) => [
      { service, operation: cancelOperation, to: 3, fault },
      { service, operation, from: 2, to: 3, fault },
      { service, operation, from: 8, to: 11, fault },
    ],
  },
  conflict: {
    description: 'the cancellation is a conflict, because the deployment succeeds at the same time',
    deployment: running({ refuse: 'OVER', steps: [{ after: 0, status: 'SUCCEEDED' }] }),
  },
  refused: {
    description: 'the service rejects the cancellation',
    deployment: running({ refuse: 'INVALID' }),
  },
  'not-found': {
    description: 'the resource does not exist',
  },
  'access-denied': {
    description: 'the caller may read but not cancel',
    deployment: CANCELLED_IN_40_S,
    faults: ({ service, cancelOperation: operation, accessDenied: fault }) => [{ service, operation, fault }],
  },
  superseded: {
    description: 'the deployment is cancelled, and a newer one replaces it before the next read',
    deployment: running({
      steps: [
        { after: 30 * SECONDS, status: 'CANCELLED' },
        { after: 0, start: NEWER },
      ],
    }),
  },
  overtaken: {
    description:
      'a newer deployment starts just before the cancellation arrives, which reaches the newer one if it names no ID',
    deployment: running({ steps: [{ after: 0, status: 'SUCCEEDED' }], overtakenBy: NEWER }),
  },
  vanishes: {
    description: 'the resource is deleted while its deployment is being cancelled',
    deployment: running({
      steps: [
        { after: 15 * SECONDS, status: 'DELETE_IN_PROGRESS' },
        { after: 45 * SECONDS, vanish: true },
      ],
    }),
  },
  unavailable: {
    description: 'every call is answered with an HTML page',
    deployment: CANCELLED_IN_40_S,
    faults: ({ service }) => [
      {
        service,
        fault: {
          kind: 'page',
          statusCode: 503,
          body: '<html><body><h1>503 Service Unavailable</h1></body></html>',
        },
      },
    ],
  },
  timeout: {
    description: 'the cancellation of the deployment never ends',
    deployment: running({ steps: [] }),
  },
  slow: {
    description: 'the cancellation takes twenty minutes',
    deployment: running({ steps: [{ after: 20 * MINUTES, status: 'CANCELLED' }] }),
  },
} as const satisfies Readonly<Record<string, Script & { readonly description: string }>>;

export type ScenarioName = keyof typeof DEFINITIONS;
export const SCENARIO_NAMES = Object.keys(DEFINITIONS) as readonly ScenarioName[];

export function isScenarioName(text: string): text is ScenarioName {
  return Object.hasOwn(DEFINITIONS, text);
}

/** A script with the statuses and errors of a service. */
export interface ResolvedScript<Status extends string> {
  readonly deployment?: SeededDeployment<Status>;
  readonly faults: readonly FaultRule[];
}

/** Resolves a script for a service. A step for which the service has no status is left out, and takes no time. */
export function resolveScript<Status extends string>(
  { deployment, faults }: Script,
  profile: ServiceProfile<Status>,
): ResolvedScript<Status> {
  return { deployment: deployment && mapStatuses(deployment, profile), faults: faults?.(profile) ?? [] };
}

export function scriptOf(name: ScenarioName): Script & { readonly description: string } {
  return DEFINITIONS[name];
}

function mapStatuses<Status extends string>(
  { at, ...plan }: SeededDeployment<GenericStatus>,
  profile: ServiceProfile<Status>,
): SeededDeployment<Status> {
  return { at, ...planOf(plan, profile) };
}

function planOf<Status extends string>(
  { steps, onCancel }: DeploymentPlan<GenericStatus>,
  profile: ServiceProfile<Status>,
): DeploymentPlan<Status> {
  return {
    steps: steps && stepsOf(steps, profile),
    onCancel: onCancel && {
      refuse: onCancel.refuse && profile.refusals[onCancel.refuse as Refusal],
      overtakenBy: onCancel.overtakenBy && planOf(onCancel.overtakenBy, profile),
      steps: onCancel.steps && stepsOf(onCancel.steps, profile),
    },
  };
}

function stepsOf<Status extends string>(
  steps: readonly PlanStep<GenericStatus>[],
  profile: ServiceProfile<Status>,
): PlanStep<Status>[] {
  return steps.flatMap((step): PlanStep<Status>[] => {
    if ('start' in step) return [{ ...step, start: planOf(step.start, profile) }];
    if ('vanish' in step) return [step];
    const status = profile.statuses[step.status];
    return status === undefined ? [] : [{ ...step, status }];
  });
}
