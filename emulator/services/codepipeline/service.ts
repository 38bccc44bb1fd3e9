import type * as api from '@aws-sdk/client-codepipeline';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import type { AwsEnvironment } from '../../core/environment';
import { emulate, type JsonApi, type Operation } from '../../core/json-api';
import { type Input, nextToken, optionalBoolean } from '../../core/json-input';
import { type OnWire, seconds } from '../../core/json-output';
import { jsonProtocol } from '../../core/protocols';
import * as read from './input';
import { type CodePipelineSeed, type Execution, SimulatedCodePipeline } from './simulated-service';

/** Permissions are on the pipeline, because an execution has no ARN. */
const onPipeline = (answer: Operation<SimulatedCodePipeline>['answer']): Operation<SimulatedCodePipeline> => ({
  answer,
  resources: (_, input) => [read.pipelineName(input)],
});

const API: JsonApi<SimulatedCodePipeline> = {
  service: 'codepipeline',
  protocol: jsonProtocol('CodePipeline_20150709', '1.1'),
  title: 'AWS CodePipeline',
  operations: {
    GetPipelineExecution: onPipeline(getPipelineExecution),
    ListPipelineExecutions: onPipeline(listPipelineExecutions),
    StopPipelineExecution: onPipeline(stopPipelineExecution),
  },
};

/** AWS CodePipeline, limited to executions. */
export function emulateCodePipeline(
  seed: CodePipelineSeed,
  clock: Clock,
  environment?: AwsEnvironment,
  consistency?: Consistency,
) {
  return emulate(API, new SimulatedCodePipeline(seed, clock, environment, consistency));
}

function getPipelineExecution(simulated: SimulatedCodePipeline, input: Input): OnWire<api.GetPipelineExecutionOutput> {
  const execution = simulated.execution(read.pipelineName(input), read.executionId(input));
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

function listPipelineExecutions(
  simulated: SimulatedCodePipeline,
  input: Input,
): OnWire<api.ListPipelineExecutionsOutput> {
  read.refuse(input, 'filter');
  // The newest first. This order was observed and is not documented.
  const found = [...simulated.resource(read.pipelineName(input)).deployments].reverse();
  const from = read.pageStart(input);
  const to = from + read.maxResults(input);
  return {
    pipelineExecutionSummaries: found.slice(from, to).map((execution) => summary(simulated, execution)),
    nextToken: nextToken(to, found.length),
  };
}

function stopPipelineExecution(
  simulated: SimulatedCodePipeline,
  input: Input,
): OnWire<api.StopPipelineExecutionOutput> {
  const pipelineExecutionId = read.executionId(input);
  const abandon = optionalBoolean(input, 'abandon') ?? false;
  simulated.stopExecution(read.pipelineName(input), pipelineExecutionId, { abandon, reason: read.reason(input) });
  return { pipelineExecutionId };
}

function summary(simulated: SimulatedCodePipeline, execution: Execution): OnWire<api.PipelineExecutionSummary> {
  const { id, status, message, createdAt, lastModifiedAt } = execution;
  const stop = simulated.stopOf(execution);
  return {
    pipelineExecutionId: id,
    status,
    statusSummary: message,
    startTime: seconds(createdAt),
    lastUpdateTime: seconds(lastModifiedAt),
    sourceRevisions: [],
    stopTrigger: stop && { reason: stop.reason },
    executionMode: 'QUEUED',
    executionType: 'STANDARD',
  };
}
