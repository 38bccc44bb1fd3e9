import {
  CodeDeployClient,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  ListDeploymentsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy';
import {
  type Attributes,
  type CancellationSettings,
  type Deployment,
  UNKNOWN_STATUS,
} from '../../../../lib/contract/cancellation';
import {
  CODEDEPLOY_GROUP_READ_ACTION,
  CODEDEPLOY_LIST_ACTION,
  CODEDEPLOY_READ_ACTION,
  CODEDEPLOY_STOP_ACTION,
  codeDeployGroupPath,
} from '../../../../lib/deployments/codedeploy/kinds';
import { displayNameOf } from '../../../../lib/deployments/kinds';
import { errorName } from '../../../log';
import type { Driver, Found, NotFound, ReadResult } from '../../engine/driver';
import { type AwsContext, InvalidResponseError, truncate, WORD_LENGTH } from '../aws';
import { type CallOptions, createClient, type ServiceClient } from '../client';
import { IN_FLIGHT, isUpkeep, phaseOf, rollbackOf, STOP_ACCEPTED, triggerOf } from './phases';

const UNAVAILABLE_HINT =
  'aws codedeploy was asked in the account and region of the stack, or where the endpoint property says';

/** How many pages are read of what is in flight, and how many deployments. */
const MAX_PAGES = 10;
const MAX_IN_FLIGHT = 50;

const ID = new RegExp(`^[0-9A-Za-z_-]{1,${WORD_LENGTH}}$`);

const NO_DEPLOYMENT = 'DeploymentDoesNotExistException';
const NO_GROUP: ReadonlySet<string> = new Set([
  'ApplicationDoesNotExistException',
  'DeploymentGroupDoesNotExistException',
]);
const REJECTIONS: ReadonlySet<string> = new Set([
  NO_DEPLOYMENT,
  ...NO_GROUP,
  'DeploymentAlreadyCompletedException',
  'InvalidApplicationNameException',
  'InvalidDeploymentGroupNameException',
  'InvalidDeploymentIdException',
  'InvalidInputException',
  'UnsupportedActionForDeploymentTypeException',
]);
const NONE = { kind: 'none' } as const;
const NOT_FOUND: NotFound = { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };

export function connectToCodeDeploy(settings: CancellationSettings, aws: AwsContext): ServiceClient<CodeDeployClient> {
  return createClient((options) => new CodeDeployClient({ ...options }), settings, aws, REJECTIONS);
}

/** @param connection one that others use as well */
export function codeDeployDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { client, call } = connectToCodeDeploy(settings, aws),
): Driver {
  const { deploymentId: given, applicationName, deploymentGroupName } = deployment.identifiers;
  const group = { applicationName, deploymentGroupName };
  const groupArn = aws.arn('codedeploy', codeDeployGroupPath(deployment.identifiers));

  /** Undefined if there is no such deployment. */
  async function read(id: string, options: CallOptions): Promise<DeploymentInfo | undefined> {
    const answer = await client
      .send(new GetDeploymentCommand({ deploymentId: id }), options)
      .catch((error: unknown) => {
        if (errorName(error) === NO_DEPLOYMENT) return undefined;
        throw error;
      });
    if (!answer) return undefined;
    const { deploymentInfo: found } = answer;
    if (found?.deploymentId !== id) throw new InvalidResponseError('the deployment was not answered');
    const { status } = found;
    if (typeof status !== 'string' || status.trim() === '') throw new InvalidResponseError('no status was answered');
    const ofGroup = found.applicationName === applicationName && found.deploymentGroupName === deploymentGroupName;
    if (given === undefined && !ofGroup)
      throw new InvalidResponseError('no deployment to the deployment group was answered');
    return found;
  }

  /** What was found, and how far it is rolled back. */
  async function seen(found: DeploymentInfo, options: CallOptions): Promise<Found> {
    const { deploymentId, status = '', createTime, errorInformation, rollbackInfo } = found;
    const rollbackId = rollbackOf(found);
    const rollback = rollbackId === undefined ? undefined : await read(checkedId(rollbackId), options);
    if (rollbackId !== undefined && !rollback) throw new InvalidResponseError('its rollback was not answered');
    const words = [errorInformation?.message, rollbackInfo?.rollbackMessage].filter((text) => text !== undefined);
    const attributes: Attributes = {
      ...(found.deploymentGroupName !== undefined && { name: truncate(found.deploymentGroupName, WORD_LENGTH) }),
      ...(createTime && { createdAt: createTime.toISOString() }),
      ...(settings.includeStatusMessage && words.length > 0 && { deploymentStatusMessage: truncate(words.join('; ')) }),
    };
    return {
      kind: 'found',
      phase: phaseOf(found, rollback?.status, aws.now()),
      deploymentStatus: truncate(status, WORD_LENGTH),
      deploymentId,
      startedAt: createTime?.getTime(),
      attributes,
    };
  }

  /** A rollback is looked at as what is left of the deployment that it rolls back. */
  async function seenOrRolledBack(found: DeploymentInfo, options: CallOptions): Promise<Found> {
    const id = triggerOf(found);
    const rolledBack = id === undefined ? undefined : await read(checkedId(id), options);
    if (!rolledBack) return seen(found, options);
    const rollbackInfo = { rollbackDeploymentId: found.deploymentId, ...rolledBack.rollbackInfo };
    return seen({ ...rolledBack, rollbackInfo }, options);
  }

  async function inFlight(options: CallOptions): Promise<readonly string[]> {
    const all: string[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new ListDeploymentsCommand({ ...group, includeOnlyStatuses: [...IN_FLIGHT], nextToken });
      const answer = await client.send(command, options);
      if (!answer?.deployments) throw new InvalidResponseError('no list of deployments was answered');
      all.push(...answer.deployments.map(checkedId));
      nextToken = answer.nextToken || undefined;
      if (all.length > MAX_IN_FLIGHT) break;
      if (nextToken === undefined) return all;
    }
    throw new InvalidResponseError('more is in flight than can be looked at; name a deployment by its id');
  }

  /** The last that was attempted, and the last that was successful: the former may be none that is meant. */
  async function last(options: CallOptions): Promise<readonly string[]> {
    const answer = await client.send(new GetDeploymentGroupCommand(group), options);
    if (!answer?.deploymentGroupInfo) throw new InvalidResponseError('the deployment group was not answered');
    const { lastAttemptedDeployment, lastSuccessfulDeployment } = answer.deploymentGroupInfo;
    return [lastAttemptedDeployment, lastSuccessfulDeployment].flatMap((info) =>
      info?.deploymentId ? [checkedId(info.deploymentId)] : [],
    );
  }

  /** The newest of those that are meant; undefined where there is none. */
  async function lookAtNewest(ids: readonly string[]): Promise<ReadResult | undefined> {
    if (ids.length === 0) return undefined;
    const answer = await call(CODEDEPLOY_READ_ACTION, groupArn, async (options) => {
      const found = await Promise.all([...new Set(ids)].map((id) => read(id, options)));
      const newest = newestOf(found.flatMap((one) => (one === undefined || isUpkeep(one) ? [] : [one])));
      return newest ? seenOrRolledBack(newest, options) : NONE;
    });
    return answer.kind === 'none' ? undefined : answer;
  }

  async function find(): Promise<ReadResult> {
    for (const [action, list] of [
      [CODEDEPLOY_LIST_ACTION, inFlight],
      [CODEDEPLOY_GROUP_READ_ACTION, last],
    ] as const) {
      const listed = await call(action, groupArn, async (options) => ({
        kind: 'ids' as const,
        ids: await list(options),
      }));
      if (listed.kind === 'error') return missing(listed);
      const read = await lookAtNewest(listed.ids);
      if (read) return read;
    }
    return { kind: 'never-deployed' };
  }

  function describeById(id: string): Promise<ReadResult> {
    return call(CODEDEPLOY_READ_ACTION, groupArn, async (options) => {
      const found = await read(id, options);
      return found ? seen(found, options) : NOT_FOUND;
    });
  }

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    describe: (pinned = given) => (pinned === undefined ? find() : describeById(pinned)),
    describeById,
    cancel: (id = given) =>
      call(CODEDEPLOY_STOP_ACTION, groupArn, async (options): Promise<Found> => {
        if (id === undefined) throw new InvalidResponseError('it is not known which deployment to stop');
        const command = new StopDeploymentCommand({ deploymentId: id, autoRollbackEnabled: true });
        const answer = await client.send(command, options);
        if (!answer?.status) throw new InvalidResponseError('the stop was not answered');
        return { kind: 'found', ...STOP_ACCEPTED, deploymentId: id, attributes: {} };
      }),
  };
}

/** What is not an id is put into no request. */
function checkedId(id: unknown): string {
  if (typeof id === 'string' && ID.test(id)) return id;
  throw new InvalidResponseError('the id of a deployment was not answered');
}

/** CodeDeploy does not say in which order it lists them. */
function newestOf(found: readonly DeploymentInfo[]): DeploymentInfo | undefined {
  if (found.length > 1 && found.some(({ createTime }) => !createTime)) {
    throw new InvalidResponseError('it was not answered which deployment is the newest');
  }
  const time = ({ createTime }: DeploymentInfo) => createTime?.getTime() ?? 0;
  return found.reduce<DeploymentInfo | undefined>(
    (last, one) => (last && time(last) >= time(one) ? last : one),
    undefined,
  );
}

/** To a look for what is in flight, that there is no such deployment group is an answer. */
function missing<S extends ReadResult>(read: S): S | NotFound {
  return read.kind === 'error' && NO_GROUP.has(read.errorName) ? NOT_FOUND : read;
}
