import {
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import {
  CODEDEPLOY_BATCH_READ_ACTION,
  CODEDEPLOY_GROUP_READ_ACTION,
  CODEDEPLOY_LIST_ACTION,
  CODEDEPLOY_READ_ACTION,
  CODEDEPLOY_STOP_ACTION,
  codeDeployGroupPath,
} from '../../../../lib/deployments/codedeploy/kinds';
import { errorName } from '../../../log';
import type { Request } from '../client';
import { type DeploymentRecord, validId } from '../deployment-record';
import { InvalidResponseError } from '../errors';

import { polledService } from '../polled-driver';
import { isInFlight, phaseOf, statusesInFlight } from '../statuses';
import { isUpkeep, phaseWithRollback, rollbackOf, STATUSES, triggerOf } from './phases';

/** The most deployments that one request reads. */
const BATCH_SIZE = 25;

const NO_DEPLOYMENT = 'DeploymentDoesNotExistException';

/** A deployment whose phase takes its rollback into account. */
interface CodeDeployRecord extends DeploymentRecord {
  readonly info: DeploymentInfo;
}

export const service = polledService<CodeDeployRecord>({
  Client: CodeDeployClient,
  name: 'aws codedeploy',
  statuses: STATUSES,
  errors: {
    ApplicationDoesNotExistException: 'not-found',
    DeploymentGroupDoesNotExistException: 'not-found',
    [NO_DEPLOYMENT]: 'not-found',
    // The read before was behind, and the next one tells.
    DeploymentAlreadyCompletedException: 'conflict',
  },
  operations({ identifiers }, aws) {
    const { deploymentId: specifiedId, applicationName, deploymentGroupName } = identifiers;
    const group = { applicationName, deploymentGroupName };
    const groupArn = aws.arn('codedeploy', codeDeployGroupPath(identifiers));

    async function read(request: Request, deploymentId: string): Promise<DeploymentInfo | undefined> {
      const command = new GetDeploymentCommand({ deploymentId });
      const response = await request(CODEDEPLOY_READ_ACTION, groupArn, command).catch(undefinedIfNotFound);
      if (!response) return undefined;
      const { deploymentInfo: info } = response;
      if (info?.deploymentId !== deploymentId)
        throw new InvalidResponseError('the response is about another deployment');
      return ofGroup(info);
    }

    function ofGroup(info: DeploymentInfo): DeploymentInfo {
      const isOfGroup = info.applicationName === applicationName && info.deploymentGroupName === deploymentGroupName;
      if (specifiedId !== undefined || isOfGroup) return info;
      throw new InvalidResponseError('the response is about another deployment group');
    }

    /** What was read of listed deployments. It is kept when a call is throttled, so that the next try needs fewer calls. */
    const known = new Map<string, DeploymentInfo>();

    /** Reads deployments that the service has listed. Those that it does not return are left out. */
    async function readAll(request: Request, ids: readonly string[]): Promise<CodeDeployRecord[]> {
      const unknown = ids.map((id) => validId(id)).filter((id) => !known.has(id));
      for (let from = 0; from < unknown.length; from += BATCH_SIZE) {
        const command = new BatchGetDeploymentsCommand({ deploymentIds: unknown.slice(from, from + BATCH_SIZE) });
        const { deploymentsInfo = [] } = await request(CODEDEPLOY_BATCH_READ_ACTION, groupArn, command);
        for (const info of deploymentsInfo) if (info.deploymentId) known.set(info.deploymentId, ofGroup(info));
      }
      const records: CodeDeployRecord[] = [];
      for (const info of ids.flatMap((id) => known.get(id) ?? [])) records.push(await withRollback(request, info));
      return records;
    }

    /** A deployment that is in flight and was not found may be the newest, and is found a little later. */
    function requireFound(inFlight: readonly (string | undefined)[]): void {
      const missing = inFlight.find((id) => id && !known.has(id));
      if (missing) throw new InvalidResponseError(`deployment ${missing} is listed as in flight, and was not found`);
    }

    async function withRollback(request: Request, info: DeploymentInfo): Promise<CodeDeployRecord> {
      const { deploymentId: id, status, createTime, errorInformation, rollbackInfo, deploymentGroupName: name } = info;
      const rollbackId = rollbackOf(info);
      const rollback = rollbackId === undefined ? undefined : await read(request, validId(rollbackId));
      if (rollbackId !== undefined && !rollback?.status)
        throw new InvalidResponseError('the status of the rollback is not known');
      const messages = [errorInformation?.message, rollbackInfo?.rollbackMessage].filter(Boolean);
      return {
        info,
        id,
        status,
        phase: phaseWithRollback(info, rollback?.status, aws.now()),
        startedAt: createTime,
        statusMessage: messages.length > 0 ? messages.join('; ') : undefined,
        attributes: { name, createdAt: createTime },
      };
    }

    return {
      specifiedId,
      async listInFlight(request, nextToken) {
        const includeOnlyStatuses = statusesInFlight(STATUSES);
        const command = new ListDeploymentsCommand({ ...group, includeOnlyStatuses, nextToken });
        const response = await request(CODEDEPLOY_LIST_ACTION, groupArn, command);
        const { deployments: ids, nextToken: next } = response;
        const items = ids && (await readAll(request, ids));
        requireFound(ids ?? []);
        return { items, nextToken: next };
      },
      /** The latest deployment may be no candidate, and then the latest successful one is. */
      async list(request) {
        const command = new GetDeploymentGroupCommand(group);
        const { deploymentGroupInfo: info } = await request(CODEDEPLOY_GROUP_READ_ACTION, groupArn, command);
        if (!info) return { items: undefined };
        // What was read before may be over by now.
        known.clear();
        const latest = [info.lastAttemptedDeployment, info.lastSuccessfulDeployment];
        const items = await readAll(request, [...new Set(latest.flatMap((one) => one?.deploymentId || []))]);
        requireFound(
          latest.filter((one) => isInFlight(phaseOf(STATUSES, one?.status))).map((one) => one?.deploymentId),
        );
        return { items };
      },
      isCandidate: ({ info }) => !isUpkeep(info),
      /** A rollback is the last part of the deployment that it rolls back. */
      async resolve(request, rollback) {
        const id = triggerOf(rollback.info);
        const rolledBack = id === undefined ? undefined : await read(request, validId(id));
        if (!rolledBack) return rollback;
        const rollbackInfo = { rollbackDeploymentId: rollback.id, ...rolledBack.rollbackInfo };
        return withRollback(request, { ...rolledBack, rollbackInfo });
      },
      async get(request, id) {
        const info = await read(request, id);
        return info && withRollback(request, info);
      },
      async stop(request, id) {
        const command = new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled: true });
        const { status } = await request(CODEDEPLOY_STOP_ACTION, '*', command);
        if (!status) throw new InvalidResponseError('the response has no status of the stop');
        // The deployment keeps its status until it has stopped.
        return { id, status: 'InProgress', phase: 'CANCELLING' };
      },
    };
  },
});

function undefinedIfNotFound(error: unknown): undefined {
  if (errorName(error) !== NO_DEPLOYMENT) throw error;
}
