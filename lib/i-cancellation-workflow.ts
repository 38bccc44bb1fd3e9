import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type IStateMachine, StateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import type { CancellableDeployment } from './cancellable-deployment';
import { type CancellationOptions, policyOf } from './cancellation-options';
import { CONTRACT_VERSION } from './contract';

/** What cancels: the cancellation workflow of a stack, or one that is known by its ARN. */
export interface ICancellationWorkflow extends IConstruct {
  /** The state machine of the workflow. */
  readonly stateMachine: IStateMachine;

  /** Lets others start the workflow: `workflow.grants.startExecution(role)`. */
  readonly grants: StateMachineGrants;

  /**
   * The input with which an execution of the state machine cancels a deployment. A workflow that is known by its ARN only
   * cannot be given permissions: its own stack has to call `inputFor` for the same deployment, or declare it otherwise.
   *
   * @param deployment the deployment
   * @param options how long it may take, and what counts as a failure
   * @throws if an option cannot be used
   */
  inputFor(deployment: CancellableDeployment, options?: CancellationOptions): { [name: string]: unknown };

  /**
   * How many executions were started: one for each cancellation, and one whenever a guard is armed.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  metricStarted(options?: MetricOptions): Metric;

  /**
   * How many executions ended as a failure: with an outcome that fails the stack, or without one, since a function of the
   * workflow failed for good.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  metricFailed(options?: MetricOptions): Metric;

  /**
   * How long executions took, in milliseconds. Those that arm a guard are among them, and short.
   *
   * @param options what is different from the default
   * @default - average over 5 minutes
   */
  metricDuration(options?: MetricOptions): Metric;
}

/** A workflow of another stack, or another app. It can be started, and not be changed. */
export class ImportedCancellationWorkflow extends Construct implements ICancellationWorkflow {
  public readonly stateMachine: IStateMachine;
  public readonly grants: StateMachineGrants;

  /** @param stateMachineArn the ARN of its state machine */
  constructor(scope: Construct, id: string, stateMachineArn: string) {
    super(scope, id);
    this.stateMachine = StateMachine.fromStateMachineArn(this, 'StateMachine', stateMachineArn);
    this.grants = StateMachineGrants.fromStateMachine(this.stateMachine);
  }

  public inputFor(deployment: CancellableDeployment, options: CancellationOptions = {}): { [name: string]: unknown } {
    return { contractVersion: CONTRACT_VERSION, deployment: deployment._toContract(), policy: policyOf(options, this) };
  }

  public metricStarted(options?: MetricOptions): Metric {
    return this.stateMachine.metricStarted(options);
  }

  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  public metricDuration(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }
}
