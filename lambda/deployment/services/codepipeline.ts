import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  type PipelineExecution,
  type PipelineExecutionStatus,
  type PipelineExecutionSummary,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import {
  type Attributes,
  type CancellationSettings,
  type Deployment,
  UNKNOWN_STATUS,
} from '../../../lib/contract/cancellation';
import {
  CODEPIPELINE_LIST_ACTION,
  CODEPIPELINE_READ_ACTION,
  CODEPIPELINE_STOP_ACTION,
  codePipelinePath,
} from '../../../lib/deployments/codepipeline/kinds';
import { displayNameOf } from '../../../lib/deployments/kinds';
import type { CallError, Driver, Found, NotFound, Phase, ReadResult } from '../engine/driver';
import { type AwsContext, InvalidResponseError, truncate, WORD_LENGTH } from './aws';
import { type CallOptions, createClient, type ServiceClient } from './client';

const UNAVAILABLE_HINT =
  'aws codepipeline was asked in the account and region of the stack, or where the endpoint property says';

/** Every status of the API, so that the compiler asks about a new one; at run time a stranger is UNKNOWN. */
const PHASES: Readonly<Record<PipelineExecutionStatus, Phase>> = {
  InProgress: 'IN_PROGRESS',
  Stopping: 'CANCELLING',
  Stopped: 'CANCELLED',
  // The pipeline was changed while it ran.
  Cancelled: 'CANCELLED',
  Succeeded: 'COMPLETED',
  Failed: 'FAILED',
  Superseded: 'SUPERSEDED',
};

const IN_FLIGHT: readonly Phase[] = ['IN_PROGRESS', 'CANCELLING'];

/** What CodePipeline documents an accepted stop to bring: its answer does not say. */
const STOP_ACCEPTED: PipelineExecutionStatus = 'Stopping';

/** Is seen in the history of the pipeline. */
const STOP_REASON = 'Cancelled by cdk-deployment-cancellation.';

/** As many executions as are looked through for what is in flight: CodePipeline lists those of the last twelve months. */
const MAX_PAGES = 5;
const PAGE_SIZE = 100;

const ID = new RegExp(`^[0-9A-Za-z-]{1,${WORD_LENGTH}}$`);

const NOT_THERE: ReadonlySet<string> = new Set(['PipelineNotFoundException', 'PipelineExecutionNotFoundException']);
const REJECTIONS: ReadonlySet<string> = new Set([
  ...NOT_THERE,
  'DuplicatedStopRequestException',
  'PipelineExecutionNotStoppableException',
]);
const NOT_FOUND: NotFound = { kind: 'not-found', deploymentStatus: UNKNOWN_STATUS };

/** To a stop, CodePipeline says so of a pipeline that is busy, and that it may be tried again. */
const BUSY = 'ConflictException';

/** What a list says of one, and a description as well, but for its start. */
type Raw = Pick<PipelineExecutionSummary, 'pipelineExecutionId' | 'status' | 'statusSummary' | 'startTime'>;

export function connectToCodePipeline(
  settings: CancellationSettings,
  aws: AwsContext,
): ServiceClient<CodePipelineClient> {
  return createClient((options) => new CodePipelineClient({ ...options }), settings, aws, REJECTIONS);
}

