import { ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, type Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type IStateMachine, type StateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import { IAM_MINIMIZE_POLICIES } from 'aws-cdk-lib/cx-api';
import { Construct, Dependable, type IConstruct } from 'constructs';
import { type CancellationInput, CONTRACT_VERSION, ENVIRONMENT } from '../contract/cancellation';
import type { CancellableDeployment } from '../deployments/cancellable-deployment';
import { acknowledge, acknowledgeWildcards } from '../private/acknowledgements';
import { InvalidConfigurationError } from '../private/errors';
import type { CancellationAlarmOptions } from './cancellation-alarm-options';
import { type CancellationOptions, renderSettings } from './cancellation-options';
import {
  type CancellationWorkflowOptions,
  findConflict,
  type WorkflowOptions,
  workflowOptions,
} from './cancellation-workflow-options';
import type { ICancellationWorkflow } from './i-cancellation-workflow';
import { createOccurrenceAlarm } from './private/alarm';
import { parameterStatement, readExecutionStatement, stopExecutionStatement } from './private/encryption';
import { createHandler, type Handler } from './private/handler';
import { ImportedCancellationWorkflow } from './private/imported-cancellation-workflow';
import { endedMetric, guardFailedMetric } from './private/metrics';
import { RolePolicies } from './private/role-policies';
import {
  addAbortedExecutionRule,
  createStateMachine,
  createStateMachineLogGroup,
  executionControlStatements,
} from './private/state-machine';
import { workflowDefinition } from './private/workflow-definition';

/** How many outputs CloudFormation takes in a stack. */
const MAX_OUTPUTS = 200;

/** Part of a public contract: the logical ids of everything in the workflow follow from it. */
const ID = 'DeploymentCancellationWorkflow';

/** Why permissions are on more than one resource. */
const OWN =
  'The names of executions, parameters and nested stacks of this one stack are not known before they are there.';

/**
 * What cancels: a Standard state machine and two functions, once per stack, however many cancellations it holds.
 *
 * `deployment` speaks to the service whose deployment is cancelled; `cloudformation` takes CloudFormation's requests and
 * answers them. The state machine connects them, and can be started by anything that may start state machines.
 */
export class CancellationWorkflow extends Construct implements ICancellationWorkflow {
  /**
   * The workflow of the stack that `scope` is in; it is made when it is first asked for.
   *
   * @param scope anything in the stack
   * @param options how it is run
   * @throws if the options differ from those it was made with
   */
  public static of(scope: IConstruct, options: CancellationWorkflowOptions = {}): CancellationWorkflow {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID) as CancellationWorkflow | undefined;
    if (!existing) return new CancellationWorkflow(stack, workflowOptions(options, scope));
    const conflict = findConflict(existing._options, options);
    if (conflict) {
      const { name, agreed, wanted } = conflict;
      throw new InvalidConfigurationError(
        `${name} of the cancellation workflow is ${agreed} in stack ${stack.node.path}, not ${wanted}: all cancellations of a stack share one workflow, so give each the same ${name}`,
        scope,
      );
    }
    return existing;
  }

  /**
   * A workflow of another stack or app, in the account and region of this one.
   *
   * It can be started, but not be given permissions: its own stack has to allow it the deployments that it is to cancel.
   *
   * @param stateMachineName the name of its state machine
   */
  public static fromStateMachineName(scope: Construct, id: string, stateMachineName: string): ICancellationWorkflow {
    const arn = Stack.of(scope).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: stateMachineName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return CancellationWorkflow.fromStateMachineArn(scope, id, arn);
  }

  /**
   * A workflow of another stack or app.
   *
   * It can be started, but not be given permissions: its own stack has to allow it the deployments that it is to cancel.
   *
   * @param stateMachineArn the ARN of its state machine
   */
  public static fromStateMachineArn(scope: Construct, id: string, stateMachineArn: string): ICancellationWorkflow {
    return new ImportedCancellationWorkflow(scope, id, stateMachineArn);
  }

  /** The state machine of the workflow. */
  public readonly stateMachine: IStateMachine;

  /** Lets others start the workflow: `workflow.grants.startExecution(role)`. */
  public readonly grants: StateMachineGrants;

  /** The ARN of the function that takes the requests of CloudFormation, and answers them. */
  public readonly serviceToken: string;

  private readonly deployment: Handler;
  private readonly permissions: RolePolicies;
  private readonly cloudFormation: Handler;
  private readonly cloudFormationPolicy: Policy;

  private readonly logGroup: ILogGroup;
  /** What CloudWatch makes metrics with, where somebody has asked for one. */
  private readonly metrics: Construct;

  private constructor(
    scope: Construct,
    /** @internal */
    public readonly _options: WorkflowOptions,
  ) {
    super(scope, ID);
    const stack = Stack.of(this);
    const { encryptionKey } = _options;
    // What hundreds of cancellations need fits into the policies of a role only if equal statements are made one.
    this.node.setContext(IAM_MINIMIZE_POLICIES, true);
    this.node.addValidation({ validate: () => tooManyOutputs(stack) });
    const parameterPath = `deployment-cancellation/${stack.stackName}`;

    const parameters = stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: `${parameterPath}/*` });
    // A part of the role: what deletes the stack takes policies away while the function may still have a place to forget.
    const keeping = [
      new PolicyStatement({
        actions: ['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'],
        resources: [parameters],
      }),
      ...(encryptionKey ? [parameterStatement(this, encryptionKey, parameters)] : []),
    ];
    const deployment = createHandler(this, 'Deployment', {
      ..._options,
      entry: 'deployment',
      description: 'Cancels a deployment and looks whether it is over',
      timeout: Duration.minutes(5),
    });
    const cloudFormation = createHandler(this, 'CloudFormation', {
      ..._options,
      entry: 'cloudformation',
      description: 'Takes the requests of CloudFormation to cancel a deployment, and answers them',
      timeout: Duration.minutes(5),
      environment: {
        [ENVIRONMENT.parameterPath]: `/${parameterPath}`,
        ...(encryptionKey && { [ENVIRONMENT.parameterKey]: encryptionKey.keyArn }),
      },
      statements: keeping,
    });
    acknowledge(deployment.lambda, 'neverAsynchronous');
    acknowledge(cloudFormation.lambda, 'notQueued');
    acknowledgeWildcards(cloudFormation.role, keeping, OWN);
    this.logGroup = createStateMachineLogGroup(this, _options);
    const { stateMachine, permissions } = createStateMachine(this, {
      comment: 'Cancels a deployment, waits until it is over, and says how it ended',
      definitionBody: workflowDefinition(this, deployment.lambda, cloudFormation.lambda),
      functions: [deployment.lambda, cloudFormation.lambda],
      logGroup: this.logGroup,
      options: _options,
    });

    const lostExecutions = addAbortedExecutionRule(this, stateMachine, cloudFormation.lambda);

    // Not a part of the role, on which the function depends: this names the state machine, which names the function.
    this.cloudFormationPolicy = new Policy(this, 'CloudFormationPolicy', { roles: [cloudFormation.role] });
    this.allowDriving(stateMachine);
    this.allowCloudFormation(
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [stack.stackId] }),
    );

    this.metrics = new Construct(this, 'Metrics');
    this.deployment = deployment;
    this.cloudFormation = cloudFormation;
    this.permissions = new RolePolicies(this, {
      id: 'DeploymentPolicy',
      role: deployment.role,
      onPolicy: (policy) => this.cloudFormationPolicy.node.addDependency(policy),
    });
    this.serviceToken = cloudFormation.lambda.functionArn;
    this.stateMachine = stateMachine;
    this.grants = StateMachineGrants.fromStateMachine(stateMachine);
    // Of all the parts, this one is made last.
    this.cloudFormationPolicy.node.addDependency(lostExecutions, this.metrics, ...permissions);
    Dependable.implement(this, { dependencyRoots: [this.cloudFormationPolicy] });
  }

  /**
   * Allows the workflow to cancel a deployment and to read its status, and gives the input with which an execution of the
   * state machine does so. Such an execution succeeds with how the deployment ended, or fails with the outcome as its
   * error and the reason as its cause.
   *
   * @param deployment the deployment
   * @param options how long it may take, and what counts as a failure
   * @throws if an option cannot be used
   */
  public inputFor(deployment: CancellableDeployment, options: CancellationOptions = {}): { [name: string]: unknown } {
    return { ...this._inputFor(deployment, options, this) };
  }

  /**
   * How many executions were started: one for each cancellation, and one whenever a guard is armed.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  public metricStarted(options?: MetricOptions): Metric {
    return this.stateMachine.metricStarted(options);
  }

  /**
   * How many executions ended as a failure: with an outcome that fails the stack, or without one, since a function of the
   * workflow failed for good.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   */
  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  /**
   * How long executions took, in milliseconds. Those that arm a guard are among them, and short.
   *
   * @param options what is different from the default
   * @default - average over 5 minutes
   */
  public metricDuration(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }

  /**
   * How many deployments came to an outcome, those of a fleet among them. The values of the metric are the times that they
   * took, in milliseconds from the start of the execution, so that another statistic, such as `p90`, is about these.
   *
   * It is made of what is logged, by a metric filter that the first call adds to the stack of the workflow: each outcome that
   * occurs is a custom metric, with its price. A step that is cut off after it has logged its end, and taken again, is
   * counted twice; one for which a function failed for good is in `metricFailed` only.
   *
   * @param outcome one of `CANCELLED`, `COMPLETED_FIRST`, `NOTHING_TO_CANCEL`, `SKIPPED`, `SUPERSEDED`, `CANCEL_FAILED`,
   * `NOT_FOUND`, `TIMED_OUT`, `REFUSED`, `ACCESS_DENIED`, `UNAVAILABLE`, `ERROR`
   * @param options what is different from the default
   * @default - how many in 5 minutes
   * @throws if there is no such outcome
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
   */
  public metricOutcome(outcome: string, options?: MetricOptions): Metric {
    return endedMetric(this.metrics, this.deployment.lambda.logGroup, outcome, options);
  }

  /**
   * How many requests of CloudFormation got no answer, although all was tried: what asks the `cloudformation` function for
   * one was given up by Lambda.
   *
   * @param options what is different from the default
   * @default - sum over 5 minutes
   * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  public metricUndeliveredResponses(options?: MetricOptions): Metric {
    return this.cloudFormation.lambda.metric('AsyncEventsDropped', { statistic: Stats.SUM, ...options });
  }

  /**
   * Adds an alarm that goes off when a request of CloudFormation got no answer, which its stack then waits for.
   *
   * @param id the id of the alarm in the workflow
   * @param options what is different from the default
   */
  public alarmOnUndeliveredResponse(id: string, options?: CancellationAlarmOptions): Alarm {
    const { stackName } = Stack.of(this);
    return createOccurrenceAlarm(
      this,
      id,
      (metric) => this.metricUndeliveredResponses(metric),
      `A cancellation of stack ${stackName} could not be answered, and CloudFormation waits for that until the ServiceTimeout of its resource. Look into log group ${this.cloudFormation.lambda.logGroup.logGroupName} for response-not-sent and for errors.`,
      options,
    );
  }

  /** @internal */
  public _inputFor(
    deployment: CancellableDeployment,
    options: CancellationOptions,
    scope: IConstruct,
  ): CancellationInput {
    const settings = renderSettings(options, scope);
    const contract = deployment._toContract();
    this._addToPolicy(deployment.policyStatements(this), scope);
    return { contractVersion: CONTRACT_VERSION, deployment: contract, settings };
  }

  /**
   * Allows the deployment function to do something for as long as a construct is there, whatever happens to the others.
   *
   * @internal
   */
  public _addScopedPolicy(scope: Construct, id: string, statements: PolicyStatement[]): Policy {
    return this.permissions.allowFor(scope, id, statements);
  }

  /**
   * Allows the deployment function to do something.
   *
   * @internal
   */
  public _addToPolicy(statements: PolicyStatement[], scope: IConstruct = this): void {
    this.permissions.allow(statements, scope);
  }

  /**
   * What it takes, besides the actions of Step Functions, to see what an execution was given and what came of it.
   *
   * @internal
   */
  public _readExecutionStatements(): PolicyStatement[] {
    const { encryptionKey } = this._options;
    return encryptionKey ? [readExecutionStatement(encryptionKey, this.stateMachine.stateMachineArn)] : [];
  }

  /**
   * Another state machine that works with the two functions, and that CloudFormation's requests may be for.
   *
   * @internal
   */
  public _createStateMachine(
    scope: Construct,
    { comment, definition }: { readonly comment: string; readonly definition: typeof workflowDefinition },
  ): StateMachine {
    const functions: [LambdaFunction, LambdaFunction] = [this.deployment.lambda, this.cloudFormation.lambda];
    const { stateMachine } = createStateMachine(scope, {
      comment,
      definitionBody: definition(scope, ...functions),
      functions,
      logGroup: this.logGroup,
      options: this._options,
    });
    this.allowDriving(stateMachine);
    addAbortedExecutionRule(scope, stateMachine, this.cloudFormation.lambda);
    return stateMachine;
  }

  /**
   * Allows reading the status of the stacks that a nested stack is part of: it is deleted for their reasons. Their ids are
   * not known before they are there, but the name of each begins with the name of the outermost.
   *
   * @internal
   */
  public _allowDescribeParentStacks(): void {
    let root = Stack.of(this);
    while (root.nestedStackParent) root = root.nestedStackParent;
    const { nestedStackParent: parent } = Stack.of(this);
    if (!parent) return;
    const arn = (name: string) => root.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: name });
    const resources = [arn(`${root.stackName}/*`), ...(parent === root ? [] : [arn(`${root.stackName}-*/*`)])];
    this.allowCloudFormation(new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources }));
  }

  /**
   * How often a guard could not do what it is for.
   *
   * @internal
   */
  public _metricGuardFailed(logicalId: string, options?: MetricOptions): Metric {
    return guardFailedMetric(this.metrics, this.cloudFormation.lambda.logGroup, logicalId, options);
  }

  /**
   * What does the work.
   *
   * @internal
   */
  public get _functions(): { readonly [name: string]: LambdaFunction } {
    return { deployment: this.deployment.lambda, cloudformation: this.cloudFormation.lambda };
  }

  /** Allows the CloudFormation function to start executions of a state machine, to look for them, and to stop them. */
  private allowDriving(stateMachine: StateMachine): void {
    const { encryptionKey } = this._options;
    this.allowCloudFormation(
      ...executionControlStatements(stateMachine),
      ...(encryptionKey ? [stopExecutionStatement(encryptionKey, stateMachine.stateMachineArn)] : []),
    );
  }

  private allowCloudFormation(...statements: PolicyStatement[]): void {
    this.cloudFormationPolicy.addStatements(...statements);
    acknowledgeWildcards(this.cloudFormationPolicy, statements, OWN);
  }
}

function tooManyOutputs(stack: Stack): string[] {
  const outputs = stack.node.findAll().filter((part) => part instanceof CfnOutput && part.stack === stack);
  if (outputs.length <= MAX_OUTPUTS) return [];
  return [
    `stack ${stack.node.path} has ${outputs.length} outputs, and CloudFormation takes ${MAX_OUTPUTS}: set output: false on some of its cancellations`,
  ];
}
