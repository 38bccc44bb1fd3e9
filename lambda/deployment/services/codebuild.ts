import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  ListBuildsForProjectCommand,
  type StatusType,
  StopBuildCommand,
} from '@aws-sdk/client-codebuild';
import {
  CODEBUILD_LIST_ACTION,
  CODEBUILD_READ_ACTION,
  CODEBUILD_STOP_ACTION,
  codeBuildProjectPath,
} from '../../../lib/deployments/codebuild/kinds';
import { isOver, type Phase } from '../engine/driver';
import type { Request } from './client';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { polledService } from './polled-driver';
import { phaseOf, type Statuses } from './statuses';

export const STATUSES: Statuses<StatusType> = {
  IN_PROGRESS: 'IN_PROGRESS',
  STOPPED: 'CANCELLED',
  SUCCEEDED: 'COMPLETED',
  FAILED: 'FAILED',
  FAULT: 'FAILED',
  TIMED_OUT: 'FAILED',
};

/** A build waits for at most 8 hours and runs for at most 36: an older one is over. */
const MAX_BUILD_MS = 44 * 60 * 60_000;

export const service = polledService({
  Client: CodeBuildClient,
  name: 'aws codebuild',
  statuses: STATUSES,
  errors: { ResourceNotFoundException: 'not-found' },
  operations({ identifiers }, aws) {
    const { projectName, buildId } = identifiers;
    const arn = aws.arn('codebuild', codeBuildProjectPath(identifiers));

    function record(build: Build): DeploymentRecord {
      const { id = '', buildStatus: status, startTime: startedAt } = build;
      if (!id.startsWith(`${projectName}:`)) throw new InvalidResponseError('the response is about another project');
      const contexts = (build.phases ?? []).flatMap((phase) => phase.contexts ?? []);
      const statusMessage = contexts.findLast(({ message }) => message)?.message;
      const attributes = { arn: build.arn, name: projectName };
      return { id: uuidOf(id), status, startedAt, statusMessage, attributes, ...phaseAtEnd(build) };
    }

    async function read(request: Request, ids: string[]): Promise<DeploymentRecord[]> {
      const response = await request(CODEBUILD_READ_ACTION, arn, new BatchGetBuildsCommand({ ids }));
      if (!response.builds) throw new InvalidResponseError('the response has no list of builds');
      return response.builds.map(record);
    }

    return {
      specifiedId: buildId && uuidOf(buildId),
      isNewestFirst: true,
      async list(request, token) {
        const command = new ListBuildsForProjectCommand({ projectName, nextToken: token });
        const { ids, nextToken } = await request(CODEBUILD_LIST_ACTION, arn, command);
        if (!ids || ids.length === 0) return { items: ids && [], nextToken };
        const items = await read(request, ids);
        const oldest = items.at(-1)?.startedAt?.getTime() ?? aws.now();
        return { items, nextToken: aws.now() - oldest > MAX_BUILD_MS ? undefined : nextToken };
      },
      get: async (request, id) => (await read(request, [`${projectName}:${id}`]))[0],
      async stop(request, id) {
        const command = new StopBuildCommand({ id: `${projectName}:${id}` });
        const { build } = await request(CODEBUILD_STOP_ACTION, arn, command);
        if (!build) throw new InvalidResponseError('the response has no build');
        return record(build);
      },
    };
  },
});

/** A build may have its last status before it is complete. */
function phaseAtEnd({ buildStatus, buildComplete }: Build): { readonly phase?: Phase } {
  const phase = phaseOf(STATUSES, buildStatus);
  if (buildComplete !== false || !isOver(phase)) return {};
  return { phase: phase === 'CANCELLED' ? 'CANCELLING' : 'ENDING' };
}

/** The part of the ID of a build after its project. */
function uuidOf(buildId: string): string {
  return buildId.slice(buildId.indexOf(':') + 1);
}
