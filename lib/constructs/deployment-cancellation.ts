import { CfnOutput, CustomResource, Duration } from 'aws-cdk-lib';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import {
  ANSWER_MARGIN_SECONDS,
  type Attribute,
  RESOURCE_TYPE,
  type ResourceProperties,
} from '../contract/cancellation';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import type { CancellationOptions } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';

/** What is cancelled, how long it may take, and what counts as a failure. */
export interface DeploymentCancellationProps extends CancellationOptions, CancellationWorkflowOptions {
  /** The deployment to cancel, such as `EcsServiceDeployment.fromServiceName(…)`. */
  readonly deployment: CancellableDeployment;

  /**
   * Any text. When it changes, the next deployment of the stack cancels again; while it stays the same, an update of the
   * stack leaves the resource alone, as CloudFormation does with all that has not changed.
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
   * The name under which that output is exported.
   *
   * @default - not exported
   */
  readonly exportName?: string;
}

/**
 * Cancels a deployment when the stack that holds it is deployed, waits until the deployment is over, and says how it ended.
 *
 * It acts when it is created and when it is changed by an update, but not while an update is rolled back. Removing it,
 * or its stack, never cancels anything.
 *
 * Its final status becomes an output of the stack, without more being said.
 */
@propertyInjectable
export class DeploymentCancellation extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.DeploymentCancellation';

  /** The cancellation workflow of the stack, which this one shares with all others in it. */
  public readonly workflow: CancellationWorkflow;

  private readonly resource: CustomResource;
  private readonly includesStatusMessage: boolean;

  /**
   * @throws if a property cannot be used, or the workflow of the stack was made with other options
   */
  constructor(scope: Construct, id: string, props: DeploymentCancellationProps) {
    super(scope, id);
    const { deployment, trigger } = props;
    this.workflow = CancellationWorkflow.of(this, props);
    const input = this.workflow._inputFor(deployment, props, this);
    this.includesStatusMessage = input.settings.includeStatusMessage;

    const properties: ResourceProperties = {
      ...input,
      stateMachineArn: this.workflow.stateMachine.stateMachineArn,
      trigger,
    };
    this.resource = new CustomResource(this, 'Resource', {
      resourceType: RESOURCE_TYPE,
      serviceToken: this.workflow.serviceToken,
      serviceTimeout: Duration.seconds(input.settings.timeoutSeconds + ANSWER_MARGIN_SECONDS),
      properties: { ...properties },
    });
    this.resource.node.addDependency(this.workflow);

    if (props.output ?? true) {
      new CfnOutput(this, 'DeploymentStatus', {
        description: 'How the deployment ended whose cancellation was asked for',
        value: this.deploymentStatus,
        exportName: props.exportName,
      });
    } else if (props.exportName !== undefined) {
      throw new InvalidConfigurationError('exportName needs the output that output: false takes away', this);
    }
  }

  /** The final status, in the word of the service: `CANCELLED`, `SUCCEEDED`, `FAILED`, …; `UNKNOWN` if none was read. */
  public get deploymentStatus(): string {
    return this.attribute('deploymentStatus');
  }

  /** How the cancellation came out: one of `CancellationOutcome`, `NOT_FOUND`, or `NOT_ATTEMPTED` after a rollback. */
  public get outcome(): string {
    return this.attribute('outcome');
  }

  /** The id of the deployment that was in flight, where the service gives one; else empty. */
  public get deploymentId(): string {
    return this.attribute('deploymentId');
  }

  /** The ARN of the execution of the workflow; empty if there was none. */
  public get executionArn(): string {
    return this.attribute('executionArn');
  }

  /** The ARN of that which is deployed. Like the attributes below, it is empty where the service does not give it. */
  public get arn(): string {
    return this.attribute('arn');
  }

  /** When that which is deployed was created: a time in ISO 8601. */
  public get createdAt(): string {
    return this.attribute('createdAt');
  }

  /** The environment in which it is deployed. */
  public get environmentName(): string {
    return this.attribute('environmentName');
  }

  /** When its last deployment was attempted: a time in ISO 8601. */
  public get lastDeploymentAttemptedAt(): string {
    return this.attribute('lastDeploymentAttemptedAt');
  }

  /** When its last successful deployment was: a time in ISO 8601. */
  public get lastDeploymentSucceededAt(): string {
    return this.attribute('lastDeploymentSucceededAt');
  }

  /** The name of that which is deployed. */
  public get name(): string {
    return this.attribute('name');
  }

  /** The service that it belongs to. */
  public get serviceName(): string {
    return this.attribute('serviceName');
  }

  /** The template that it was made from. */
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
   * The message that the service gave with the final status, possibly cut short; empty if it gave none.
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
