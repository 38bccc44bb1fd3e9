import { accessDenied } from '../iam';
import type { Fault, Faults } from '../wire';
import { type CancelPlan, type DeploymentPlan, MINUTES, SECONDS, type SeededDeployment, type WorldSeed } from './plan';
import {
  apiOf,
  DEFAULT_KIND,
  DEFAULT_NAMES,
  isKind,
  KINDS,
  type Kind,
  type Names,
  operationOf,
  seedOf,
  type Target,
} from './target';
import { arnOf, DEFAULT_PLACE } from './world';

export { DEFAULT_NAMES };

/** Which calls of Proton go wrong, and how. Calls are counted for each operation. */
export interface FaultRule {
  /** Default: every operation. */
  readonly operation?: string;
  /** The first call that goes wrong. Default: 1. */
  readonly from?: number;
  /** The last call that goes wrong. Default: there is no last one. */
  readonly to?: number;
  readonly fault: Fault;
}

/** A world in which something is to be seen, as plain data. */
export interface Scenario {
  /** As `findScenario` takes it. */
  readonly name: string;
  readonly kind: Kind;
  /** One line: what the service does. */
  readonly description: string;
  readonly seed: WorldSeed;
  readonly faults: readonly FaultRule[];
}

/** How long a deployment takes that nobody cancels. */
const UNDISTURBED: DeploymentPlan['steps'] = [{ after: 25 * MINUTES, status: 'SUCCEEDED' }];
const running = (onCancel: CancelPlan): SeededDeployment => ({
  at: -2 * MINUTES,
  steps: UNDISTURBED,
  onCancel,
});
const CANCELLED_IN_40_S = running({ steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] });
const NEWER: DeploymentPlan = {
  steps: UNDISTURBED,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' }] },
};
const CALLER = {
  accountId: DEFAULT_PLACE.account,
  roleName: 'deployment-function',
  sessionName: 'deployment-function',
};
const THROTTLED: Fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' };

interface Definition {
  readonly description: string;
  /** The last deployment of what is to be cancelled; none where that is not there. */
  readonly deployment?: SeededDeployment;
  readonly faults?: (target: Target) => readonly FaultRule[];
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
    description: 'the last deployment has succeeded long ago',
    deployment: { at: -40 * MINUTES, steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }] },
  },
  'already-cancelling': {
    description: 'somebody else has asked to cancel the deployment',
    deployment: {
      at: -2 * MINUTES,
      steps: [
        { after: 2 * MINUTES, status: 'CANCELLING' },
        { after: 70 * SECONDS, status: 'CANCELLED' },
      ],
    },
  },
  throttled: {
    description: 'bursts of throttling, of the cancellation and of the reads',
    deployment: CANCELLED_IN_40_S,
    faults: ({ kind }) => {
      const { cancelAction, readAction } = apiOf(kind);
      const read = operationOf(readAction);
      return [
        { operation: operationOf(cancelAction), to: 3, fault: THROTTLED },
        { operation: read, from: 2, to: 3, fault: THROTTLED },
        { operation: read, from: 8, to: 11, fault: THROTTLED },
      ];
    },
  },
  conflict: {
    description: 'the cancellation is a conflict, because the deployment succeeds in the same moment',
    deployment: running({ refuse: 'ConflictException', steps: [{ after: 0, status: 'SUCCEEDED' }] }),
  },
  refused: {
    description: 'the cancellation is never accepted',
    deployment: running({ refuse: 'ValidationException' }),
  },
  'not-found': {
    description: 'there is nothing of that name',
  },
  'access-denied': {
    description: 'the caller may read but not cancel',
    deployment: CANCELLED_IN_40_S,
    faults: ({ kind, ...names }) => {
      const { cancelAction: action, resource } = apiOf(kind);
      const message = accessDenied(CALLER, { action, resource: arnOf(DEFAULT_PLACE, resource(names)) });
      return [{ operation: operationOf(action), fault: { kind: 'error', type: 'AccessDeniedException', message } }];
    },
  },
  superseded: {
    description: 'the deployment is cancelled, and a newer one takes its place before anybody looks',
    deployment: running({
      steps: [
        { after: 30 * SECONDS, status: 'CANCELLED' },
        { after: 0, start: NEWER },
      ],
    }),
  },
  overtaken: {
    description: 'a newer deployment starts just before the cancellation arrives, which therefore hits the newer one',
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
    description: 'a page of HTML answers every call',
    deployment: CANCELLED_IN_40_S,
    faults: () => [
      {
        fault: {
          kind: 'page',
          statusCode: 503,
          body: '<html><body><h1>503 Service Unavailable</h1></body></html>',
        },
      },
    ],
  },
  timeout: {
    description: 'the deployment is being cancelled for ever',
    deployment: running({ steps: [] }),
  },
  slow: {
    description: 'the cancellation takes twenty minutes',
    deployment: running({ steps: [{ after: 20 * MINUTES, status: 'CANCELLED' }] }),
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type ScenarioName = keyof typeof DEFINITIONS;
export const SCENARIO_NAMES = Object.keys(DEFINITIONS) as readonly ScenarioName[];

/** Every scenario of every kind, by the name under which it is found. */
export const SCENARIOS: readonly string[] = KINDS.flatMap((kind) => SCENARIO_NAMES.map((name) => nameOf(name, kind)));

/** The scenario of that name, about a service instance unless told otherwise. */
export function scenario(name: ScenarioName, target: Partial<Target> = {}): Scenario {
  const { description, deployment, faults }: Definition = DEFINITIONS[name];
  const whole: Target = { kind: DEFAULT_KIND, ...DEFAULT_NAMES, ...target };
  const { kind } = whole;
  const seed = seedOf(whole, deployment && { deployments: [deployment] });
  return { name: nameOf(name, kind), kind, description, seed, faults: faults?.(whole) ?? [] };
}

/** A world in which a service instance of those names is deployed as told. */
export function serviceInstanceSeed(
  names: Pick<Names, 'serviceName' | 'serviceInstanceName'>,
  deployment: SeededDeployment,
): WorldSeed {
  return seedOf({ ...DEFAULT_NAMES, ...names, kind: 'service-instance' }, { deployments: [deployment] });
}

/** What a text such as `cancelled` or `environment/cancelled` means; undefined if it means nothing. */
export function findScenario(text: string, names: Partial<Names> = {}): Scenario | undefined {
  const [name = '', kind = DEFAULT_KIND, ...others] = text.split('/').reverse();
  if (others.length > 0 || !isKind(kind) || !isScenarioName(name)) return undefined;
  return scenario(name, { ...names, kind });
}

function isScenarioName(text: string): text is ScenarioName {
  return Object.hasOwn(DEFINITIONS, text);
}

function nameOf(name: ScenarioName, kind: Kind): string {
  return kind === DEFAULT_KIND ? name : `${kind}/${name}`;
}

/** The faults of one run, which start counting now. */
export function faultsOf(rules: readonly FaultRule[]): Faults {
  const counts = new Map<string, number>();
  return ({ service, operation }) => {
    if (service !== 'proton') return undefined;
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    return rules.find(
      (rule) =>
        (rule.operation ?? operation) === operation &&
        count >= (rule.from ?? 1) &&
        count <= (rule.to ?? Number.POSITIVE_INFINITY),
    )?.fault;
  };
}
