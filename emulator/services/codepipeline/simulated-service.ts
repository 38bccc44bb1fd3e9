import { createHash } from 'node:crypto';
import type { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import type { Clock } from '../../core/clock';
import { ServiceError } from '../../core/http-server';
import type { SeededDeployment } from '../../core/plan';
import * as world from '../../core/simulated-service';

/** Everything there is when a world begins. Plain data. */
export interface CodePipelineSeed {
  readonly pipelines: readonly PipelineSeed[];
}

export interface PipelineSeed {
  readonly name: string;
  /** Oldest first. */
  readonly executions?: readonly SeededDeployment<PipelineExecutionStatus>[];
}

interface Properties {
  readonly pipelineName: string;
}

/** How a stop was asked for. */
export interface Stop {
  readonly abandon: boolean;
  readonly reason: string | undefined;
}

/** Its path is its name. */
export type Pipeline = world.Deployed<PipelineExecutionStatus, Properties>;
export type Execution = world.Deployment<PipelineExecutionStatus, Properties>;

const STATUSES: world.StatusModel<PipelineExecutionStatus> = {
  started: 'InProgress',
  cancellable: ['InProgress'],
  cancelling: 'Stopping',
  cancelled: 'Stopped',
  terminal: ['Succeeded', 'Failed', 'Stopped', 'Cancelled', 'Superseded'],
};

/** What an account of AWS CodePipeline holds, as far as executions go. */
export class SimulatedCodePipeline extends world.SimulatedService<PipelineExecutionStatus, Properties> {
  private readonly stops = new Map<string, Stop>();
  private ids = 0;

  constructor({ pipelines }: CodePipelineSeed, clock: Clock, environment: Partial<world.AwsEnvironment> = {}) {
    super(STATUSES, clock, environment);
    for (const { name, executions = [] } of pipelines) this.add(name, { pipelineName: name }, executions);
  }

  execution(pipelineName: string, id: string): Execution {
    const found = this.resource(pipelineName).deployments.find((execution) => execution.id === id);
    if (found) return found;
    throw new ServiceError(
      'PipelineExecutionNotFoundException',
      `There is no execution ${id} of the pipeline ${pipelineName}`,
    );
  }

  stopExecution(pipelineName: string, id: string, stop: Stop): void {
    const found = this.resource(pipelineName).deployments.find((execution) => execution.id === id);
    if (!found) throw this.notInProgress(pipelineName);
    if (found.status === 'Stopping') {
      throw new ServiceError('DuplicatedStopRequestException', `The execution ${id} is stopping already`);
    }
    this.cancel(pipelineName, id);
    this.stops.set(id, stop);
  }

  /** How it was stopped, where it was. */
  stopOf({ id }: Execution): Stop | undefined {
    return this.stops.get(id);
  }

  protected notFound(name: string): ServiceError {
    const { region, account } = this.environment;
    return new ServiceError(
      'PipelineNotFoundException',
      `Account '${account}' does not have a pipeline with name '${name}' in ${region}`,
    );
  }

  protected notInProgress(name: string): ServiceError {
    return new ServiceError(
      'PipelineExecutionNotStoppableException',
      `The execution of the pipeline ${name} is not in progress`,
    );
  }

  protected newId(): string {
    const hex = createHash('sha256')
      .update(`pipeline execution ${++this.ids}`)
      .digest('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  }
}
