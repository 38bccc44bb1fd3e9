import { JobStatus } from '@aws-sdk/client-amplify';
import { restProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/amplify';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const BRANCH = 'arn:aws-cn:amplify:cn-north-1:111122223333:apps/d123/branches/feature/a';
const JOBS = '/apps/{appId}/branches/{branchName}/jobs';
const NAMES = { appId: 'd123', branchName: 'feature/a' };
const BY_NAME: Deployment = { kind: 'amplify-job', identifiers: NAMES };
const ONE: Deployment = { ...BY_NAME, identifiers: { ...NAMES, jobId: '7' } };
const STARTED = 1_790_000_000.5;

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const job = ({ id, status }: Changes, more: object = {}) => ({
  jobId: id,
  status,
  jobArn: 'arn:job',
  startTime: STARTED,
  commitMessage: 'hunter3',
  ...more,
});

const { fake, driver } = testDriver({
  name: 'amplify',
  protocol: restProtocol({
    routes: { ListJobs: `GET ${JOBS}`, GetJob: `GET ${JOBS}/{jobId}`, StopJob: `DELETE ${JOBS}/{jobId}/stop` },
  }),
  service,
  deployment: BY_NAME,
  table: STATUSES,
  statuses: JobStatus,
  phases: {
    CREATED: 'IN_PROGRESS',
    PENDING: 'IN_PROGRESS',
    PROVISIONING: 'IN_PROGRESS',
    RUNNING: 'IN_PROGRESS',
    CANCELLING: 'CANCELLING',
    CANCELLED: 'CANCELLED',
    SUCCEED: 'COMPLETED',
    FAILED: 'FAILED',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'RUNNING',
    deploymentId: '7',
    startedAt: STARTED * 1000,
    attributes: { arn: 'arn:job', name: 'feature/a' },
  },
  otherId: '8',
  stopping: 'CANCELLING',
  find: {
    operation: 'ListJobs',
    arn: BRANCH,
    input: { ...NAMES, maxResults: '50' },
    startedAt: STARTED * 1000,
    response: (changes) => ({ jobSummaries: [job(changes)] }),
  },
  listHasNoMessage: true,
  get: {
    operation: 'GetJob',
    arn: `${BRANCH}/jobs/7`,
    input: { ...NAMES, jobId: '7' },
    startedAt: STARTED * 1000,
    response: (changes) => ({
      job: { summary: job(changes), steps: [{ statusReason: 'hunter3' }, { statusReason: changes.message }, {}] },
    }),
  },
  stop: {
    operation: 'StopJob',
    arn: `${BRANCH}/jobs/7`,
    input: { ...NAMES, jobId: '7' },
    response: (changes) => ({ jobSummary: job({ ...changes, status: 'CANCELLING' }) }),
  },
  errors: { BadRequestException: 'rejected', UnauthorizedException: 'denied', LimitExceededException: 'throttled' },
  notFound: 'NotFoundException',
  partialResponse: { jobSummaries: [{}] },
});

test('of jobs in a queue, the oldest in flight is the one to stop', async () => {
  const at = (id: string, status: string, seconds: number) => job({ id, status }, { startTime: STARTED + seconds });
  fake.respond = () => ({ jobSummaries: [at('9', 'PENDING', 9), at('8', 'RUNNING', 5), at('7', 'SUCCEED', 0)] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: '8' });
  fake.respond = () => ({ jobSummaries: [at('9', 'PENDING', 9), at('8', 'SUCCEED', 5)] });
  expect(await driver().describe(undefined)).toMatchObject({ deploymentId: '9' });
});

test('a specified job is read by its id, and a branch without jobs has never been deployed', async () => {
  fake.respond = () => ({ job: { summary: job({ id: '7', status: 'RUNNING' }) } });
  expect(await driver({ deployment: ONE }).describe(undefined)).toMatchObject({ deploymentId: '7', isSpecified: true });
  fake.respond = () => ({ jobSummaries: [] });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
});
