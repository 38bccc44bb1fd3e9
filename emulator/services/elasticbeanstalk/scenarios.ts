import type * as api from '@aws-sdk/client-elastic-beanstalk';
import { arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import { type Input, optionalText, optionalTexts } from '../../core/json-input';
import { queryProtocol } from '../../core/protocols';
import type { ListedDeployment, Resource, SimulatedDeployments } from '../../core/simulated-deployments';
import { latest } from '../../core/simulated-service';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

/** The states of an update. The status of an environment does not tell how its last update ended. */
type State = 'Updating' | 'Aborting' | 'Succeeded' | 'Aborted' | 'Failed';
type Environments = SimulatedDeployments<State>;
type Environment = Resource<State>;

/** AWS Elastic Beanstalk, limited to updates of environments. */
export const simulation = defineSimulation<State>({
  service: 'elasticbeanstalk',
  title: 'AWS Elastic Beanstalk',
  protocol: queryProtocol('2010-12-01'),
  statuses: {
    started: 'Updating',
    cancellable: ['Updating'],
    cancelling: 'Aborting',
    cancelled: 'Aborted',
    failed: 'Failed',
    succeeded: 'Succeeded',
    terminal: ['Succeeded', 'Aborted', 'Failed'],
  },
  errors: { notFound: 'InvalidParameterValue', notInProgress: 'InvalidParameterValue' },
  refusals: { OVER: 'InvalidParameterValue', INVALID: 'ValidationError' },
  newId: (count) => uuidOf(`environment update ${count}`),
  pathOf: ({ environmentName = '' }) => environmentName,
  operations: {
    DescribeEnvironments: {
      answer: (environments, input) => ({
        Environments: select(environments, input).map((environment) => description(environments, environment)),
      }),
      resources: (environments, input) => select(environments, input).map(({ path }) => arnPath(path)),
      deniedAnswer: { Environments: [] },
    },
    DescribeEvents: {
      answer: describeEvents,
      resources: (environments, input) => [arnPath(find(environments, input).path)],
      deniedAnswer: { Events: [] },
    },
    AbortEnvironmentUpdate: {
      answer(environments, input) {
        environments.cancel(find(environments, input).path);
        return {};
      },
      resources: (environments, input) => [arnPath(find(environments, input).path)],
    },
  },
});

function description({ environment: account }: Environments, environment: Environment): api.EnvironmentDescription {
  const { path } = environment;
  const { status, lastModifiedAt } = latest(environment);
  return {
    ApplicationName: APPLICATION,
    EnvironmentName: path,
    EnvironmentId: idOf(path),
    EnvironmentArn: arnOf(account, 'elasticbeanstalk', arnPath(path)),
    Status: status === 'Updating' || status === 'Aborting' ? status : 'Ready',
    AbortableOperationInProgress: status === 'Updating',
    DateUpdated: new Date(lastModifiedAt),
  };
}

function describeEvents(environments: Environments, input: Input): api.EventDescriptionsMessage {
  const environment = byId(environments, optionalText(input, 'EnvironmentId'));
  const events = environment?.deployments.flatMap(eventsOf).reverse() ?? [];
  const { page, next } = pageOf(events, input, { size: 'MaxRecords', token: 'NextToken' });
  return { Events: [...page], NextToken: next };
}

/** The events of an update, oldest first. The end of an abort has none, because no message of it is known. */
function eventsOf({ id, status, message, createdAt, completedAt, resource }: ListedDeployment<State>) {
  const event = (Message: string, at: number, Severity: api.EventSeverity = 'INFO'): api.EventDescription => ({
    ApplicationName: APPLICATION,
    EnvironmentName: resource.path,
    RequestId: id,
    EventDate: new Date(at),
    Severity,
    Message,
  });
  const events = [
    event('Environment update is starting.', createdAt),
    // It belongs to no request.
    { ...event('Environment health has transitioned from Ok to Info.', createdAt), RequestId: undefined },
  ];
  if (completedAt === undefined) return events;
  if (status === 'Succeeded') return [...events, event('Environment update completed successfully.', completedAt)];
  if (status !== 'Failed') return events;
  const reason = event(message ?? 'Command failed on instance.', completedAt, 'ERROR');
  return [...events, reason, event('Failed to deploy application.', completedAt, 'ERROR')];
}

const APPLICATION = 'shop';

function arnPath(name: string): string {
  return `environment/${APPLICATION}/${name}`;
}

/** The ID of an environment, by its name. */
function idOf(name: string): string {
  return `e-${uuidOf(`environment ${name}`).replaceAll('-', '').slice(0, 10)}`;
}

function byId(environments: Environments, id: string | undefined): Environment | undefined {
  return environments.resources.find(({ path }) => idOf(path) === id);
}

function find(environments: Environments, input: Input): Environment {
  const id = optionalText(input, 'EnvironmentId');
  const found = byId(environments, id);
  if (found) return found;
  throw new ServiceError('InvalidParameterValue', `No Environment found for EnvironmentId = '${id}'.`);
}

/** The environments that a request names by their names or IDs. */
function select(environments: Environments, input: Input): readonly Environment[] {
  const names = [...optionalTexts(input, 'EnvironmentNames'), ...optionalTexts(input, 'EnvironmentIds')];
  return environments.resources.filter(({ path }) => names.includes(path) || names.includes(idOf(path)));
}
