import {
  CodeDeployClient,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import {
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
import { statusesInFlight } from '../statuses';
import { isUpkeep, phaseWithRollback, rollbackOf, STATUSES, triggerOf } from './phases';

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
    DeploymentAlreadyCompletedException: 'rejected',
    InvalidApplicationNameException: 'rejected',
    InvalidDeploymentGroupNameException: 'rejected',
    InvalidDeploymentIdException: 'rejected',
    InvalidInputException: 'rejected',
    UnsupportedActionForDeploymentTypeException: 'rejected',
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
      const isOfGroup = info.applicationName === applicationName && info.deploymentGroupName === deploymentGroupName;
      if (specifiedId !== undefined || isOfGroup) return info;
      throw new InvalidResponseError('the response is about another deployment group');
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
        return { items: response.deployments, nextToken: response.nextToken };
      },
      /** The latest deployment may be no candidate, and then the latest successful one is. */
      async list(request) {
        const command = new GetDeploymentGroupCommand(group);
        const { deploymentGroupInfo: info } = await request(CODEDEPLOY_GROUP_READ_ACTION, groupArn, command);
        const latest = [info?.lastAttemptedDeployment?.deploymentId, info?.lastSuccessfulDeployment?.deploymentId];
        return { items: info && latest.flatMap((id) => id || []) };
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
