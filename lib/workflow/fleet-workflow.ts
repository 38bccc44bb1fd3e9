import { Stack } from 'aws-cdk-lib';
import type { OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct, IConstruct } from 'constructs';
import { CONTRACT_VERSION, type Deployment, TIMEOUT_SECONDS } from '../contract/cancellation';
import { BATCH_SIZE, type Fleet, type FleetInput, MAX_BATCHES } from '../contract/fleet';
import { type CancellableFleet, validateFleet } from '../deployments/cancellable-fleet';
import { InvalidConfigurationError } from '../private/errors';
import { renderSettings } from './cancellation-options';
import { CancellationWorkflow } from './cancellation-workflow';
import type { CancellationWorkflowOptions } from './cancellation-workflow-options';
import { concurrencyOf, type FleetCancellationOptions } from './fleet-cancellation-options';
import { permissionsFor } from './private/assumed-role';
import { warnIfEnded } from './private/ended-services';
import { FLEET_COMMENT, fleetDefinition } from './private/fleet-definition';
import { injectOptions } from './private/injection';
import { addOutcomeRule, FLEET_EVENTS } from './private/notifications';
import { validateTimes } from './private/option-times';
import { WorkflowBase } from './private/workflow-base';

/** Must never change: the logical IDs of everything in the workflow depend on it. */
const ID = 'FleetCancellationWorkflow';

/**
 * The workflow that cancels many deployments at once: a second state machine, which uses the functions of the cancellation
 * workflow of the stack. A stack has it only if it cancels a fleet.
 */
export class FleetWorkflow extends WorkflowBase {
  /** Uniquely identifies this class. An injector sets defaults of the options. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.FleetWorkflow';

  /**
   * Returns the fleet workflow of the stack that contains `scope`. The first call creates it.
   *
   * @param scope a construct in the stack
   * @param options the options of the cancellation workflow of the stack
   * @throws if an option differs from the one that another construct has set
   */
  public static of(scope: IConstruct, options: CancellationWorkflowOptions = {}): FleetWorkflow {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID) as FleetWorkflow | undefined;
    if (existing) {
      existing.workflow._options.set(options, scope);
      return existing;
    }
    const injected = injectOptions(FleetWorkflow.PROPERTY_INJECTION_ID, options, stack, ID);
    return new FleetWorkflow(stack, CancellationWorkflow.of(scope, injected));
  }

  /** The state machine of the workflow. */
  public readonly stateMachine: IStateMachine;

  /** The role of the state machine. */
  public readonly stateMachineRole: IRole;

  private constructor(
    scope: Construct,
    /** The cancellation workflow of the stack, whose functions this workflow uses. */
    public readonly workflow: CancellationWorkflow,
  ) {
    super(scope, ID);
    const { stateMachine, role } = workflow._createStateMachine(this, {
      comment: FLEET_COMMENT,
      definition: fleetDefinition,
    });
    this.stateMachine = stateMachine;
    this.stateMachineRole = role;
  }

  /**
   * Allows the workflow to find the deployments of a fleet, to cancel them and to read their status, and returns the input
   * of an execution that does so. The execution succeeds with the number of deployments by outcome, or fails with the
   * outcome of the first deployment that failed as its error and the reason as its cause.
   *
   * @param fleet the deployments to cancel
   * @param options the timeout, the concurrency, and the outcomes that are failures
   * @throws if an option is invalid
   */
  public inputFor(fleet: CancellableFleet, options: FleetCancellationOptions = {}): { [name: string]: unknown } {
    return { ...this._inputFor(fleet, options, this) };
  }

  /**
   * Adds a rule for the event `Deployment Cancellation Ended`, which the state machine then puts on the default event bus
   * at the end of each cancellation of a fleet, after the response to CloudFormation. An event that cannot be put changes
   * nothing else. Executions that are aborted put none.
   *
   * @param id the construct ID of the rule in the workflow
   * @param options the target, and other options of the rule
   */
  public onOutcome(id: string, options: OnEventOptions = {}): Rule {
    return addOutcomeRule(this, this.workflow._functions, FLEET_EVENTS, id, options).rule;
  }

  /** @internal */
  public _inputFor(fleet: CancellableFleet, options: FleetCancellationOptions, scope: IConstruct): FleetInput {
    validateFleet(fleet, scope);
    const input: FleetInput = {
      contractVersion: CONTRACT_VERSION,
      fleet: fleet._toContract(),
      settings: renderSettings(options, TIMEOUT_SECONDS, scope),
      concurrency: concurrencyOf(options.maxConcurrency, scope),
    };
    const deployments = deploymentsOf(input.fleet);
    validateTimes(deployments, input.settings, scope);
    warnIfEnded(deployments, input.settings, scope);
    this.workflow._addToPolicy(
      InvalidConfigurationError.naming(scope, () => permissionsFor(fleet, options, this)),
      scope,
    );
    this.workflow._declare({ ...input.settings, deployments, concurrency: maxBatches(input) }, scope);
    return input;
  }
}

/** The maximum number of batches in progress at the same time. */
function maxBatches({ fleet, concurrency }: FleetInput): number {
  const batches = 'deployments' in fleet ? Math.ceil(fleet.deployments.length / BATCH_SIZE) : MAX_BATCHES;
  return Math.min(batches, concurrency);
}

/** The listed deployments, or a fleet of a service. */
function deploymentsOf(fleet: Fleet): readonly Pick<Deployment, 'kind' | 'identifiers' | 'options'>[] {
  return 'deployments' in fleet ? fleet.deployments : [fleet];
}
