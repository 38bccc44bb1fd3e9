import { CfnOutput, CustomResource, Duration } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import {
  type Attribute,
  RESOURCE_TYPE,
  RESPONSE_MARGIN_SECONDS,
  type ResourceProperties,
  TIMEOUT_SECONDS,
} from '../contract/cancellation';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import { validatePaths } from '../private/tokens';
import type { CancellationOptions } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';
import type { IDeploymentAttributes } from './deployment-attributes';
import { createAttributes } from './private/attributes';

/** Properties of `DeploymentCancellation`. */
export interface DeploymentCancellationProps extends CancellationOptions, CancellationWorkflowOptions {
  /** The deployment to cancel, such as `EcsServiceDeployment.fromServiceName(…)`. */
  readonly deployment: CancellableDeployment;

  /**
   * Any text. If it has changed, the next deployment of the stack cancels again.
   *
   * @default - cancels when the resource is created, and when another of its properties changes
   */
  readonly trigger?: string;

  /**
   * Whether the final status is an output of the stack.
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
 * Cancels a deployment when the stack that contains it is deployed, waits until the deployment is over, and returns its
 * final status.
 *
 * It cancels when it is created and when an update changes it, but not during a rollback. Removing it, or its stack,
 * never cancels anything.
 *
 * The final status is also a stack output by default.
 */
@propertyInjectable
export class DeploymentCancellation extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.DeploymentCancellation';

  /** The cancellation workflow of the stack, which all of its cancellations share. */
  public readonly workflow: CancellationWorkflow;

  /** The attributes of the resource that is deployed. Each kind of deployment has some of them. */
  public readonly attributes: IDeploymentAttributes;

  private readonly resource: CustomResource;
  private readonly includesStatusMessage: boolean;

  /**
   * @throws if a property is invalid, or an option of the workflow differs from the one that another construct has set
   */
  constructor(scope: Construct, id: string, props: DeploymentCancellationProps) {
    super(scope, id);
    const { deployment, trigger } = props;
    this.workflow = CancellationWorkflow.of(this, props);
    const input = this.workflow._inputFor(deployment, props, this, TIMEOUT_SECONDS);
    validatePaths('deployment', input.deployment, this);
    this.includesStatusMessage = input.settings.includeStatusMessage;

    const properties: ResourceProperties = {
      ...input,
      stateMachineArn: this.workflow.stateMachine.stateMachineArn,
      trigger,
    };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: RESOURCE_TYPE,
      serviceToken: this.workflow.serviceToken,
      serviceTimeout: Duration.seconds(input.settings.timeoutSeconds + RESPONSE_MARGIN_SECONDS),
      properties: { ...properties },
    });
    this.resource.node.addDependency(this.workflow);
    this.attributes = createAttributes(input.deployment, this.resource, this);

    if (props.output ?? true) {
      new CfnOutput(this, 'DeploymentStatus', {
        description: 'The final status of the deployment that was to be cancelled',
        value: this.deploymentStatus,
        exportName: props.exportName,
      });
    } else if (props.exportName !== undefined) {
      throw new InvalidConfigurationError('exportName requires the output, which output: false removes', this);
    }
  }

  /** The final status that the service returned, such as `CANCELLED`, `SUCCEEDED` or `FAILED`; `UNKNOWN` if none was read. */
  public get deploymentStatus(): string {
    return this.attribute('deploymentStatus');
  }

  /** The outcome: one of `CancellationOutcome`; `NOT_ATTEMPTED` after a rollback. */
  public get outcome(): string {
    return this.attribute('outcome');
  }

  /** The ID of the deployment that was in flight; empty if the service returned none. */
  public get deploymentId(): string {
    return this.attribute('deploymentId');
  }

  /** The ARN of the execution of the workflow; empty if there was none. */
  public get executionArn(): string {
    return this.attribute('executionArn');
  }

  /**
   * The message that the service returned with the final status, possibly truncated; empty if it returned none.
   *
   * @throws if `includeStatusMessage` is not set
   */
  public get deploymentStatusMessage(): string {
    if (!this.includesStatusMessage) {
      throw new InvalidConfigurationError(
        'deploymentStatusMessage is sensitive: set includeStatusMessage to read it',
        this,
      );
    }
    return this.attribute('deploymentStatusMessage');
  }

  private attribute(name: Attribute): string {
    return this.resource.getAttString(name);
  }
}
