import { createHash } from 'node:crypto';
import { type CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct, Dependable, type IConstruct } from 'constructs';
import {
  ANSWER_MARGIN_SECONDS,
  CONTRACT_VERSION,
  type Deployment,
  GUARD_RESOURCE_TYPE,
  type GuardProperties,
} from '../contract/cancellation';
import { OnNotFound } from '../contract/outcome';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import type { CancellationAlarmOptions } from '../workflow/cancellation-alarm-options';
import { renderSettings } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';
import { createOccurrenceAlarm } from '../workflow/private/alarm';

/** What is cancelled when the stack rolls back, and what is not. */
export interface CancelOnRollbackProps extends CancellationWorkflowOptions {
  /** The deployment to cancel, such as `EcsServiceDeployment.fromServiceName(…)`. */
  readonly deployment: CancellableDeployment;

  /**
   * How long the deployment may take to be over, and the rollback with it: whole seconds, from one second to 45 minutes.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * The URL of a service that speaks the API in place of the one of AWS; http or https.
   *
   * @default - where the AWS SDK looks for the service
   */
  readonly endpoint?: string;

  /**
   * A text that changes with every deployment of the stack, such as a version. CloudFormation tells the guard of a
   * rollback only if the update that failed has changed it; `cdk diff` shows the change.
   *
   * @default - the time of the synthesis
   */
  readonly trigger?: string;

  /**
   * Whether a deployment is cancelled as well that was in flight before the guard was armed, or of which that is not known.
   *
   * @default false
   */
  readonly cancelPreexisting?: boolean;

  /**
   * Whether the deletion of the stack cancels as well.
   *
   * @default false
   */
  readonly cancelOnStackDeletion?: boolean;
}

/**
 * A guard: cancels a deployment when the stack that holds it rolls back, and waits until the deployment is over.
 *
 * It is armed when the stack is created or updated: it notes which deployment is the last one, and later cancels only one
 * that was started since. It never cancels when the stack cleans up, nor, unless asked to, when the stack is deleted. If
 * it cannot know why it is told of an update or a deletion, it does not cancel.
 *
 * It never fails a stack, so that no rollback is stuck because of it: what it could not do is in its log, and counted by
 * `metricFailed`.
 *
 * CloudFormation tells it nothing of a failure when rollbacks are disabled (`--no-rollback`) or in express mode, nor of
 * its removal with a removal policy that retains it.
 */
@propertyInjectable
export class CancelOnRollback extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.CancelOnRollback';

  /** The cancellation workflow of the stack. */
  public readonly workflow: CancellationWorkflow;

  private readonly logicalId: string;

  /**
   * @throws if a property cannot be used, or the workflow of the stack was made with other options
   */
  constructor(scope: Construct, id: string, props: CancelOnRollbackProps) {
    super(scope, id);
    const { deployment, timeout, endpoint } = props;
    this.workflow = CancellationWorkflow.of(this, props);
    this.workflow._allowDescribeParentStacks();
    const settings = renderSettings({ timeout, endpoint, onNotFound: OnNotFound.SUCCEED }, this);
    const target = deployment._toContract();
    // Its own, and another for another deployment: when the guard is told of a rollback, the permissions that the stack has
    // in one policy for all are back at what they were, while what the failed update has added stays until the clean-up.
    const permission = this.workflow._addScopedPolicy(
      this,
      `Permission${digest(Stack.of(this).resolve(valuesOf(target)))}`,
      deployment.policyStatements(this),
    );
    const properties: GuardProperties = {
      contractVersion: CONTRACT_VERSION,
      deployment: target,
      settings,
      stateMachineArn: this.workflow.stateMachine.stateMachineArn,
      trigger: props.trigger ?? new Date().toISOString(),
      cancelPreexisting: props.cancelPreexisting ?? false,
      cancelOnStackDeletion: props.cancelOnStackDeletion ?? false,
    };
    const resource = new CustomResource(this, 'Resource', {
      resourceType: GUARD_RESOURCE_TYPE,
      serviceToken: this.workflow.serviceToken,
      serviceTimeout: Duration.seconds(settings.timeoutSeconds + ANSWER_MARGIN_SECONDS),
      properties: { ...properties },
    });
    resource.node.addDependency(this.workflow, permission);
    // An alarm may need what the guard protects.
    Dependable.implement(this, { dependencyRoots: [resource] });
    this.logicalId = (resource.node.defaultChild as CfnResource).logicalId;
  }

  /**
   * Has the guard armed before anything of what it guards is created or updated. When the creation of the stack is rolled
   * back, CloudFormation deletes what it guards before it tells the guard: do not protect what cannot be deleted while the
   * deployment runs.
   *
   * @param scopes what may start a deployment, or fail after one was started
   * @throws if the guard is a part of what it is to protect, or that belongs to a stack which does not roll back with this one
   */
  public protect(...scopes: IConstruct[]): void {
    for (const scope of scopes) {
      if (this.node.scopes.includes(scope)) {
        throw new InvalidConfigurationError(`the guard cannot protect ${scope.node.path}, which it is a part of`, this);
      }
      if (rootOf(scope) !== rootOf(this)) {
        throw new InvalidConfigurationError(
          `the guard cannot protect ${scope.node.path}, which is in another stack`,
          this,
        );
      }
      scope.node.addDependency(this);
    }
  }

  /**
   * How often the guard could not be armed, or could not cancel what it should have.
   *
   * It is made of what is logged, by a metric filter that the first call adds to the stack for all of its guards: each guard
   * that has failed is a custom metric, with its price.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
   */
  public metricFailed(options?: MetricOptions): Metric {
    return this.workflow._metricGuardFailed(this.logicalId, options);
  }

  /**
   * Adds an alarm that goes off when the guard could not do what it is for, which fails no stack.
   *
   * @param id the id of the alarm in the guard
   * @param options what is different from the default
   */
  public alarmOnFailure(id: string, options?: CancellationAlarmOptions): Alarm {
    return createOccurrenceAlarm(
      this,
      id,
      (metric) => this.metricFailed(metric),
      `Guard ${this.node.path} could not be armed, or could not cancel the deployment when its stack rolled back: a deployment may still be in flight. Look there, and into the log of the cloudformation function for guard-failed and the lines before it.`,
      options,
    );
  }
}

/** The stack that a construct rolls back with. */
function rootOf(scope: IConstruct): Stack {
  let stack = Stack.of(scope);
  while (stack.nestedStackParent) stack = stack.nestedStackParent;
  return stack;
}

/** All that the permissions may depend on. */
function valuesOf({ kind, identifiers, options = {} }: Deployment): string[] {
  return [kind, ...Object.values(identifiers), ...Object.values(options).map(String)];
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
}
