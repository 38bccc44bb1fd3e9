import type { PipelineExecutionStatus } from '@aws-sdk/client-codepipeline';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import type { AwsEnvironment } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import type { SeededDeployment } from '../../core/plan';
import * as core from '../../core/simulated-service';

/** The resources at the start, as plain data. */
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

/** The options of a stop. */
export interface Stop {
  readonly abandon: boolean;
  readonly reason: string | undefined;
}

/** An accepted stop. */
export interface AcceptedStop {
  readonly at: number;
  readonly resource: string;
  readonly deploymentId: string;
  readonly abandon: boolean;
}

/** Its path is its name. */
export type Pipeline = core.Deployed<PipelineExecutionStatus, Properties>;
export type Execution = core.Deployment<PipelineExecutionStatus, Properties>;

const STATUSES: core.StatusModel<PipelineExecutionStatus> = {
  started: 'InProgress',
  cancellable: ['InProgress'],
  cancelling: 'Stopping',
  cancelled: 'Stopped',
  terminal: ['Succeeded', 'Failed', 'Stopped', 'Cancelled', 'Superseded'],
};

/** The executions of AWS CodePipeline in one account. */
export class SimulatedCodePipeline extends core.SimulatedService<PipelineExecutionStatus, Properties> {
  /** The accepted stops, in order: a stop of an execution that is stopping may abandon it. */
  readonly acceptedStops: AcceptedStop[] = [];
  private readonly stops = new Map<string, Stop>();
  private ids = 0;

  constructor(
    { pipelines }: CodePipelineSeed,
    clock: Clock,
    environment: Partial<AwsEnvironment> = {},
    consistency?: Consistency,
  ) {
    super(STATUSES, clock, environment, consistency);
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
    if (found.status === 'Stopping' && stop.abandon && !this.stops.get(id)?.abandon) {
      // An execution that waits for its actions can still be told to abandon them.
      this.accept(pipelineName, id, stop);
      this.continueWith(pipelineName, id, [{ after: 0, status: 'Stopped' }]);
      return;
    }
    if (found.status === 'Stopping') {
      throw new ServiceError('DuplicatedStopRequestException', `The execution ${id} is stopping already`);
    }
    this.cancel(pipelineName, id);
    this.accept(pipelineName, id, stop);
  }

  /** The options of its stop; undefined if it was not stopped. */
  stopOf({ id, status }: Execution): Stop | undefined {
    // A read that sees the status before the stop does not see the stop.
    return status === STATUSES.started ? undefined : this.stops.get(id);
  }

  private accept(resource: string, deploymentId: string, stop: Stop): void {
    this.stops.set(deploymentId, stop);
    this.acceptedStops.push({ at: this.clock.now(), resource, deploymentId, abandon: stop.abandon });
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
    return uuidOf(`pipeline execution ${++this.ids}`);
  }
}
