import type { PublishedEvent } from '../../emulator/aws/events';
import { DEFAULT_ENVIRONMENT } from '../../emulator/core/environment';
import { MINUTES, SECONDS } from '../../emulator/core/plan';
import type { ServiceFactory } from '../../emulator/core/service';
import { type SimulatedStack, SimulatedStacks } from '../../emulator/services/cloudformation/simulated-stacks';
import type { InitialState } from '../../emulator/services/proton/plan';
import { scenarioOf } from '../../emulator/simulation/find-scenario';
import type { Operation } from '../../emulator/simulation/operations';
import { simulatedServicesOf } from '../../emulator/testing/simulated-services';
import { DEPLOYMENT_KINDS, type DeploymentKind, displayNameOf, sampleIdentifiers } from '../../lib/deployments/kinds';
import { PROTON_KINDS, type ProtonKindName } from '../../lib/deployments/proton/kinds';

/** A simulation of an app of `examples/`: the resources of the account, and the operations. */
export interface Example {
  readonly description: string;
  readonly seed: InitialState;
  /** The services besides Proton. */
  readonly services?: readonly ServiceFactory[];
  readonly operations: readonly Operation[];
  /** The names that `-c` accepts. */
  readonly context?: readonly string[];
}

/** A deployment in flight of the ECS service web in the cluster prod. */
const ROLLING_OUT = { seed: {}, services: scenarioOf('ecs-service-deployment', 'cancelled').services };
/** The same service, whose deployment ends before it is cancelled. */
const TOO_LATE = { seed: {}, services: scenarioOf('ecs-service-deployment', 'finishes-first').services };
/** The same service, without a deployment in flight. */
const QUIET = { seed: {}, services: scenarioOf('ecs-service-deployment', 'nothing-to-cancel').services };

const create = (stack: string): Operation => ({ operation: 'create', stack });

const ALARM: PublishedEvent = {
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  detail: { alarmName: 'web-errors', state: { value: 'ALARM' } },
};

/** Two services with a deployment in flight, one without, a pipeline, a deployment group and two stacks, one with a tag. */
function fleets(): Pick<Example, 'seed' | 'services'> {
  const inFlight: readonly [DeploymentKind, Readonly<Record<string, string>>][] = [
    ['ecs-service-deployment', { clusterName: 'prod', serviceName: 'web' }],
    ['ecs-service-deployment', { clusterName: 'prod', serviceName: 'api' }],
    ['codepipeline-execution', { pipelineName: 'release' }],
    ['codedeploy-deployment', { applicationName: 'shop', deploymentGroupName: 'web' }],
  ];
  const parts = inFlight.map(([kind, identifiers]) => ({ kind, identifiers, scenario: 'cancelled' as const }));
  const idle = {
    kind: 'ecs-service-deployment',
    identifiers: { clusterName: 'prod', serviceName: 'jobs' },
    scenario: 'nothing-to-cancel',
  } as const;
  const { seed, services } = simulatedServicesOf([...parts, idle], DEFAULT_ENVIRONMENT);
  const stacks: ServiceFactory = (clock, consistency) => {
    const simulated = new SimulatedStacks(STACKS, clock, DEFAULT_ENVIRONMENT, consistency);
    return { stacks: simulated, simulated };
  };
  return { seed, services: [...services, stacks] };
}

/** An update in flight. */
const UPDATE: NonNullable<SimulatedStack['updates']>[number] = {
  at: -2 * MINUTES,
  steps: [{ after: 60 * MINUTES, status: 'UPDATE_COMPLETE' }],
  onCancel: { steps: [{ after: 20 * SECONDS, status: 'UPDATE_ROLLBACK_COMPLETE' }] },
};

const STACKS: readonly SimulatedStack[] = [
  { name: 'web-prod', updates: [UPDATE] },
  { name: 'reports', tags: { team: 'reports' }, updates: [UPDATE] },
];

/** The kinds with an example that has their name. Its stack cancels the deployment that the sample identifiers address. */
type KindWithExample = Exclude<DeploymentKind, ProtonKindName | 'cloudformation-stack-update'>;

