import { Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type IStateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import { CONTRACT_VERSION } from '../contract/cancellation';
import type { FleetInput } from '../contract/fleet';
import type { CancellableFleet } from '../deployments/cancellable-fleet';
import { renderSettings } from './cancellation-options';
import { CancellationWorkflow } from './cancellation-workflow';
import type { CancellationWorkflowOptions } from './cancellation-workflow-options';
import { concurrencyOf, type FleetCancellationOptions } from './fleet-cancellation-options';
import { fleetDefinition } from './private/fleet-definition';

/** Part of a public contract: the logical ids of everything in the workflow follow from it. */
const ID = 'FleetCancellationWorkflow';

/**
 * What cancels many deployments at once: a second state machine beside the one of the cancellation workflow of the stack,
 * with whose functions it works. A stack has it only if it cancels a fleet.
 */
export class FleetWorkflow extends Construct {
  /**
   * The fleet workflow of the stack that `scope` is in; it is made when it is first asked for.
   *
   * @param scope anything in the stack
   * @param options how the cancellation workflow of the stack is run
   * @throws if the options differ from those it was made with
   */
  public static of(scope: IConstruct, options: CancellationWorkflowOptions = {}): FleetWorkflow {
    const workflow = CancellationWorkflow.of(scope, options);
    const stack = Stack.of(scope);
    return (stack.node.tryFindChild(ID) as FleetWorkflow | undefined) ?? new FleetWorkflow(stack, workflow);
  }

  /** The state machine of the workflow. */
  public readonly stateMachine: IStateMachine;

  /** Lets others start the workflow: `workflow.grants.startExecution(role)`. */
  public readonly grants: StateMachineGrants;

  private constructor(
    scope: Construct,
    /** The cancellation workflow of the stack. */
    public readonly workflow: CancellationWorkflow,
  ) {
    super(scope, ID);
    this.stateMachine = workflow._createStateMachine(this, {
      comment: 'Cancels many deployments, waits until all are over, and says how they ended',
      definition: fleetDefinition,
    });
    this.grants = StateMachineGrants.fromStateMachine(this.stateMachine);
  }

  /**
   * Allows the workflow to find the deployments of a fleet, to cancel them and to read their status, and gives the input
   * with which an execution of the state machine does so. Such an execution succeeds with how many ended how, or fails
   * with the outcome of the first that failed as its error and the reason as its cause.
   *
   * @param fleet the deployments
   * @param options how long they may take, how many at a time, and what counts as a failure
   * @throws if an option cannot be used
   */
  public inputFor(fleet: CancellableFleet, options: FleetCancellationOptions = {}): { [name: string]: unknown } {
    return { ...this._inputFor(fleet, options, this) };
  }

  /**
   * How many executions were started, one for each cancellation of a fleet. How its deployments ended is counted by
   * `workflow.metricOutcome`.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  public metricStarted(options?: MetricOptions): Metric {
    return this.stateMachine.metricStarted(options);
  }

  /**
   * How many executions ended as a failure.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  /**
   * How long executions took, in milliseconds.
   *
   * @param options what is different from the default
   * @default - average over 5 minutes
   */
  public metricDuration(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }

  /** @internal */
  public _inputFor(fleet: CancellableFleet, options: FleetCancellationOptions, scope: IConstruct): FleetInput {
    const input: FleetInput = {
      contractVersion: CONTRACT_VERSION,
      fleet: fleet._toContract(),
      settings: renderSettings(options, scope),
      concurrency: concurrencyOf(options.maxConcurrency, scope),
    };
    this.workflow._addToPolicy(fleet.policyStatements(this));
    return input;
  }
}
