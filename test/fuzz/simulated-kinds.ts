import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { type CancelPlan, type DeploymentPlan, HOURS, MINUTES, type PlanStep, SECONDS } from '../../emulator/core/plan';
import type { SeededDeployment } from '../../emulator/services/proton/plan';
import { DEFAULT_NAMES } from '../../emulator/services/proton/scenarios';
import type { GenericStatus, Script } from '../../emulator/simulation/scenarios';
import { type Account, planOf, simulationOf } from '../../emulator/simulation/service-simulation';
import { type DeploymentKind, kindDefinition, sampleIdentifiers, serviceOf } from '../../lib/deployments/kinds';
import { DEFAULTS, type FleetBehavior, type OnCancel, type Schedule, SECRETS } from './schedule';
import { isFleet } from './stack-lifecycles';

/** The emulated services of the kinds, from the simulation that each service exports. */

/** The kinds whose cancel request names no deployment, so that it reaches whichever is in flight. */
const CANCELS_WHAT_IS_IN_FLIGHT: readonly string[] = [
  'autoscaling-instance-refresh',
  'cloudformation-stack-update',
  'proton-component',
  'proton-environment',
  'proton-service-instance',
  'proton-service-pipeline',
] satisfies DeploymentKind[];

export function cancelsWhatIsInFlight(kind: string): boolean {
  return CANCELS_WHAT_IS_IN_FLIGHT.includes(kind);
}

/** Whether the path of a simulated resource is the one that a deployment deploys. */
export function deploysTo({ kind, identifiers }: Deployed, path: string): boolean {
  // The account of any other service has one resource.
  if (serviceOf(kind) !== 'proton') return true;
  const resource = kindDefinition(kind).resource(identifiers);
  // The path of a pipeline of Proton is below its service.
  return resource.endsWith(path) || path.startsWith(resource);
}

interface Deployed {
  readonly kind: string;
  readonly identifiers: Readonly<Record<string, string>>;
}

/** The account of a schedule. */
export function accountOf({ lifecycle, kind, behaviors }: Schedule): Account {
  const identifiers = sampleIdentifiers(kind);
  const deploymentsOf = (scripts: readonly Script[]) =>
    scripts.flatMap((script) => planOf({ kind, identifiers }, script, DEFAULT_ENVIRONMENT).target.deployments);
  if (kind === DEFAULTS.kind) {
    const { environmentName, serviceName, serviceInstanceName } = DEFAULT_NAMES;
    const instances = behaviors.map((behavior, index) => ({
      name: isFleet(lifecycle) ? `${serviceName}-${index}` : serviceInstanceName,
      environmentName,
      deployments: deploymentsOf(scriptsOf(behavior)) as readonly SeededDeployment[],
      withholdsDeploymentIds: behavior.withholdsIds,
      spec: SECRETS.spec,
    }));
    const services = [{ name: serviceName, spec: SECRETS.spec, instances }];
    return { seed: { environments: [{ name: environmentName }], services } };
  }
  const [behavior] = behaviors;
  const deployments = behavior ? deploymentsOf([EARLIER, ...scriptsOf(behavior)]) : [];
  return simulationOf(kind).account([{ kind, identifiers, deployments }], DEFAULT_ENVIRONMENT);
}

type Deployment = NonNullable<Script['deployment']>;

/** A deployment that ended long ago. */
const EARLIER: Script = { deployment: { at: -20 * HOURS, steps: [{ after: 4 * MINUTES, status: 'SUCCEEDED' }] } };

function scriptsOf({ first, onCancel, cancelSeconds, startsAt }: FleetBehavior): Script[] {
  const running: Deployment[] = first
    ? [
        {
          at: -60 * SECONDS,
          steps: [step(first.seconds + 60, first.ends)],
          onCancel: PLANS[onCancel](cancelSeconds),
        },
      ]
    : [];
  const newer = startsAt.map((seconds): Deployment => ({ at: seconds * SECONDS, ...NEWER }));
  return [...running, ...newer].map((deployment) => ({ deployment }));
}

function step(seconds: number, status: GenericStatus): PlanStep<GenericStatus> {
  return { after: seconds * SECONDS, status, message: SECRETS.message };
}

const NEWER: DeploymentPlan<GenericStatus> = {
  steps: [step(900, 'SUCCEEDED')],
  onCancel: { steps: [step(20, 'CANCELLED')] },
};

/** The effects of a cancellation. A refusal is one of the reasons that each service has an error for. */
const PLANS: Readonly<Record<OnCancel, (seconds: number) => CancelPlan<GenericStatus>>> = {
  cancelled: (seconds) => ({ steps: [step(seconds, 'CANCELLED')] }),
  fails: (seconds) => ({ steps: [step(seconds, 'FAILED')] }),
  finishes: (seconds) => ({ steps: [step(seconds, 'SUCCEEDED')] }),
  stuck: () => ({ steps: [] }),
  'passed-over': () => ({}),
  refused: () => ({ refuse: 'INVALID' }),
  conflict: (seconds) => ({ refuse: 'OVER', steps: [step(seconds, 'SUCCEEDED')] }),
  superseded: (seconds) => ({ steps: [step(seconds, 'CANCELLED'), { after: 0, start: NEWER }] }),
  overtaken: () => ({ overtakenBy: NEWER, steps: [step(0, 'SUCCEEDED')] }),
  vanishes: (seconds) => ({ steps: [step(seconds, 'DELETE_IN_PROGRESS'), { after: 10 * SECONDS, vanish: true }] }),
};