function examplesOfKinds(): Readonly<Record<KindWithExample, Example>> {
  const others: readonly string[] = [...Object.keys(PROTON_KINDS), 'cloudformation-stack-update'];
  const kinds = DEPLOYMENT_KINDS.filter((kind): kind is KindWithExample => !others.includes(kind));
  return Object.fromEntries(
    kinds.map((kind): [string, Example] => {
      const deployment = displayNameOf({ kind, identifiers: sampleIdentifiers(kind) });
      const { services } = scenarioOf(kind, 'cancelled');
      const operations = [create('StopTheDeployment')];
      const description = `a stack cancels the deployment in flight of ${deployment}`;
      return [kind, { description, seed: {}, services, operations, context: ['incident'] }];
    }),
  ) as Readonly<Record<KindWithExample, Example>>;
}

/** The examples that the emulator can run, by the names of their files. */
export const EXAMPLES = {
  basic: {
    description: 'a stack cancels a deployment',
    ...ROLLING_OUT,
    operations: [create('StopTheRelease')],
  },
  fleet: {
    description:
      'a stack cancels the deployments of a cluster, the executions of a pipeline, the updates of the stacks with a tag, and those of a list',
    ...fleets(),
    operations: [create('StopEverything')],
  },
  'rollback-by-hand': {
    description: 'a stack cancels a deployment, and then deploys a version that is known to work',
    ...ROLLING_OUT,
    operations: [create('RollBackWeb')],
    context: ['incident', 'taskDefinition'],
  },
  'rollback-automatic': {
    description: 'a stack starts a deployment and fails, and its guard cancels the deployment',
    ...QUIET,
    operations: [{ operation: 'create', stack: 'Release', fails: true }],
  },
  'rollback-from-outside': {
    description: 'a stack rolls back, and the rule of another one cancels the deployment in flight',
    ...ROLLING_OUT,
    operations: [create('Platform'), { operation: 'create', stack: 'WebApplication', fails: true }],
  },
  'step-functions-task': {
    description: 'a state machine cancels a deployment, and publishes the result',
    ...ROLLING_OUT,
    operations: [create('StopAndTell'), { operation: 'start', machine: 'StateMachine' }],
  },
  'step-functions-fragment': {
    description: 'a state machine is too late to cancel a deployment, and then deploys the previous version',
    ...TOO_LATE,
    operations: [create('StopAndGoOn'), { operation: 'start', machine: 'StateMachine' }],
  },
  'eventbridge-target': {
    description: 'an alarm cancels a deployment',
    ...ROLLING_OUT,
    operations: [create('CancelOnAlarm'), { operation: 'publish', event: ALARM }],
  },
  'workflow-of-another-stack': {
    description: 'a state machine cancels a deployment with the workflow of another stack',
    ...ROLLING_OUT,
    operations: [create('Platform'), create('Team'), { operation: 'start', machine: 'StateMachine' }],
  },
  'stack-update': {
    description: 'a stack cancels the update of another stack, which rolls back',
    seed: {},
    services: scenarioOf('cloudformation-stack-update', 'cancelled', { stackName: 'web-prod' }).services,
    operations: [create('StopTheUpdate')],
  },
  'aws-api-deployment': {
    description: 'a stack stops the execution of a state machine that deploys, through an API that is declared as data',
    seed: {},
    operations: [create('Release'), { operation: 'start', machine: 'Machine' }, create('StopTheDeployment')],
    context: ['incident'],
  },
  ...examplesOfKinds(),
} as const satisfies Readonly<Record<string, Example>>;

export type ExampleName = keyof typeof EXAMPLES;
export const EXAMPLE_NAMES = Object.keys(EXAMPLES) as readonly ExampleName[];

/** The example of a scenario such as `examples/basic`; undefined if there is none. */
export function findExample(text: string): (Example & { readonly file: string }) | undefined {
  const name = EXAMPLE_NAMES.find((candidate) => text === `examples/${candidate}`);
  return name && { ...EXAMPLES[name], file: `${text}.ts` };
}
