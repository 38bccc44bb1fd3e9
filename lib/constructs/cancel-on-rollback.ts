import { createHash } from 'node:crypto';
import { type CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import type { Alarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct, Dependable, type IConstruct } from 'constructs';
import {
  CONTRACT_VERSION,
  type Deployment,
  GUARD_RESOURCE_TYPE,
  type GuardProperties,
  RESPONSE_MARGIN_SECONDS,
  TIMEOUT_SECONDS,
} from '../contract/cancellation';
import { OnNotFound } from '../contract/outcome';
import { type CancellableDeployment, validateDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import { withParents } from '../private/nested-stacks';
import { referencesIn, validatePaths } from '../private/tokens';
import type { CancellationAlarmOptions } from '../workflow/cancellation-alarm-options';
import { renderSettings } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import type { CancellationWorkflowOptions } from '../workflow/cancellation-workflow-options';
import { createOccurrenceAlarm } from '../workflow/private/alarm';
import { permissionsFor } from '../workflow/private/assumed-role';
import { warnIfEnded } from '../workflow/private/ended-services';
import { validateTimes } from '../workflow/private/option-times';
import { warnOfUselessGuard } from './private/guard-warnings';

/** Properties of `CancelOnRollback`. */
export interface CancelOnRollbackProps extends CancellationWorkflowOptions {
  /** The deployment to cancel, such as `EcsServiceDeployment.fromServiceName(…)`. */
  readonly deployment: CancellableDeployment;

  /**
   * The time in which the deployment must be over: whole seconds, from 1 second to 45 minutes. The rollback waits for it.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * The time between two reads of the deployment: whole seconds, from 1 second to 5 minutes.
   *
   * @default - 2 seconds in the first minute, and about 5 seconds later
   */
  readonly pollInterval?: Duration;

  /**
   * The http or https URL of a service with the same API as the service of AWS. The workflow sends signed requests to
   * the endpoints that are declared in its stack, and to no others.
   *
   * @default - the endpoint of the AWS SDK
   */
  readonly endpoint?: string;

  /**
   * The role that calls the service, usually in the account of the deployment. The policies of the workflow allow it to
   * assume the roles that are declared in its stack. The role needs the permissions that `policyStatements` of the
   * deployment returns, and must trust `deploymentRole` of the workflow. The region is that of the stack.
   *
   * @default - the role of the deployment function
   */
  readonly role?: IRole;

  /**
   * The external ID that the trust policy of the role requires; requires `role`. It is visible in the template and in the
   * input of the executions.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
   */
  readonly externalId?: string;

  /**
   * A text that changes with every deployment of the stack, such as a version. CloudFormation sends a rollback to the
   * guard only if the failed update has changed the guard; `cdk diff` shows the change.
   *
   * @default - the time of synthesis
   */
  readonly trigger?: string;

  /**
   * Whether to cancel also a deployment that was in flight before the guard was armed, or may have been.
   *
   * @default false
   */
  readonly cancelPreexisting?: boolean;

  /**
   * Whether to cancel also when the stack is deleted.
   *
   * @default false
   */
  readonly cancelOnStackDeletion?: boolean;
}

/**
 * A guard: cancels a deployment when the stack that contains it rolls back, and waits until the deployment is over.
 *
 * The guard is armed when the stack is created or updated: it stores the ID of the last deployment, and later cancels only
 * a deployment that started after it. Removing the guard from its stack cancels nothing. Deleting the stack cancels only with
 * `cancelOnStackDeletion`. If the reason of an update or a deletion is unknown, it does not cancel.
 *
 * A guard never fails a stack, so that it never blocks a rollback. Its failures are in the log of the `cloudformation`
 * function, and `metricFailed` counts them.
 *
 * CloudFormation does not notify a guard of a failure if rollbacks are disabled (`--no-rollback`) or in express mode, nor
 * of its removal if its removal policy is to retain it.
 */
@propertyInjectable
export class CancelOnRollback extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.CancelOnRollback';

  /** The cancellation workflow of the stack. */
  public readonly workflow: CancellationWorkflow;

  private readonly deployment: Deployment;
  private readonly logicalId: string;

  /**
   * @throws if a property is invalid, or an option of the workflow differs from the one that another construct has set
   */
  constructor(scope: Construct, id: string, props: CancelOnRollbackProps) {
    super(scope, id);
    const { deployment, timeout, pollInterval, endpoint, role, externalId } = props;
    this.workflow = CancellationWorkflow.of(this, props);
    this.workflow._allowDescribeParentStacks();
    const settings = renderSettings(
      { timeout, pollInterval, endpoint, role, externalId, onNotFound: OnNotFound.SUCCEED },
      TIMEOUT_SECONDS,
      this,
    );
    validateDeployment(deployment, this);
    const target = deployment._toContract();
    this.workflow._declare({ ...settings, deployments: [target] }, this);
    validatePaths('deployment', target, this);
    validateTimes([target], settings, this);
    warnIfEnded([target], settings, this);
    this.deployment = target;
    // A separate policy for each deployment: when CloudFormation sends a rollback to the guard, the shared policy is already
    // rolled back, but resources that the failed update has added exist until the cleanup.
    const permission = this.workflow._addScopedPolicy(
      this,
      `Permission${digest(Stack.of(this).resolve([...valuesOf(target), role?.roleArn, externalId]))}`,
      permissionsFor(deployment, props, this),
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
      serviceTimeout: Duration.seconds(settings.timeoutSeconds + RESPONSE_MARGIN_SECONDS),
      properties: { ...properties },
    });
    resource.node.addDependency(this.workflow, permission);
    // Only the resource: an alarm of the guard may depend on what the guard protects.
    Dependable.implement(this, { dependencyRoots: [resource] });
    const cfnResource = resource.node.defaultChild as CfnResource;
    this.logicalId = cfnResource.logicalId;
    warnOfUselessGuard(this, cfnResource);
  }

  /**
   * Makes the constructs depend on the guard, so that the guard is armed before they are created or updated.
   *
   * When the creation of the stack is rolled back, CloudFormation deletes them before it notifies the guard. Do not protect
   * resources that cannot be deleted during the deployment.
   *
   * @param scopes the constructs that may start a deployment, or fail after it has started
   * @throws if the guard is a part of a construct or refers to it, or the construct is in a stack that does not roll back
   * with this one
   */
  public protect(...scopes: IConstruct[]): void {
    for (const scope of scopes) {
      if (this.node.scopes.includes(scope)) {
        throw new InvalidConfigurationError(
          `the guard cannot protect ${scope.node.path}, because it is a part of it`,
          this,
        );
      }
      if (outermostStackOf(scope) !== outermostStackOf(this)) {
        throw new InvalidConfigurationError(
          `the guard cannot protect ${scope.node.path}, because it is in another stack: declare a guard in that stack`,
          this,
        );
      }
      this.refuseReferenceTo(scope);
      scope.node.addDependency(this);
    }
  }

  /** @throws if the deployment refers to the construct: the guard would depend on what depends on it */
  private refuseReferenceTo(scope: IConstruct): void {
    const found = referencesIn(this.deployment, this).find((target) => target.node.scopes.includes(scope));
    if (!found) return;
    throw new InvalidConfigurationError(
      `the guard cannot protect ${scope.node.path}, because its deployment refers to ${found.node.path}: name it instead, such as with EcsServiceDeployment.fromServiceName, and set the same name on the construct`,
      this,
    );
  }

  /**
   * The number of times that the guard could not be armed or could not cancel.
   *
   * The metric comes from the logs: the first call adds a metric filter to the stack, for all of its guards. Each guard
   * that fails is a custom metric, and is billed as one.
   *
   * @param options metric options
   * @default - sum over 5 minutes
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
   */
  public metricFailed(options?: MetricOptions): Metric {
    return this.workflow._metricGuardFailed(this.logicalId, options);
  }

  /**
   * Adds an alarm for the failures of the guard, which do not fail the stack.
   *
   * @param id the construct ID of the alarm in the guard
   * @param options alarm options
   */
  public alarmOnFailure(id: string, options?: CancellationAlarmOptions): Alarm {
    return createOccurrenceAlarm(
      this,
      id,
      (metric) => this.metricFailed(metric),
      `Guard ${this.node.path} could not be armed, or could not cancel the deployment when its stack rolled back. A deployment may still be in flight: check it, and search the log of the cloudformation function for guard-failed and the lines before it.`,
      options,
    );
  }
}

/** The outermost stack of a construct, with which its stack rolls back. */
function outermostStackOf(scope: IConstruct): Stack | undefined {
  return withParents(Stack.of(scope)).at(-1);
}

/** Everything that the permissions may depend on. */
function valuesOf({ kind, identifiers, options = {} }: Deployment): string[] {
  return [kind, ...Object.values(identifiers), ...Object.values(options).map(String)];
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
}
