import { CfnOutput, CustomResource, Duration } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { ANSWER_MARGIN_SECONDS } from '../contract/cancellation';
import { FLEET_RESOURCE_TYPE, type FleetAttribute, type FleetProperties } from '../contract/fleet';
import type { CancellableFleet } from '../deployments/cancellable-fleet';
import { InvalidConfigurationError } from '../private/errors';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';
import type { FleetCancellationOptions } from '../workflow/fleet-cancellation-options';
import { FleetWorkflow } from '../workflow/fleet-workflow';

/** What is cancelled, how long it may take, how many at a time, and what counts as a failure. */
export interface FleetCancellationProps extends FleetCancellationOptions, CancellationWorkflowOptions {
  /** The deployments to cancel, such as `ProtonFleet.fromServiceName(…)` or `DeploymentFleet.fromDeployments(…)`. */
  readonly fleet: CancellableFleet;

  /**
   * Any text. When it changes, the next deployment of the stack cancels again; while it stays the same, an update of the
   * stack leaves the resource alone, as CloudFormation does with all that has not changed.
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
   * The name under which that output is exported.
   *
   * @default - not exported
   */
  readonly exportName?: string;
}

/**
 * Cancels many deployments when the stack that holds it is deployed, waits until all of them are over, and says how many
 * ended how. What happens to one of them does not keep the others from being cancelled.
 *
 * As with `DeploymentCancellation`, it acts when it is created and when it is changed by an update, but not while an
 * update is rolled back, and removing it, or its stack, never cancels anything. A deployment that starts after the fleet
 * was found is left alone.
 *
 * At most 1,000 deployments can be in flight; of more, none is cancelled, and it fails.
 */
@propertyInjectable
export class FleetCancellation extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.FleetCancellation';

  /** The fleet workflow of the stack, which this one shares with all other fleets in it. */
  public readonly workflow: FleetWorkflow;

  private readonly resource: CustomResource;

  /**
   * @throws if a property cannot be used, or the workflow of the stack was made with other options
   */
  constructor(scope: Construct, id: string, props: FleetCancellationProps) {
    super(scope, id);
    const { fleet, trigger } = props;
    this.workflow = FleetWorkflow.of(this, props);
    const input = this.workflow._inputFor(fleet, props, this);
    const { stateMachineArn } = this.workflow.stateMachine;
    const properties: FleetProperties = { ...input, stateMachineArn, trigger };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: FLEET_RESOURCE_TYPE,
      serviceToken: this.workflow.workflow.serviceToken,
      serviceTimeout: Duration.seconds(input.settings.timeoutSeconds + ANSWER_MARGIN_SECONDS),
      properties: { ...properties },
    });
    this.resource.node.addDependency(this.workflow, this.workflow.workflow);

    if (props.output ?? true) {
      new CfnOutput(this, 'Summary', {
        description: 'How many of the deployments ended how whose cancellation was asked for',
        value: this.summary,
        exportName: props.exportName,
      });
    } else if (props.exportName !== undefined) {
      throw new InvalidConfigurationError('exportName needs the output that output: false takes away', this);
    }
  }

  /** All of it in one line: `1000 deployments: 985 cancelled, 9 completed first, 2 failed, 4 untouched`. */
  public get summary(): string {
    return this.attribute('summary');
  }

  /** How many deployments there are: one for each service instance that was found, or each that is listed. */
  public get total(): string {
    return this.attribute('total');
  }

  /** How many were cancelled. */
  public get cancelled(): string {
    return this.attribute('cancelled');
  }

  /** How many ended well before the cancellation took hold. */
  public get completedFirst(): string {
    return this.attribute('completedFirst');
  }

  /** How many ended badly, or in a way that could not be known: refused, denied, timed out. */
  public get failed(): string {
    return this.attribute('failed');
  }

  /** How many gave way to a newer deployment, which was left alone, or to a deletion. */
  public get superseded(): string {
    return this.attribute('superseded');
  }

  /** How many had nothing in flight. */
  public get untouched(): string {
    return this.attribute('untouched');
  }

  /** Those that failed, or that `failOn` counts as failures: `web/web-prod: CANCEL_FAILED`, as many as there is room for. */
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