/** @param connection one that others use as well */
export function codePipelineDriver(
  deployment: Deployment,
  settings: CancellationSettings,
  aws: AwsContext,
  { client, call } = connectToCodePipeline(settings, aws),
): Driver {
  const { pipelineName, executionId: given } = deployment.identifiers;
  const pipelineArn = aws.arn('codepipeline', codePipelinePath(deployment.identifiers));

  function seen({ pipelineExecutionId: id, status, statusSummary, startTime }: Raw): Found {
    if (typeof id !== 'string' || !ID.test(id)) throw new InvalidResponseError('no id of an execution was answered');
    if (typeof status !== 'string' || status.trim() === '') throw new InvalidResponseError('no status was answered');
    const message = settings.includeStatusMessage ? statusSummary : undefined;
    const attributes: Attributes = {
      arn: pipelineArn,
      name: pipelineName,
      ...(message !== undefined && { deploymentStatusMessage: truncate(message) }),
    };
    return {
      kind: 'found',
      phase: phaseOf(status),
      deploymentStatus: truncate(status, WORD_LENGTH),
      deploymentId: id,
      startedAt: startTime?.getTime(),
      attributes,
    };
  }

  /** In whatever order: that the newest come first is not documented. */
  async function list(options: CallOptions): Promise<readonly PipelineExecutionSummary[]> {
    const all: PipelineExecutionSummary[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new ListPipelineExecutionsCommand({ pipelineName, maxResults: PAGE_SIZE, nextToken });
      const answer = await client.send(command, options);
      if (!answer?.pipelineExecutionSummaries) throw new InvalidResponseError('no list of executions was answered');
      all.push(...answer.pipelineExecutionSummaries);
      nextToken = answer.nextToken || undefined;
      if (nextToken === undefined) break;
    }
    return all;
  }

  async function read(id: string, options: CallOptions): Promise<PipelineExecution> {
    const command = new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: id });
    const found = (await client.send(command, options))?.pipelineExecution;
    if (found?.pipelineExecutionId !== id) throw new InvalidResponseError('the execution was not answered');
    if (found.pipelineName !== undefined && found.pipelineName !== pipelineName) {
      throw new InvalidResponseError('no execution of the pipeline was answered');
    }
    return found;
  }

  /** The newest that is in flight, or, where none is, the newest of all. */
  function find(): Promise<ReadResult> {
    return call(CODEPIPELINE_LIST_ACTION, pipelineArn, async (options): Promise<ReadResult> => {
      const all = await list(options);
      const last = newest(all);
      if (!last) return { kind: 'never-deployed' };
      // What may be in flight, for all that is known here, is not passed over for an older one.
      if (phaseOf(last.status) === 'UNKNOWN') return seen(last);
      return seen(newest(all.filter(({ status }) => IN_FLIGHT.includes(phaseOf(status)))) ?? last);
    }).then(missing);
  }

  function describeById(id: string): Promise<ReadResult> {
    return call(CODEPIPELINE_READ_ACTION, pipelineArn, async (options) => seen(await read(id, options))).then(missing);
  }

  /** When it started, only the list tells, which may be too long to find it in. */
  async function lookAtGiven(id: string): Promise<ReadResult> {
    const read = await describeById(id);
    if (read.kind !== 'found' || !IN_FLIGHT.includes(read.phase)) return read;
    return call(CODEPIPELINE_LIST_ACTION, pipelineArn, async (options) => {
      const listed = (await list(options)).find(({ pipelineExecutionId }) => pipelineExecutionId === id);
      return { ...read, startedAt: listed?.startTime?.getTime() };
    });
  }

  function describe(pinned: string | undefined): Promise<ReadResult> {
    if (pinned !== undefined) return describeById(pinned);
    return given === undefined ? find() : lookAtGiven(given);
  }

  return {
    displayName: displayNameOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    describe,
    describeById,
    cancel: (id = given) =>
      call(CODEPIPELINE_STOP_ACTION, pipelineArn, async (options) => {
        if (id === undefined) throw new InvalidResponseError('it is not known which execution to stop');
        const command = new StopPipelineExecutionCommand({
          pipelineName,
          pipelineExecutionId: id,
          abandon: deployment.options?.abandon === true,
          reason: STOP_REASON,
        });
        const answer = await client.send(command, options);
        if (answer?.pipelineExecutionId !== id) throw new InvalidResponseError('the stop was not answered');
        return seen({ pipelineExecutionId: id, status: STOP_ACCEPTED });
      }).then(patient),
  };
}

export function phaseOf(status: string | undefined): Phase {
  return status !== undefined && Object.hasOwn(PHASES, status) ? PHASES[status as PipelineExecutionStatus] : 'UNKNOWN';
}

function newest(found: readonly PipelineExecutionSummary[]): PipelineExecutionSummary | undefined {
  if (found.length > 1 && found.some(({ startTime }) => !startTime)) {
    throw new InvalidResponseError('it was not answered which execution is the newest');
  }
  const time = ({ startTime }: PipelineExecutionSummary) => startTime?.getTime() ?? 0;
  return found.reduce<PipelineExecutionSummary | undefined>(
    (last, one) => (last && time(last) >= time(one) ? last : one),
    undefined,
  );
}

/** To a read, that something does not exist is an answer. */
function missing<S extends ReadResult>(read: S): S | NotFound {
  return read.kind === 'error' && NOT_THERE.has(read.errorName) ? NOT_FOUND : read;
}

/** A pipeline that is busy has not refused: it is asked again for as long as there is time. */
function patient(answer: Found | CallError): Found | CallError {
  return answer.kind === 'error' && answer.errorName === BUSY ? { ...answer, errorType: 'throttled' } : answer;
}
