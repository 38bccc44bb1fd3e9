import type * as api from '@aws-sdk/client-amplify';
import { arnOf } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import type { Input } from '../../core/json-input';
import { restProtocol } from '../../core/protocols';
import type { ListedDeployment, SimulatedDeployments } from '../../core/simulated-deployments';
import { defineSimulation, pageOf } from '../../simulation/define-simulation';

type Status = api.JobStatus;
type Branches = SimulatedDeployments<Status>;

const JOBS = '/apps/{appId}/branches/{branchName}/jobs';

/** AWS Amplify Hosting, limited to jobs. */
export const simulation = defineSimulation<Status>({
  service: 'amplify',
  title: 'AWS Amplify',
  protocol: restProtocol({
    routes: { ListJobs: `GET ${JOBS}`, GetJob: `GET ${JOBS}/{jobId}`, StopJob: `DELETE ${JOBS}/{jobId}/stop` },
  }),
  statuses: {
    started: 'RUNNING',
    cancellable: ['RUNNING'],
    cancelling: 'CANCELLING',
    cancelled: 'CANCELLED',
    failed: 'FAILED',
    succeeded: 'SUCCEED',
    terminal: ['SUCCEED', 'FAILED', 'CANCELLED'],
  },
  errors: { notFound: 'NotFoundException', notInProgress: 'BadRequestException' },
  refusals: { OVER: 'BadRequestException', INVALID: 'BadRequestException' },
  newId: String,
  pathOf: ({ appId, branchName }) => `${appId}/${branchName}`,
  operations: {
    ListJobs: { answer: listJobs, resources: (_, input) => [`apps/${input.appId}/branches/${input.branchName}`] },
    GetJob: { answer: getJob, resources: (_, input) => [jobPath(pathIn(input), String(input.jobId))] },
    StopJob: { answer: stopJob, resources: (_, input) => [jobPath(pathIn(input), String(input.jobId))] },
  },
});

function listJobs(branches: Branches, input: Input): api.ListJobsResult {
  const { page, next } = pageOf(branches.newestFirst(pathIn(input)), input, { size: 'maxResults', token: 'nextToken' });
  return { jobSummaries: page.map((job) => summary(branches, job)), nextToken: next };
}

function getJob(branches: Branches, input: Input): api.GetJobResult {
  const job = find(branches, input);
  const { status, message, createdAt } = job;
  const time = new Date(createdAt);
  const steps = [{ stepName: 'DEPLOY', startTime: time, endTime: time, status, statusReason: message }];
  return { job: { summary: summary(branches, job), steps } };
}

function stopJob(branches: Branches, input: Input): api.StopJobResult {
  const { id } = find(branches, input);
  branches.cancel(pathIn(input), id);
  return { jobSummary: summary(branches, find(branches, input)) };
}

function summary({ environment }: Branches, job: ListedDeployment<Status>): api.JobSummary {
  const { id, resource, status, createdAt, completedAt } = job;
  return {
    jobId: id,
    jobArn: arnOf(environment, 'amplify', jobPath(resource.path, id)),
    commitId: 'HEAD',
    commitMessage: 'a change',
    commitTime: new Date(createdAt),
    startTime: new Date(createdAt),
    endTime: completedAt === undefined ? undefined : new Date(completedAt),
    status,
    jobType: 'RELEASE',
  };
}

function find(branches: Branches, input: Input): ListedDeployment<Status> {
  const found = branches.resource(pathIn(input)).deployments.find(({ id }) => id === input.jobId);
  if (found) return found;
  throw new ServiceError('NotFoundException', `there is no job ${input.jobId}`, 404);
}

function pathIn({ appId, branchName }: Input): string {
  return `${appId}/${branchName}`;
}

function jobPath(path: string, id: string): string {
  const [app, ...branch] = path.split('/');
  return `apps/${app}/branches/${branch.join('/')}/jobs/${id}`;
}
