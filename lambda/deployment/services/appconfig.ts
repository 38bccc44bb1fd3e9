import {
  AppConfigClient,
  type Deployment as AppConfigDeployment,
  type DeploymentState,
  type DeploymentSummary,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import {
  APPCONFIG_LIST_ACTION,
  APPCONFIG_READ_ACTION,
  APPCONFIG_STOP_ACTION,
  appConfigEnvironmentPath,
} from '../../../lib/deployments/appconfig/kinds';
import type { DeploymentRecord } from './deployment-record';
import { InvalidResponseError } from './errors';
import { polledService } from './polled-driver';
import type { Statuses } from './statuses';

export const STATUSES: Statuses<DeploymentState> = {
  DEPLOYING: 'IN_PROGRESS',
  BAKING: 'IN_PROGRESS',
  VALIDATING: 'IN_PROGRESS',
  // An alarm causes this as well.
  ROLLING_BACK: 'CANCELLING',
  ROLLED_BACK: 'CANCELLED',
  REVERTED: 'CANCELLED',
  COMPLETE: 'COMPLETED',
};

/** The largest page of this list. */
const PAGE_SIZE = 50;

export const service = polledService({
  Client: AppConfigClient,
  name: 'aws appconfig',
  statuses: STATUSES,
  errors: { ResourceNotFoundException: 'not-found' },
  operations({ identifiers, options }, aws) {
    const { applicationId: ApplicationId, environmentId: EnvironmentId, deploymentNumber } = identifiers;
    const environment = { ApplicationId, EnvironmentId };
    const arn = aws.arn('appconfig', appConfigEnvironmentPath(identifiers));

    function record(found: DeploymentSummary | AppConfigDeployment): DeploymentRecord {
      const { DeploymentNumber, State: status, StartedAt: startedAt, ConfigurationName: name } = found;
      const id = DeploymentNumber === undefined ? undefined : String(DeploymentNumber);
      // The newest event is the first.
      const statusMessage = 'EventLog' in found ? found.EventLog?.[0]?.Description : undefined;
      return { id, status, startedAt, statusMessage, attributes: { arn, name } };
    }

    /** The number alone does not tell whose deployment it is. */
    function recordOfEnvironment(found: AppConfigDeployment): DeploymentRecord {
      if (found.ApplicationId === ApplicationId && found.EnvironmentId === EnvironmentId) return record(found);
      throw new InvalidResponseError('the response is about another environment');
    }

    return {
      specifiedId: deploymentNumber,
      isNewestFirst: true,
      async list(request, NextToken) {
        const command = new ListDeploymentsCommand({ ...environment, MaxResults: PAGE_SIZE, NextToken });
        const { Items, NextToken: nextToken } = await request(APPCONFIG_LIST_ACTION, arn, command);
        return { items: Items?.map(record), nextToken };
      },
      async get(request, id) {
        const command = new GetDeploymentCommand({ ...environment, DeploymentNumber: Number(id) });
        return recordOfEnvironment(await request(APPCONFIG_READ_ACTION, arn, command));
      },
      async stop(request, id) {
        const input = { ...environment, DeploymentNumber: Number(id) };
        const command = new StopDeploymentCommand({ ...input, AllowRevert: options?.allowRevert === true });
        return recordOfEnvironment(await request(APPCONFIG_STOP_ACTION, arn, command));
      },
    };
  },
});
