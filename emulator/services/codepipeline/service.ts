import type * as api from '@aws-sdk/client-codepipeline';
import type { Clock } from '../../core/clock';
import { embedded, type JsonApi, type Operation } from '../../core/json-api';
import { type Input, nextToken, optionalBoolean } from '../../core/json-input';
import type { AwsEnvironment } from '../../core/simulated-service';
import type { OnWire } from '../proton/shapes';
import * as read from './input';
import { type CodePipelineSeed, type Execution, SimulatedCodePipeline } from './simulated-service';

/** An execution has no ARN: permissions are on its pipeline. */
const onPipeline = (answer: Operation<SimulatedCodePipeline>['answer']): Operation<SimulatedCodePipeline> => ({
  answer,
  resources: (_, input) => [read.pipelineName(input)],
});

const API: JsonApi<SimulatedCodePipeline> = {
  service: 'codepipeline',
  target: 'CodePipeline_20150709',
  version: '1.1',
  title: 'AWS CodePipeline',
  operations: {
    GetPipelineExecution: onPipeline(getPipelineExecution),
    ListPipelineExecutions: onPipeline(listPipelineExecutions),
    StopPipelineExecution: onPipeline(stopPipelineExecution),
  },
};

/** AWS CodePipeline, limited to executions. */
export function embeddedCodePipeline(seed: CodePipelineSeed, clock: Clock, environment?: AwsEnvironment) {
  return embedded(API, new SimulatedCodePipeline(seed, clock, environment));
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
  const from = read.pageStart(input);
  const to = from + read.maxResults(input);
  return {
    pipelineExecutionSummaries: found.slice(from, to).map((execution) => summary(world, execution)),
    nextToken: nextToken(to, found.length),
  };
}

function stopPipelineExecution(world: SimulatedCodePipeline, input: Input): OnWire<api.StopPipelineExecutionOutput> {
  const pipelineExecutionId = read.executionId(input);
  const abandon = optionalBoolean(input, 'abandon') ?? false;
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
