import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type Alarm, type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import type { IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { IAM_MINIMIZE_POLICIES } from 'aws-cdk-lib/cx-api';
import { Construct, Dependable, DependencyGroup, type IConstruct } from 'constructs';
import { type Bounds, type CancellationInput, CONTRACT_VERSION, LONG_TIMEOUT_SECONDS } from '../contract/cancellation';
import type { CancellationOutcome } from '../contract/outcome';
import { type CancellableDeployment, validateDeployment } from '../deployments/cancellable-deployment';
import { InvalidConfigurationError } from '../private/errors';
import type { CancellationAlarmOptions } from './cancellation-alarm-options';
import { type CancellationOptions, renderSettings } from './cancellation-options';
import type { CancellationWorkflowOptions } from './cancellation-workflow-options';
import type { ICancellationWorkflow } from './i-cancellation-workflow';
import { createOccurrenceAlarm } from './private/alarm';
import { permissionsFor } from './private/assumed-role';
import { CloudFormationPolicy } from './private/cloudformation-policy';
import { Declarations, type Declared } from './private/declarations';
import { readExecutionStatement } from './private/encryption';
import { warnIfEnded } from './private/ended-services';
import { createCloudFormationFunction, createDeploymentFunction } from './private/functions';
import type { Handler } from './private/handler';
import { ImportedCancellationWorkflow, validateStateMachine } from './private/imported-cancellation-workflow';
import { injectOptions } from './private/injection';
import { guardFailedMetric, outcomeMetric } from './private/metrics';
import { addOutcomeRule, CANCELLATION_EVENTS } from './private/notifications';
import { validateTimes } from './private/option-times';
import { validateOutputs } from './private/output-limit';
import { isAttached } from './private/role';
import { RolePolicies } from './private/role-policies';
import { SharedOptions } from './private/shared-options';
import { addExecutionEndedRule, createStateMachine, createStateMachineLogGroup } from './private/state-machine';
import { WorkflowBase } from './private/workflow-base';
import { WORKFLOW_COMMENT, workflowDefinition } from './private/workflow-definition';

/** Must never change: the logical IDs of everything in the workflow depend on it. */
const ID = 'DeploymentCancellationWorkflow';

/**
 * The workflow that cancels deployments: a Standard state machine and two functions. A stack has one, no matter how many
 * cancellations it declares.
 *
 * The `deployment` function calls the service whose deployment is cancelled. The `cloudformation` function handles the
 * requests of CloudFormation. The state machine connects them, and anything that may start a state machine can start it.
 */
export class CancellationWorkflow extends WorkflowBase implements ICancellationWorkflow {
  /** Uniquely identifies this class. An injector sets defaults of the options. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.CancellationWorkflow';

  /**
   * Returns the workflow of the stack that contains `scope`. The first call creates it, and each call can set options.
   *
   * @param scope a construct in the stack
   * @param options the options of the workflow
   * @throws if an option differs from the one that another construct has set
   */
  public static of(scope: IConstruct, options: CancellationWorkflowOptions = {}): CancellationWorkflow {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID) as CancellationWorkflow | undefined;
    if (existing) {
      existing._options.set(options, scope);
      return existing;
    }
    const shared = new SharedOptions();
    shared.set(injectOptions(CancellationWorkflow.PROPERTY_INJECTION_ID, options, stack, ID), scope);
    shared.decideAtCreation(scope);
    return new CancellationWorkflow(stack, shared);
  }

  /**
   * Imports a workflow of another stack or app, in the account and region of this stack.
   *
   * It can be started, but not given permissions: its own stack must allow it to cancel the deployments.
   *
   * @param stateMachineName the name of its state machine
   * @throws if it is not a name
   */
  public static fromStateMachineName(scope: Construct, id: string, stateMachineName: string): ICancellationWorkflow {
    validateStateMachine('stateMachineName', stateMachineName, `${scope.node.path}/${id}`);
    const arn = Stack.of(scope).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: stateMachineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return CancellationWorkflow.fromStateMachineArn(scope, id, arn);
  }

  /**
   * Imports a workflow of another stack or app.
   *
   * It can be started, but not given permissions: its own stack must allow it to cancel the deployments.
   *
   * @param stateMachineArn the ARN of its state machine
   * @throws if it is not an ARN of a state machine
   */
  public static fromStateMachineArn(scope: Construct, id: string, stateMachineArn: string): ICancellationWorkflow {
    validateStateMachine('stateMachineArn', stateMachineArn, `${scope.node.path}/${id}`);
    return new ImportedCancellationWorkflow(scope, id, stateMachineArn);
  }

  /** The state machine of the workflow. */
  public readonly stateMachine: IStateMachine;

  /** The role of the state machine. */
  public readonly stateMachineRole: IRole;

  /** The role of the function that calls the service whose deployment is cancelled. */
  public readonly deploymentRole: IRole;

  /** The role of the function that handles the requests of CloudFormation. */
  public readonly cloudFormationRole: IRole;

  /** The log group of the state machine, and of the one that cancels fleets. */
  public readonly logGroup: ILogGroup;

  /** The ARN of the function that handles the requests of CloudFormation. */
  public readonly serviceToken: string;

  private readonly declarations = new Declarations(this);
  private readonly deployment: Handler;
  private readonly permissions: RolePolicies;
  private readonly cloudFormation: Handler;
  private readonly cloudFormationPolicy: CloudFormationPolicy;

  /** The parent of the metric filters, which are created on demand. */
  private readonly metrics: Construct;
  /** What exists before the first cancellation. */
  private readonly parts: DependencyGroup;

  private constructor(
    scope: Construct,
    /** @internal */
    public readonly _options: SharedOptions,
  ) {
    super(scope, ID);
    // The permissions of hundreds of cancellations fit into the policies of a role only if statements are merged.
    this.node.setContext(IAM_MINIMIZE_POLICIES, true);
    validateOutputs(this);
    const deployment = createDeploymentFunction(this, _options, this.declarations);
    const cloudFormation = createCloudFormationFunction(this, _options);
    this.logGroup = createStateMachineLogGroup(this, _options);
    const { stateMachine, role, permissions } = createStateMachine(this, {
      comment: WORKFLOW_COMMENT,
      definitionBody: workflowDefinition(this, deployment.lambda, cloudFormation.lambda),
      functions: [deployment.lambda, cloudFormation.lambda],
      logGroup: this.logGroup,
      options: _options,
    });
    const lostExecutions = addExecutionEndedRule(this, stateMachine, cloudFormation.lambda);

    this.cloudFormationPolicy = new CloudFormationPolicy(this, 'CloudFormationPolicy', {
      role: cloudFormation.role,
      options: _options,
    });
    this.cloudFormationPolicy.allowExecutions(stateMachine);
    this.cloudFormationPolicy.allowDescribeStack();

    this.metrics = new Construct(this, 'Metrics');
    const parts = new DependencyGroup(cloudFormation.lambda, lostExecutions, this.metrics, permissions);
    this.parts = parts;
    this.deployment = deployment;
    this.cloudFormation = cloudFormation;
    this.permissions = new RolePolicies(this, {
      id: 'DeploymentPolicy',
      role: deployment,
      onPolicy: (policy) => parts.add(policy),
    });
    this.stateMachineRole = role;
    this.deploymentRole = deployment.role;
    this.cloudFormationRole = cloudFormation.role;
    this.serviceToken = cloudFormation.lambda.functionArn;
    this.stateMachine = stateMachine;
    this.cloudFormationPolicy.node.addDependency(parts);
    const policy = this.cloudFormationPolicy;
    Dependable.implement(this, {
      get dependencyRoots() {
        // The policy is the last part of the workflow to be created, if the role takes it.
        return isAttached(policy) ? [policy] : Dependable.of(parts).dependencyRoots;
      },
    });
  }

  /**
   * Allows the workflow to cancel a deployment and to read its status, and returns the input of an execution that does so.
   * The execution succeeds with the result of the cancellation, or fails with the outcome as its error and the reason as
   * its cause.
   *
   * @param deployment the deployment to cancel
   * @param options the timeout of the cancellation, and the outcomes that are failures
   * @throws if an option is invalid
   */
  public inputFor(deployment: CancellableDeployment, options: CancellationOptions = {}): { [name: string]: unknown } {
    return { ...this._inputFor(deployment, options, this) };
  }

  /**
   * The number of deployments with an outcome, including those of a fleet. The values of the metric are durations, in
   * milliseconds from the start of the execution, so other statistics, such as `p90`, describe durations.
   *
   * The metric comes from the logs: the first call adds a metric filter to the stack of the workflow. Each outcome that
   * occurs is a custom metric, and is billed as one. A step that is interrupted after it logged its end, and retried, is
   * counted twice. An execution in which a function failed after all retries is counted by `metricFailed` only.
   *
   * @param outcome the outcome; `ARMED` and `NOT_ATTEMPTED` are not counted
   * @param options metric options
   * @default - sample count over 5 minutes
   * @throws if the outcome is not counted
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
   */
  public metricOutcome(outcome: CancellationOutcome, options?: MetricOptions): Metric {
    return InvalidConfigurationError.naming(this, () =>
      outcomeMetric(this.metrics, this.deployment.lambda.logGroup, outcome, options),
    );
  }

  /**
   * The number of requests of CloudFormation that got no response: Lambda dropped the event after all retries of the
   * `cloudformation` function.
   *
   * @param options metric options
   * @default - sum over 5 minutes
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  public metricUndeliveredResponses(options?: MetricOptions): Metric {
    return this.cloudFormation.lambda.metric('AsyncEventsDropped', { statistic: Stats.SUM, ...options });
  }

  /**
   * Adds an alarm for requests of CloudFormation that got no response, so that their stack waits for one.
   *
   * @param id the construct ID of the alarm in the workflow
   * @param options alarm options
   */
  public alarmOnUndeliveredResponse(id: string, options?: CancellationAlarmOptions): Alarm {
    const { stackName } = Stack.of(this);
    return createOccurrenceAlarm(
      this,
      id,
      (metric) => this.metricUndeliveredResponses(metric),
      `A request of CloudFormation in stack ${stackName} got no response, and the stack waits for it until the ServiceTimeout of the resource. Search log group ${this.cloudFormation.lambda.logGroup.logGroupName} for response-not-sent and for errors.`,
      options,
    );
  }

  /**
   * Adds a rule for the event `Deployment Cancellation Ended`, which the state machine then puts on the default event bus
   * at the end of each cancellation of a deployment, after the response to CloudFormation. An event that cannot be put
   * changes nothing else. Executions that are aborted put none. `FleetWorkflow` has the same method for fleets.
   *
   * @param id the construct ID of the rule in the workflow
   * @param options the target, and other options of the rule
   */
  public onOutcome(id: string, options: OnEventOptions = {}): Rule {
    const { rule, permission } = addOutcomeRule(this, this._functions, CANCELLATION_EVENTS, id, options);
    this.parts.add(permission);
    return rule;
  }

  /**
   * @param timeout the bounds of the timeout
   * @internal
   */
  public _inputFor(
    deployment: CancellableDeployment,
    options: CancellationOptions,
    scope: IConstruct,
    timeout: Bounds = LONG_TIMEOUT_SECONDS,
  ): CancellationInput {
    const settings = renderSettings(options, timeout, scope);
    validateDeployment(deployment, scope);
    const contract = deployment._toContract();
    validateTimes([contract], settings, scope);
    warnIfEnded([contract], settings, scope);
    this._addToPolicy(
      InvalidConfigurationError.naming(scope, () => permissionsFor(deployment, options, this)),
      scope,
    );
    this._declare({ ...settings, deployments: [contract] }, scope);
    return { contractVersion: CONTRACT_VERSION, deployment: contract, settings };
  }

  /**
   * Adds what a cancellation declares to the environment of the deployment function.
   *
   * @param scope the construct that errors name
   * @internal
   */
  public _declare(declared: Declared, scope: IConstruct): void {
    this.declarations.add(declared, scope);
  }

  /**
   * Adds permissions to the deployment function in a separate policy, which lasts as long as a construct.
   *
   * @internal
   */
  public _addScopedPolicy(scope: Construct, id: string, statements: PolicyStatement[]): Policy {
    return this.permissions.allowFor(scope, id, statements);
  }

  /**
   * Adds permissions to the deployment function.
   *
   * @internal
   */
  public _addToPolicy(statements: PolicyStatement[], scope: IConstruct = this): void {
    this.permissions.allow(statements, scope);
  }

  /**
   * The permissions, beside those for Step Functions, that reading the input and output of an execution needs. They depend on
   * the encryption key, which is decided from now on.
   *
   * @internal
   */
  public _readExecutionStatements(scope: IConstruct): PolicyStatement[] {
    const encryptionKey = this._options.decide('encryptionKey', scope);
    return encryptionKey ? [readExecutionStatement(encryptionKey, this.stateMachine.stateMachineArn)] : [];
  }

  /**
   * Adds these permissions to a role, now or when the encryption key is set.
   *
   * @internal
   */
  public _allowReadExecutions(role: IRole): void {
    this._options.whenSet('encryptionKey', (key) => {
      role.addToPrincipalPolicy(readExecutionStatement(key, this.stateMachine.stateMachineArn));
    });
  }

  /**
   * Creates another state machine that uses the two functions, and that requests of CloudFormation can start.
   *
   * @internal
   */
  public _createStateMachine(
    scope: Construct,
    { comment, definition }: { readonly comment: string; readonly definition: typeof workflowDefinition },
  ): { readonly stateMachine: StateMachine; readonly role: IRole } {
    const functions: [LambdaFunction, LambdaFunction] = [this.deployment.lambda, this.cloudFormation.lambda];
    const created = createStateMachine(scope, {
      comment,
      definitionBody: definition(scope, ...functions),
      functions,
      logGroup: this.logGroup,
      options: this._options,
    });
    this.cloudFormationPolicy.allowExecutions(created.stateMachine);
    addExecutionEndedRule(scope, created.stateMachine, this.cloudFormation.lambda);
    return created;
  }

  /**
   * Allows reading the status of the stacks that the stack of the workflow is nested in, which explain why it is deleted.
   *
   * @internal
   */
  public _allowDescribeParentStacks(): void {
    this.cloudFormationPolicy.allowDescribeParentStacks();
  }

  /**
   * The number of times that a guard failed.
   *
   * @internal
   */
  public _metricGuardFailed(logicalId: string, options?: MetricOptions): Metric {
    return guardFailedMetric(this.metrics, this.cloudFormation.lambda.logGroup, logicalId, options);
  }

  /**
   * The functions of the workflow, by name.
   *
   * @internal
   */
  public get _functions(): { readonly [name: string]: LambdaFunction } {
    return { deployment: this.deployment.lambda, cloudformation: this.cloudFormation.lambda };
  }
}
