import type * as api from '@aws-sdk/client-codebuild';
import { arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import { type Input, optionalText, optionalTexts } from '../../core/json-input';
import { jsonProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.StatusType;
type Projects = SimulatedDeployments<Status>;

/** AWS CodeBuild, limited to builds. A requested stop does not change the status. */
export const simulation = defineSimulation<Status>({
  service: 'codebuild',
  title: 'AWS CodeBuild',
  protocol: jsonProtocol('CodeBuild_20161006', '1.1'),
  statuses: {
    started: 'IN_PROGRESS',
    cancellable: ['IN_PROGRESS'],
    cancelled: 'STOPPED',
    failed: 'FAILED',
    succeeded: 'SUCCEEDED',
    terminal: ['SUCCEEDED', 'FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED'],
  },
  errors: { notFound: 'ResourceNotFoundException', notInProgress: 'InvalidInputException' },
  refusals: { OVER: 'InvalidInputException', INVALID: 'InvalidInputException' },
  newId: (count) => uuidOf(`build ${count}`),
  pathOf: ({ projectName = '' }) => projectName,
  operations: {
    ListBuildsForProject: {
      answer: listBuilds,
      resources: (_, input) => [`project/${textIn(input, 'projectName')}`],
    },
    BatchGetBuilds: {
      answer: batchGetBuilds,
      resources: (_, input) => idsIn(input).map(([project]) => `project/${project}`),
    },
    StopBuild: {
      answer: stopBuild,
      resources: (_, input) => [`project/${partsOf(textIn(input, 'id'))[0]}`],
    },
  },
});

function listBuilds(projects: Projects, input: Input): api.ListBuildsForProjectOutput {
  const project = textIn(input, 'projectName');
  const ids = projects.newestFirst(project).map(({ id }) => `${project}:${id}`);
  const { page, next } = pageOf(ids, input, { size: 'no member', token: 'nextToken' });
  return { ids: [...page], nextToken: next };
}

function batchGetBuilds(projects: Projects, input: Input): api.BatchGetBuildsOutput {
  const builds = idsIn(input).map(([, id]) => projects.find(id));
  return {
    builds: builds.flatMap((build) => (build ? [description(projects, build)] : [])),
    buildsNotFound: optionalTexts(input, 'ids').filter((_, index) => !builds[index]),
  };
}

function stopBuild(projects: Projects, input: Input): api.StopBuildOutput {
  const [project, id] = partsOf(textIn(input, 'id'));
  const build = projects.cancel(project, id).deployments.find((one) => one.id === id);
  return { build: build && description(projects, build) };
}

function description({ environment }: Projects, build: ListedDeployment<Status>): api.Build {
  const { resource, status, message, createdAt, completedAt } = build;
  const id = `${resource.path}:${build.id}`;
  return {
    id,
    arn: arnOf(environment, 'codebuild', `build/${id}`),
    projectName: resource.path,
    buildStatus: status,
    buildComplete: completedAt !== undefined,
    startTime: new Date(createdAt),
    endTime: completedAt === undefined ? undefined : new Date(completedAt),
    phases: message === undefined ? [] : [{ phaseType: 'BUILD', contexts: [{ message }] }],
  };
}

function idsIn(input: Input): readonly [string, string][] {
  const ids = optionalTexts(input, 'ids');
  if (ids.length < 1 || ids.length > 100) throw new ServiceError('InvalidInputException', 'ids must have 1 to 100 IDs');
  return ids.map(partsOf);
}

function partsOf(buildId: string): [string, string] {
  const [project = '', id = ''] = buildId.split(':');
  return [project, id];
}

function textIn(input: Input, member: string): string {
  const value = optionalText(input, member);
  if (value !== undefined && value !== '') return value;
  throw new ServiceError('InvalidInputException', `${member} must not be empty`);
}
