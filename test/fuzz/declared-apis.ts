import type { Deployment } from '../../lib/contract/cancellation';
import { parseDeclaration } from '../../lib/deployments/awsapi/kinds';
import type { Identifiers } from '../../lib/deployments/kind-definition';
import type { DeploymentKind } from '../../lib/deployments/kinds';
import { AwsApiDeployment, type AwsApiDeploymentProps } from '../../lib/index';

/** The kinds whose deployments a stack can also address as an `AwsApiDeployment`. */

interface DeclaredApi {
  declare(identifiers: Identifiers): Omit<AwsApiDeploymentProps, 'label'>;
  /** The identifiers in the parameters of a declared read. */
  identifiersIn(parameters: Readonly<Record<string, string>>): Identifiers;
}

const APIS: Readonly<Partial<Record<DeploymentKind, DeclaredApi>>> = {
  'appconfig-deployment': {
    declare({ applicationId: ApplicationId = '', environmentId: EnvironmentId = '' }) {
      const application = `arn:aws:appconfig:*:*:application/${ApplicationId}`;
      const environment = `${application}/environment/${EnvironmentId}`;
      return {
        service: 'appconfig',
        cancel: {
          action: 'appconfig:StopDeployment',
          resources: [application, environment, `${environment}/deployment/*`],
          parameters: { ApplicationId, EnvironmentId, DeploymentNumber: AwsApiDeployment.DEPLOYMENT_NUMBER },
        },
        read: {
          action: 'appconfig:ListDeployments',
          resources: [application, environment],
          parameters: { ApplicationId, EnvironmentId, MaxResults: 1 },
          idPath: 'Items[0].DeploymentNumber',
          statusPath: 'Items[0].State',
          startTimePath: 'Items[0].StartedAt',
        },
        statuses: {
          inProgress: ['DEPLOYING'],
          cancelling: ['ROLLING_BACK'],
          cancelled: ['ROLLED_BACK'],
          failed: [],
          succeeded: ['COMPLETE'],
        },
        notFoundErrors: ['ResourceNotFoundException'],
      };
    },
    identifiersIn: ({ ApplicationId = '', EnvironmentId = '' }) => ({
      applicationId: ApplicationId,
      environmentId: EnvironmentId,
    }),
  },
  'codepipeline-execution': {
    declare({ pipelineName = '' }) {
      const resources = [`arn:aws:codepipeline:*:*:${pipelineName}`];
      return {
        service: 'codepipeline',
        cancel: {
          action: 'codepipeline:StopPipelineExecution',
          resources,
          parameters: { pipelineName, pipelineExecutionId: AwsApiDeployment.DEPLOYMENT_ID },
        },
        read: {
          action: 'codepipeline:ListPipelineExecutions',
          resources,
          parameters: { pipelineName, maxResults: 1 },
          idPath: 'pipelineExecutionSummaries[0].pipelineExecutionId',
          statusPath: 'pipelineExecutionSummaries[0].status',
          startTimePath: 'pipelineExecutionSummaries[0].startTime',
        },
        statuses: {
          inProgress: ['InProgress'],
          cancelling: ['Stopping'],
          cancelled: ['Stopped'],
          failed: ['Failed'],
          succeeded: ['Succeeded'],
        },
        notFoundErrors: ['PipelineNotFoundException'],
      };
    },
    identifiersIn: ({ pipelineName = '' }) => ({ pipelineName }),
  },
};

export function isDeclarable(kind: DeploymentKind): boolean {
  return Object.hasOwn(APIS, kind);
}

/** The deployment of a target as a declared API. */
export function declaredDeploymentOf(target: { readonly kind: DeploymentKind; readonly identifiers: Identifiers }) {
  const api = apiOf(target.kind);
  return AwsApiDeployment.fromDeclaration({ label: target.kind, ...api.declare(target.identifiers) });
}

/** The target of a deployment that may be a declared API. */
export function declaredTarget({ kind, identifiers }: Deployment): Pick<Deployment, 'kind' | 'identifiers'> {
  if (kind !== 'aws-api-deployment') return { kind, identifiers };
  const { label, read } = parseDeclaration(identifiers.declaration);
  const api = apiOf(label as DeploymentKind);
  return { kind: label, identifiers: api.identifiersIn(read.parameters as Readonly<Record<string, string>>) };
}

function apiOf(kind: DeploymentKind): DeclaredApi {
  const api = APIS[kind];
  if (!api) throw new Error(`no API is declared for ${kind}`);
  return api;
}
