import { CfnOutput, CustomResource, Duration } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { RESPONSE_MARGIN_SECONDS } from '../contract/cancellation';
import { FLEET_RESOURCE_TYPE, type FleetAttribute, type FleetProperties } from '../contract/fleet';
import type { CancellableFleet } from '../deployments/cancellable-fleet';
import { InvalidConfigurationError } from '../private/errors';
import { validatePaths } from '../private/tokens';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';
import type { FleetCancellationOptions } from '../workflow/fleet-cancellation-options';
import { FleetWorkflow } from '../workflow/fleet-workflow';

/** Properties of `FleetCancellation`. */
export interface FleetCancellationProps extends FleetCancellationOptions, CancellationWorkflowOptions {
  /** The deployments to cancel, such as `EcsFleet.fromClusterName(…)` or `DeploymentFleet.fromDeployments(…)`. */
  readonly fleet: CancellableFleet;

  /**
   * Any text. If it has changed, the next deployment of the stack cancels again.
   *
   * @default - cancels when the resource is created, and when another of its properties changes
   */
  readonly trigger?: string;

  /**
   * Whether the summary is an output of the stack.
   *
   * @default true
   */
  readonly output?: boolean;

  /**
   * The export name of the output.
   *
   * @default - not exported
   */
  readonly exportName?: string;
}

/**
 * Cancels many deployments when the stack that contains it is deployed, waits until all of them are over, and returns
 * their number by outcome. A failure of one deployment does not stop the cancellation of the others.
 *
 * Like `DeploymentCancellation`, it cancels when it is created and when an update changes it, but not during a rollback.
 * Removing it, or its stack, never cancels anything. Deployments that start after the cancellation has begun are not
 * cancelled.
 *
 * If more than 10,000 deployments are in flight, or more than 40 times `maxConcurrency`, it cancels none and fails.
 */
@propertyInjectable
export class FleetCancellation extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.FleetCancellation';

  /** The fleet workflow of the stack, which all of its fleets share. */
  public readonly workflow: FleetWorkflow;

  private readonly resource: CustomResource;

  /**
   * @throws if a property is invalid, or an option of the workflow differs from the one that another construct has set
   */
  constructor(scope: Construct, id: string, props: FleetCancellationProps) {
    super(scope, id);
    const { fleet, trigger } = props;
    this.workflow = FleetWorkflow.of(this, props);
    const input = this.workflow._inputFor(fleet, props, this);
    validatePaths('fleet', input.fleet, this);
    const { stateMachineArn } = this.workflow.stateMachine;
    const properties: FleetProperties = { ...input, stateMachineArn, trigger };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: FLEET_RESOURCE_TYPE,
      serviceToken: this.workflow.workflow.serviceToken,
      serviceTimeout: Duration.seconds(input.settings.timeoutSeconds + RESPONSE_MARGIN_SECONDS),
      properties: { ...properties },
    });
    this.resource.node.addDependency(this.workflow, this.workflow.workflow);

    if (props.output ?? true) {
      new CfnOutput(this, 'Summary', {
        description: 'The number of deployments that were to be cancelled, by outcome',
        value: this.summary,
        exportName: props.exportName,
      });
    } else if (props.exportName !== undefined) {
      throw new InvalidConfigurationError('exportName requires the output, which output: false removes', this);
    }
  }

  /** All counts in one line: `1000 deployments: 985 cancelled, 9 completed first, 2 failed, 4 untouched`. */
  public get summary(): string {
    return this.attribute('summary');
  }

  /**
   * The number of deployments that are listed, of services, stacks or service instances that were found, or of executions
   * in flight: the sum of the other counts.
   */
  public get total(): string {
    return this.attribute('total');
  }

  /** The number of deployments that were cancelled. */
  public get cancelled(): string {
    return this.attribute('cancelled');
  }

  /** The number of deployments that succeeded before the cancellation took effect. */
  public get completedFirst(): string {
    return this.attribute('completedFirst');
  }

  /** The number of deployments that failed or whose end is unknown, such as after a timeout. */
  public get failed(): string {
    return this.attribute('failed');
  }

  /** The number of deployments that a newer deployment, which was not cancelled, or a deletion replaced. */
  public get superseded(): string {
    return this.attribute('superseded');
  }

  /** The number of deployments that were not in flight when the cancellation was requested, or may not have been. */
  public get untouched(): string {
    return this.attribute('untouched');
  }

  /** The failed deployments with their outcomes, such as `web/web-prod: CANCEL_FAILED`, up to a limited size. */
  public get failedDeployments(): string {
    return this.attribute('failedDeployments');
  }

  /** The ARN of the execution of the workflow; empty if there was none. */
  public get executionArn(): string {
    return this.attribute('executionArn');
  }

  private attribute(name: FleetAttribute): string {
    return this.resource.getAttString(name);
  }
}
