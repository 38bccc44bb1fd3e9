import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type IStateMachine, type StateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, Dependable, type IConstruct } from 'constructs';
import type { CancellableDeployment } from './cancellable-deployment';
import { type CancellationOptions, policyOf } from './cancellation-options';
import { type CancellationInput, CONTRACT_VERSION, ENVIRONMENT } from './contract';
import { InvalidConfiguration } from './errors';
import { type Handler, makeHandler } from './handler';
import { type ICancellationWorkflow, ImportedCancellationWorkflow } from './i-cancellation-workflow';
import { answerForLost, drivingStatements, makeStateMachine } from './state-machine';
import { workflowDefinition } from './workflow-definition';

/** How the cancellation workflow of a stack is run. All its users share it, so those that say something must agree. */
export interface CancellationWorkflowOptions {
  /**
   * How long the logs of the two functions are kept. The log groups go with the stack.
   *
   * @default - one month
   */
  readonly logRetention?: RetentionDays;

  /**
   * Whether the functions and the state machine are traced with AWS X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;
}

const DEFAULTS: Required<CancellationWorkflowOptions> = { logRetention: RetentionDays.ONE_MONTH, tracing: false };

/** Part of a public contract: the logical ids of everything in the workflow follow from it. */
const ID = 'DeploymentCancellationWorkflow';

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
   * @param options how it is run
   * @throws if the options differ from those it was made with
   */
  public static of(scope: IConstruct, options: CancellationWorkflowOptions = {}): CancellationWorkflow {
    const stack = Stack.of(scope);
    const existing = stack.node.tryFindChild(ID) as CancellationWorkflow | undefined;
    if (!existing) return new CancellationWorkflow(stack, { ...DEFAULTS, ...defined(options) });
    for (const [name, value] of Object.entries(defined(options))) {
      const agreed = existing.options[name as keyof CancellationWorkflowOptions];
      if (agreed !== value) {
        throw new InvalidConfiguration(
          `${name} of the cancellation workflow is ${agreed} in stack ${stack.node.path}, not ${value}: all cancellations of a stack share one workflow, so give each the same ${name}`,
          scope,
        );
      }
    }
    return existing;
  }

  /**
   * A workflow of another stack or app, in the account and region of this one.
   *
   * It can be started, but not be given permissions: its own stack has to allow it the deployments that it is to cancel.
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
  private readonly cloudFormation: Handler;
  private readonly cloudFormationPolicy: Policy;

  private constructor(
    scope: Construct,
    private readonly options: Required<CancellationWorkflowOptions>,
  ) {
    super(scope, ID);
    const stack = Stack.of(this);
    const parameterPath = `deployment-cancellation/${stack.stackName}`;

    const deployment = makeHandler(this, 'Deployment', {
      ...options,
      code: 'deployment',
      description: 'Cancels a deployment and looks whether it is over',
      timeout: Duration.minutes(5),
    });
    const cloudFormation = makeHandler(this, 'CloudFormation', {
      ...options,
      code: 'cloudformation',
      description: 'Takes the requests of CloudFormation to cancel a deployment, and answers them',
      timeout: Duration.minutes(5),
      environment: { [ENVIRONMENT.parameterPath]: `/${parameterPath}` },
    });
    const stateMachine = makeStateMachine(this, {
      comment: 'Cancels a deployment, waits until it is over, and says how it ended',
      definitionBody: workflowDefinition(this, deployment.lambda, cloudFormation.lambda),
      functions: [deployment.lambda, cloudFormation.lambda],
      tracing: options.tracing,
    });

    const lostExecutions = answerForLost(this, stateMachine, cloudFormation.lambda);

    // Not a part of the role, on which the function depends: this names the state machine, which names the function.
    this.cloudFormationPolicy = new Policy(this, 'CloudFormationPolicy', {
      roles: [cloudFormation.role],
      statements: [
        ...drivingStatements(stateMachine),
        new PolicyStatement({
          actions: ['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'],
          resources: [stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: `${parameterPath}/*` })],
        }),
        new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [stack.stackId] }),
      ],
    });

    this.deployment = deployment;
    this.cloudFormation = cloudFormation;
    this.serviceToken = cloudFormation.lambda.functionArn;
    this.stateMachine = stateMachine;
    this.grants = StateMachineGrants.fromStateMachine(stateMachine);
    // Of all the parts, these are made last.
    Dependable.implement(this, { dependencyRoots: [this.cloudFormationPolicy, lostExecutions] });
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

  /** @internal */
  public _inputFor(
    deployment: CancellableDeployment,
    options: CancellationOptions,
    scope: IConstruct,
  ): CancellationInput {
    const policy = policyOf(options, scope);
    this._allow(deployment.policyStatements(this));
    return { contractVersion: CONTRACT_VERSION, deployment: deployment._toContract(), policy };
  }

  /**
   * Allows the deployment function to do something for as long as a construct is there, whatever happens to the others.
   *
   * @internal
   */
  public _allowFor(scope: Construct, id: string, statements: PolicyStatement[]): Policy {
    return new Policy(scope, id, { roles: [this.deployment.role], statements });
  }

  /**
   * Allows the deployment function to do something.
   *
   * @internal
   */
  public _allow(statements: PolicyStatement[]): void {
    for (const statement of statements) this.deployment.role.addToPolicy(statement);
  }

  /**
   * Another state machine that works with the two functions, and that CloudFormation's requests may be for.
   *
   * @internal
   */
  public _makeStateMachine(
    scope: Construct,
    { comment, definition }: { readonly comment: string; readonly definition: typeof workflowDefinition },
  ): StateMachine {
    const functions: [LambdaFunction, LambdaFunction] = [this.deployment.lambda, this.cloudFormation.lambda];
    const stateMachine = makeStateMachine(scope, {
      comment,
      definitionBody: definition(scope, ...functions),
      functions,
      tracing: this.options.tracing,
    });
    this.cloudFormationPolicy.addStatements(...drivingStatements(stateMachine));
    answerForLost(scope, stateMachine, this.cloudFormation.lambda);
    return stateMachine;
  }

  /**
   * Allows reading the status of the stacks that a nested stack is part of: it is deleted for their reasons. Their ids are
   * not known before they are there, but the name of each begins with the name of the outermost.
   *
   * @internal
   */
  public _readParents(): void {
    let root = Stack.of(this);
    while (root.nestedStackParent) root = root.nestedStackParent;
    const { nestedStackParent: parent } = Stack.of(this);
    if (!parent) return;
    const arn = (name: string) => root.formatArn({ service: 'cloudformation', resource: 'stack', resourceName: name });
    const resources = [arn(`${root.stackName}/*`), ...(parent === root ? [] : [arn(`${root.stackName}-*/*`)])];
    this.cloudFormationPolicy.addStatements(
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources }),
    );
  }
}

function defined(options: CancellationWorkflowOptions): CancellationWorkflowOptions {
  const { logRetention, tracing } = options;
  return { ...(logRetention !== undefined && { logRetention }), ...(tracing !== undefined && { tracing }) };
}
