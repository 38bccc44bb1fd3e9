import {
  type CancellableDeployment,
  CodeDeployDeployment,
  CodePipelineExecution,
  EcsServiceDeployment,
  ProtonDeployment,
  StackUpdate,
} from '../lib/index';

/** The names that can be given with `-c name=value`, and what they are without it. */
const NAMES = {
  serviceName: 'web',
  serviceInstanceName: 'web-prod',
  environmentName: 'prod',
  componentName: 'bucket',
  cluster: 'prod',
  service: 'web',
  stackName: 'web',
  applicationName: 'shop',
  deploymentGroupName: 'web',
  /** Of one deployment; without it, of whatever is in flight. */
  deploymentId: '',
  pipelineName: 'release',
  /** Of one execution; without it, of whatever is in flight. */
  executionId: '',
  abandon: 'false',
} as const;
type Name = keyof typeof NAMES;
type Named = (name: Name) => string;

interface Kind {
  readonly names: readonly Name[];
  readonly make: (named: Named) => CancellableDeployment;
}

/** What can be cancelled, by the kind that the context names. */
const KINDS: Readonly<Record<string, Kind>> = {
  'service-instance': {
    names: ['serviceName', 'serviceInstanceName'],
    make: (named) =>
      ProtonDeployment.serviceInstance({
        serviceName: named('serviceName'),
        serviceInstanceName: named('serviceInstanceName'),
      }),
  },
  'service-pipeline': {
    names: ['serviceName'],
    make: (named) => ProtonDeployment.servicePipeline({ serviceName: named('serviceName') }),
  },
  environment: {
    names: ['environmentName'],
    make: (named) => ProtonDeployment.environment({ environmentName: named('environmentName') }),
  },
  component: {
    names: ['componentName'],
    make: (named) => ProtonDeployment.component({ componentName: named('componentName') }),
  },
  'stack-update': {
    names: ['stackName'],
    make: (named) => StackUpdate.of({ stackName: named('stackName') }),
  },
  'ecs-service-deployment': {
    names: ['cluster', 'service'],
    make: (named) => EcsServiceDeployment.of({ cluster: named('cluster'), service: named('service') }),
  },
  'codedeploy-deployment': {
    names: ['applicationName', 'deploymentGroupName', 'deploymentId'],
    make: (named) => {
      const deploymentId = named('deploymentId');
      if (deploymentId !== '') return CodeDeployDeployment.ofId(deploymentId);
      return CodeDeployDeployment.of({
        applicationName: named('applicationName'),
        deploymentGroupName: named('deploymentGroupName'),
      });
    },
  },
  'codepipeline-execution': {
    names: ['pipelineName', 'executionId', 'abandon'],
    make: (named) =>
      CodePipelineExecution.of({
        pipelineName: named('pipelineName'),
        executionId: named('executionId') || undefined,
        abandon: isTrue('abandon', named('abandon')),
      }),
  },
};

function isTrue(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Error(`context ${name} must be true or false, not '${value}': give it as -c ${name}=true`);
}

/** What the app is about, as the context says. */
export interface ParsedContext {
  readonly kind: string;
  readonly deployment: CancellableDeployment;
  /** What of the context it looks at, beside the kind. */
  readonly names: readonly string[];
}

/**
 * @param context a value of the context; undefined where there is none
 * @throws if a value cannot be used
 */
export function parseContext(context: (name: string) => unknown): ParsedContext {
  const text = (name: string, fallback: string): string => {
    const value = context(name) ?? undefined;
    if (value === undefined) return fallback;
    if (typeof value === 'string' && value !== '') return value;
    throw new Error(`context ${name} must be a text, not ${JSON.stringify(value)}: give it as -c ${name}=…`);
  };
  const kind = text('kind', 'service-instance');
  const known = Object.hasOwn(KINDS, kind) && KINDS[kind];
  if (!known) throw new Error(`context kind must be one of ${Object.keys(KINDS).join(', ')}, not '${kind}'`);
  const deployment = known.make((name) => text(name, NAMES[name]));
  return { kind, deployment, names: [...known.names, 'trigger'] };
}
