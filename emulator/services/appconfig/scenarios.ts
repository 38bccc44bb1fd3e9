import type * as api from '@aws-sdk/client-appconfig';
import { ServiceError } from '../../core/http-server';
import type { Input } from '../../core/json-input';
import { restProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type State = api.DeploymentState;
type Environments = SimulatedDeployments<State>;

const ENVIRONMENT = '/applications/{ApplicationId}/environments/{EnvironmentId}';

/** AWS AppConfig, limited to deployments. It has no status of a deployment that failed. */
export const simulation = defineSimulation<State>({
  service: 'appconfig',
  title: 'AWS AppConfig',
  protocol: restProtocol({
    routes: {
      ListDeployments: `GET ${ENVIRONMENT}/deployments`,
      GetDeployment: `GET ${ENVIRONMENT}/deployments/{DeploymentNumber}`,
      StopDeployment: `DELETE ${ENVIRONMENT}/deployments/{DeploymentNumber}`,
    },
    headers: { AllowRevert: 'Allow-Revert' },
    dates: 'iso',
  }),
  statuses: {
    started: 'DEPLOYING',
    cancellable: ['DEPLOYING'],
    cancelling: 'ROLLING_BACK',
    cancelled: 'ROLLED_BACK',
    succeeded: 'COMPLETE',
    terminal: ['COMPLETE', 'ROLLED_BACK', 'REVERTED'],
  },
  errors: { notFound: 'ResourceNotFoundException', notInProgress: 'BadRequestException' },
  refusals: { OVER: 'BadRequestException', INVALID: 'BadRequestException' },
  newId: String,
  pathOf: ({ applicationId, environmentId }) => `${applicationId}/${environmentId}`,
  operations: {
    ListDeployments: {
      answer: listDeployments,
      resources: (_, input) => [`application/${input.ApplicationId}`, arnPath(input)],
    },
    GetDeployment: { answer: (environments, input) => description(find(environments, input)), resources },
    StopDeployment: { answer: stopDeployment, resources },
  },
});

function listDeployments(environments: Environments, input: Input): api.Deployments {
  const deployments = environments.newestFirst(pathIn(input));
  const { page, next } = pageOf(deployments, input, { size: 'max_results', token: 'next_token' });
  return { Items: page.map(summary), NextToken: next };
}

function stopDeployment(environments: Environments, input: Input): api.Deployment {
  const { id, status } = find(environments, input);
  if (status === 'COMPLETE' && input.AllowRevert === 'true') environments.rewrite(pathIn(input), id, 'REVERTED');
  else environments.cancel(pathIn(input), id);
  return description(find(environments, input));
}

function summary({ id, status, createdAt, completedAt }: ListedDeployment<State>): api.DeploymentSummary {
  return {
    DeploymentNumber: Number(id),
    ConfigurationName: 'features',
    State: status,
    StartedAt: new Date(createdAt),
    CompletedAt: completedAt === undefined ? undefined : new Date(completedAt),
  };
}

function description(deployment: ListedDeployment<State>): api.Deployment {
  const [ApplicationId, EnvironmentId] = deployment.resource.path.split('/');
  const EventLog = deployment.message === undefined ? [] : [{ Description: deployment.message }];
  return { ApplicationId, EnvironmentId, ...summary(deployment), EventLog };
}

function find(environments: Environments, input: Input): ListedDeployment<State> {
  const found = environments.resource(pathIn(input)).deployments.find(({ id }) => id === input.DeploymentNumber);
  if (found) return found;
  throw new ServiceError('ResourceNotFoundException', `there is no deployment ${input.DeploymentNumber}`, 404);
}

function pathIn({ ApplicationId, EnvironmentId }: Input): string {
  return `${ApplicationId}/${EnvironmentId}`;
}

function arnPath({ ApplicationId, EnvironmentId }: Input): string {
  return `application/${ApplicationId}/environment/${EnvironmentId}`;
}

function resources(_: Environments, input: Input): readonly string[] {
  const environment = arnPath(input);
  return [`application/${input.ApplicationId}`, environment, `${environment}/deployment/${input.DeploymentNumber}`];
}
