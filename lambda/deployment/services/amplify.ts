import {
  AmplifyClient,
  GetJobCommand,
  type JobStatus,
  type JobSummary,
  ListJobsCommand,
  type Step,
  StopJobCommand,
} from '@aws-sdk/client-amplify';
import {
  AMPLIFY_LIST_ACTION,
  AMPLIFY_READ_ACTION,
  AMPLIFY_STOP_ACTION,
  amplifyBranchPath,
  amplifyJobPath,
} from '../../../lib/deployments/amplify/kinds';
import type { DeploymentRecord } from './deployment-record';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

export const STATUSES: Statuses<JobStatus> = {
  CREATED: 'IN_PROGRESS',
  PENDING: 'IN_PROGRESS',
  PROVISIONING: 'IN_PROGRESS',
  RUNNING: 'IN_PROGRESS',
  CANCELLING: 'CANCELLING',
  CANCELLED: 'CANCELLED',
  SUCCEED: 'COMPLETED',
  FAILED: 'FAILED',
};

/** The largest page of this list. */
const PAGE_SIZE = 50;

export const service = polledService({
  Client: AmplifyClient,
  name: 'aws amplify',
  statuses: STATUSES,
  errors: {
    NotFoundException: 'not-found',
    UnauthorizedException: 'denied',
    LimitExceededException: 'throttled',
  },
  operations({ identifiers }, aws) {
    const { appId, branchName, jobId: specifiedId } = identifiers;
    const branchArn = aws.arn('amplify', amplifyBranchPath(identifiers));
    const arnOf = (jobId: string) => aws.arn('amplify', amplifyJobPath({ ...identifiers, jobId }));

    function record(job: Partial<JobSummary> = {}, steps: readonly Step[] = []): DeploymentRecord {
      const { jobId: id, status, startTime: startedAt, jobArn: arn } = job;
      const statusMessage = steps.findLast(({ statusReason }) => statusReason)?.statusReason;
      const isQueued = status === 'PENDING';
      return { id, status, startedAt, isQueued, statusMessage, attributes: { arn, name: branchName } };
    }

    return {
      specifiedId,
      async list(request, nextToken) {
        const command = new ListJobsCommand({ appId, branchName, maxResults: PAGE_SIZE, nextToken });
        const response = await request(AMPLIFY_LIST_ACTION, branchArn, command);
        return { items: response.jobSummaries?.map((job) => record(job)), nextToken: response.nextToken };
      },
      async get(request, jobId) {
        const command = new GetJobCommand({ appId, branchName, jobId });
        const { job } = await request(AMPLIFY_READ_ACTION, arnOf(jobId), command);
        return record(job?.summary, job?.steps);
      },
      async stop(request, jobId) {
        const command = new StopJobCommand({ appId, branchName, jobId });
        return record((await request(AMPLIFY_STOP_ACTION, arnOf(jobId), command)).jobSummary);
      },
    };
  },
});
