import type * as api from '@aws-sdk/client-codepipeline';
import type { IamRequest } from '../../aws/iam';
import type { Clock } from '../../core/clock';
import { type JsonService, type ServiceCall, ServiceError } from '../../core/http-server';
import type { EmbeddedService } from '../../core/service';
import type { AwsEnvironment } from '../../core/simulated-service';
import type { OnWire } from '../proton/shapes';
import * as read from './input';
import { type CodePipelineSeed, type Execution, SimulatedCodePipeline } from './simulated-service';

type Input = ServiceCall['input'];

/** Each is checked against the ARN of the pipeline that it names. */
const OPERATIONS: Readonly<Record<string, (world: SimulatedCodePipeline, input: Input) => object>> = {
  GetPipelineExecution: getPipelineExecution,
  ListPipelineExecutions: listPipelineExecutions,
  StopPipelineExecution: stopPipelineExecution,
};

/** AWS CodePipeline as far as executions go. */
export function embeddedCodePipeline(
  seed: CodePipelineSeed,
  clock: Clock,
  environment?: AwsEnvironment,
): EmbeddedService & { readonly world: SimulatedCodePipeline } {
  const world = new SimulatedCodePipeline(seed, clock, environment);
  return { world, api: codePipelineService(world), iamRequests: (call) => iamRequests(call, world) };
}

export function codePipelineService(world: SimulatedCodePipeline): JsonService {
  return {
    service: 'codepipeline',
    target: 'CodePipeline_20150709',
    version: '1.1',
    call({ operation, input }) {
      if (!Object.hasOwn(OPERATIONS, operation)) {
        throw new ServiceError(
          'UnknownOperationException',
          `This is an embedded AWS CodePipeline without ${operation}. It knows ${Object.keys(OPERATIONS).join(', ')}.`,
        );
      }
      return OPERATIONS[operation]!(world, input);
    },
  };
}

export function arnOf({ partition, region, account }: AwsEnvironment, path: string): string {
  return `arn:${partition}:codepipeline:${region}:${account}:${path}`;
}

/** None for a call that the service does not take, which says so itself. */
function iamRequests({ operation, input }: ServiceCall, { environment }: SimulatedCodePipeline): IamRequest[] {
  if (!Object.hasOwn(OPERATIONS, operation)) return [];
  try {
    return [{ action: `codepipeline:${operation}`, resource: arnOf(environment, read.pipelineName(input)) }];
  } catch (error) {
    if (error instanceof ServiceError) return [];
    throw error;
  }
}

function getPipelineExecution(world: SimulatedCodePipeline, input: Input): OnWire<api.GetPipelineExecutionOutput> {
  const execution = world.execution(read.pipelineName(input), read.executionId(input));
  return {
    pipelineExecution: {
      pipelineName: execution.resource.pipelineName,
      pipelineVersion: 1,
      pipelineExecutionId: execution.id,
      status: execution.status,
      statusSummary: execution.message,
      artifactRevisions: [],
      executionMode: 'QUEUED',
      executionType: 'STANDARD',
    },
  };
}

function listPipelineExecutions(world: SimulatedCodePipeline, input: Input): OnWire<api.ListPipelineExecutionsOutput> {
  read.refuse(input, 'filter');
  // The newest first, as it has been seen to: nothing documents it.
  const found = [...world.resource(read.pipelineName(input)).deployments].reverse();
  const from = read.offset(input);
  const to = from + read.maxResults(input);
  return {
    pipelineExecutionSummaries: found.slice(from, to).map((execution) => summary(world, execution)),
    nextToken: to < found.length ? `from-${to}` : undefined,
  };
}

function stopPipelineExecution(world: SimulatedCodePipeline, input: Input): OnWire<api.StopPipelineExecutionOutput> {
  const pipelineExecutionId = read.executionId(input);
  const abandon = read.optionalBoolean(input, 'abandon') ?? false;
  world.stopExecution(read.pipelineName(input), pipelineExecutionId, { abandon, reason: read.reason(input) });
  return { pipelineExecutionId };
}

function summary(world: SimulatedCodePipeline, execution: Execution): OnWire<api.PipelineExecutionSummary> {
  const { id, status, message, createdAt, lastModifiedAt } = execution;
  const stop = world.stopOf(execution);
  return {
    pipelineExecutionId: id,
    status,
    statusSummary: message,
    startTime: createdAt / 1000,
    lastUpdateTime: lastModifiedAt / 1000,
    sourceRevisions: [],
    stopTrigger: stop && { reason: stop.reason },
    executionMode: 'QUEUED',
    executionType: 'STANDARD',
  };
}
