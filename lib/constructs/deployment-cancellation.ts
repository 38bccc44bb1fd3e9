import { CfnOutput, CustomResource, Duration } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import {
  type Attribute,
  RESOURCE_TYPE,
  RESPONSE_MARGIN_SECONDS,
  type ResourceProperties,
} from '../contract/cancellation';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import { validatePaths } from '../private/tokens';
import type { CancellationOptions } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';

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

  private readonly resource: CustomResource;
  private readonly includesStatusMessage: boolean;

  /**
   * @throws if a property is invalid, or the workflow of the stack was created with other options
   */
  constructor(scope: Construct, id: string, props: DeploymentCancellationProps) {
    super(scope, id);
    const { deployment, trigger } = props;
    this.workflow = CancellationWorkflow.of(this, props);
    const input = this.workflow._inputFor(deployment, props, this);
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

  /** The outcome: one of `CancellationOutcome`, `NOT_FOUND`, or `NOT_ATTEMPTED` after a rollback. */
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

  /** The ARN of the resource that is deployed. Like the attributes below, it is empty if the service returns none. */
  public get arn(): string {
    return this.attribute('arn');
  }

  /** The creation time of the resource, in ISO 8601. */
  public get createdAt(): string {
    return this.attribute('createdAt');
  }

  /** The name of the environment of the resource. */
  public get environmentName(): string {
    return this.attribute('environmentName');
  }

  /** The time of the last attempted deployment, in ISO 8601. */
  public get lastDeploymentAttemptedAt(): string {
    return this.attribute('lastDeploymentAttemptedAt');
  }

  /** The time of the last successful deployment, in ISO 8601. */
  public get lastDeploymentSucceededAt(): string {
    return this.attribute('lastDeploymentSucceededAt');
  }

  /** The name of the resource. */
  public get name(): string {
    return this.attribute('name');
  }

  /** The name of the service that the resource belongs to. */
  public get serviceName(): string {
    return this.attribute('serviceName');
  }

  /** The name of the template of the resource. */
  public get templateName(): string {
    return this.attribute('templateName');
  }

  /** The major version of that template. */
  public get templateMajorVersion(): string {
    return this.attribute('templateMajorVersion');
  }

  /** The minor version of that template. */
  public get templateMinorVersion(): string {
    return this.attribute('templateMinorVersion');
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
