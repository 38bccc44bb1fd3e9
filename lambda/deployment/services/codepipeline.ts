import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  type PipelineExecution,
  type PipelineExecutionStatus,
  type PipelineExecutionSummary,
  StopPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import { type Attributes, type Deployment, type Policy, UNKNOWN_STATUS } from '../../../lib/contract/cancellation';
import {
  abandonName,
  CODEPIPELINE_LIST_ACTION,
  CODEPIPELINE_READ_ACTION,
  CODEPIPELINE_STOP_ACTION,
  codePipelinePath,
} from '../../../lib/deployments/codepipeline/kinds';
import { subjectOf } from '../../../lib/deployments/kinds';
import type { Driver, Missing, Phase, Seen, Sighting, Trouble } from '../engine/driver';
import { brief, type Surrounding, UnusableAnswer, WORD_LENGTH } from './aws';
import { type CallOptions, type Connection, connect } from './client';

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
const REFUSALS: ReadonlySet<string> = new Set([
  ...NOT_THERE,
  'DuplicatedStopRequestException',
  'PipelineExecutionNotStoppableException',
]);
const MISSING: Missing = { kind: 'missing', deploymentStatus: UNKNOWN_STATUS };

/** To a stop, CodePipeline says so of a pipeline that is busy, and that it may be tried again. */
const BUSY = 'ConflictException';

/** What a list says of one, and a description as well, but for its start. */
type Found = Pick<PipelineExecutionSummary, 'pipelineExecutionId' | 'status' | 'statusSummary' | 'startTime'>;

export function connectToCodePipeline(policy: Policy, surrounding: Surrounding): Connection<CodePipelineClient> {
  return connect((options) => new CodePipelineClient({ ...options }), policy, surrounding, REFUSALS);
}

/** @param connection one that others use as well */
export function codePipelineDriver(
  deployment: Deployment,
  policy: Policy,
  surrounding: Surrounding,
  { client, ask } = connectToCodePipeline(policy, surrounding),
): Driver {
  const { pipelineName, executionId: given, abandon } = deployment.names;
  const pipelineArn = surrounding.arn('codepipeline', codePipelinePath(deployment.names));

  function seen({ pipelineExecutionId: id, status, statusSummary, startTime }: Found): Seen {
    if (typeof id !== 'string' || !ID.test(id)) throw new UnusableAnswer('no id of an execution was answered');
    if (typeof status !== 'string' || status.trim() === '') throw new UnusableAnswer('no status was answered');
    const message = policy.includeStatusMessage ? statusSummary : undefined;
    const attributes: Attributes = {
      arn: pipelineArn,
      name: pipelineName,
      ...(message !== undefined && { deploymentStatusMessage: brief(message) }),
    };
    return {
      kind: 'seen',
      phase: phaseOf(status),
      deploymentStatus: brief(status, WORD_LENGTH),
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
      if (!answer?.pipelineExecutionSummaries) throw new UnusableAnswer('no list of executions was answered');
      all.push(...answer.pipelineExecutionSummaries);
      nextToken = answer.nextToken || undefined;
      if (nextToken === undefined) break;
    }
    return all;
  }

  async function read(id: string, options: CallOptions): Promise<PipelineExecution> {
    const command = new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: id });
    const found = (await client.send(command, options))?.pipelineExecution;
    if (found?.pipelineExecutionId !== id) throw new UnusableAnswer('the execution was not answered');
    if (found.pipelineName !== undefined && found.pipelineName !== pipelineName) {
      throw new UnusableAnswer('no execution of the pipeline was answered');
    }
    return found;
  }

  /** The newest that is in flight, or, where none is, the newest of all. */
  function find(): Promise<Sighting> {
    return ask(CODEPIPELINE_LIST_ACTION, pipelineArn, async (options): Promise<Sighting> => {
      const all = await list(options);
      const last = newest(all);
      if (!last) return { kind: 'idle' };
      // What may be in flight, for all that is known here, is not passed over for an older one.
      if (phaseOf(last.status) === 'UNKNOWN') return seen(last);
      return seen(newest(all.filter(({ status }) => IN_FLIGHT.includes(phaseOf(status)))) ?? last);
    }).then(missing);
  }

  function lookAt(id: string): Promise<Sighting> {
    return ask(CODEPIPELINE_READ_ACTION, pipelineArn, async (options) => seen(await read(id, options))).then(missing);
  }

  /** When it started, only the list tells, which may be too long to find it in. */
  async function lookAtGiven(id: string): Promise<Sighting> {
    const sighting = await lookAt(id);
    if (sighting.kind !== 'seen' || !IN_FLIGHT.includes(sighting.phase)) return sighting;
    return ask(CODEPIPELINE_LIST_ACTION, pipelineArn, async (options) => {
      const listed = (await list(options)).find(({ pipelineExecutionId }) => pipelineExecutionId === id);
      return { ...sighting, startedAt: listed?.startTime?.getTime() };
    });
  }

  function look(pinned: string | undefined): Promise<Sighting> {
    if (pinned !== undefined) return lookAt(pinned);
    return given === undefined ? find() : lookAtGiven(given);
  }

  return {
    subject: subjectOf(deployment),
    unavailableHint: UNAVAILABLE_HINT,
    look,
    lookAt,
    cancel: (id = given) =>
      ask(CODEPIPELINE_STOP_ACTION, pipelineArn, async (options) => {
        if (id === undefined) throw new UnusableAnswer('it is not known which execution to stop');
        const command = new StopPipelineExecutionCommand({
          pipelineName,
          pipelineExecutionId: id,
          abandon: abandon === abandonName(true),
          reason: STOP_REASON,
        });
        const answer = await client.send(command, options);
        if (answer?.pipelineExecutionId !== id) throw new UnusableAnswer('the stop was not answered');
        return seen({ pipelineExecutionId: id, status: STOP_ACCEPTED });
      }).then(patient),
  };
}

export function phaseOf(status: string | undefined): Phase {
  return status !== undefined && Object.hasOwn(PHASES, status) ? PHASES[status as PipelineExecutionStatus] : 'UNKNOWN';
}

function newest(found: readonly PipelineExecutionSummary[]): PipelineExecutionSummary | undefined {
  if (found.length > 1 && found.some(({ startTime }) => !startTime)) {
    throw new UnusableAnswer('it was not answered which execution is the newest');
  }
  const time = ({ startTime }: PipelineExecutionSummary) => startTime?.getTime() ?? 0;
  return found.reduce<PipelineExecutionSummary | undefined>(
    (last, one) => (last && time(last) >= time(one) ? last : one),
    undefined,
  );
}

/** To a read, that something does not exist is an answer. */
function missing<S extends Sighting>(sighting: S): S | Missing {
  return sighting.kind === 'trouble' && NOT_THERE.has(sighting.errorName) ? MISSING : sighting;
}

/** A pipeline that is busy has not refused: it is asked again for as long as there is time. */
function patient(answer: Seen | Trouble): Seen | Trouble {
  return answer.kind === 'trouble' && answer.errorName === BUSY ? { ...answer, trouble: 'throttled' } : answer;
}
