import { AspectPriority, Aspects, CfnResource, Duration, type IAspect, Names, Stack } from 'aws-cdk-lib';
import { type CfnPipeline, type Pipeline, PipelineType, type Result } from 'aws-cdk-lib/aws-codepipeline';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { DefinitionBody, Fail, type IStateMachine, JsonPath, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct, type IConstruct } from 'constructs';
import { CODEPIPELINE_ENVIRONMENT, type CodePipelineJob, TIMEOUT_SECONDS } from '../contract/cancellation';
import { validateDeployment } from '../deployments/cancellable-deployment';
import { acknowledge, acknowledgeWildcards } from '../private/acknowledgements';
import { describe } from '../private/describe';
import { InvalidConfigurationError } from '../private/errors';
import { renderSettings } from '../workflow/cancellation-options';
import { CancellationWorkflow } from '../workflow/cancellation-workflow';
import { encryptStateMachine } from '../workflow/private/encryption';
import { createHandler } from '../workflow/private/handler';
import { JOB_RESULT_RETRIES, START_EXECUTION_RETRIES } from '../workflow/private/retries';
import { SharedOptions } from '../workflow/private/shared-options';
import { createStateMachineLogGroup, logsTo, traceStateMachine } from '../workflow/private/state-machine';
import type { CancelDeploymentProps } from './cancel-deployment-props';
import { CancelDeploymentTask } from './cancel-deployment-task';
import { refuseOwnPipeline } from './private/own-pipeline';

/** The time that CodePipeline waits for the result of a job, in minutes. */
const JOB_MINUTES = 20;

/** The timeout of the cancellation. It leaves time to report the result. */
const TIMEOUT_MINUTES = { default: 15, max: 18 };

/** The maximum number of rules of a condition. */
const MAX_RULES = 5;

/** Properties of `CancelOnStageFailure`. */
export interface CancelOnStageFailureProps extends CancelDeploymentProps {
  /**
   * The pipeline, of type V2. For CDK Pipelines, call `pipeline.buildPipeline()` and pass `pipeline.pipeline`.
   */
  readonly pipeline: Pipeline;

  /** The name of the stage. */
  readonly stageName: string;

  /**
   * The action of CodePipeline after the cancellation, such as `Result.ROLLBACK`.
   *
   * @default - none: the stage has failed
   */
  readonly result?: Result;
}

/**
 * Cancels a deployment when a stage of a pipeline fails, and waits until the deployment is over. Then CodePipeline does
 * what `result` says.
 *
 * It adds a rule to the `onFailure` condition of the stage. CodePipeline invokes a function, which starts a state machine
 * that runs the cancellation workflow and reports its result to CodePipeline. A stage can have up to five of these
 * cancellations, and no other `onFailure` condition beside them.
 *
 * CodePipeline waits 20 minutes for the result, so `timeout` is at most 18 minutes here, and 15 by default.
 *
 * By default, it runs the cancellation workflow of its stack.
 */
@propertyInjectable
export class CancelOnStageFailure extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.CancelOnStageFailure';

  /** The state machine that runs the cancellation workflow and reports its result to CodePipeline. */
  public readonly stateMachine: IStateMachine;

  private readonly functionName: string;

  /**
   * @throws if a property is invalid; that the stage exists is checked at synthesis
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: CancelOnStageFailureProps,
  ) {
    super(scope, id);
    const { pipeline, timeout = Duration.minutes(TIMEOUT_MINUTES.default) } = props;
    if (renderSettings({ ...props, timeout }, TIMEOUT_SECONDS, this).timeoutSeconds > TIMEOUT_MINUTES.max * 60) {
      throw new InvalidConfigurationError(
        `timeout must be at most ${TIMEOUT_MINUTES.max} minutes on the failure of a stage, not ${timeout.toHumanString()}: CodePipeline waits ${JOB_MINUTES} minutes for the result`,
        this,
      );
    }
    if (!isCreatedPipeline(pipeline)) {
      throw new InvalidConfigurationError(
        `pipeline must be a Pipeline of aws-codepipeline that the app creates, not ${describe(pipeline)}: for CDK Pipelines, pass pipeline.pipeline after buildPipeline()`,
        this,
      );
    }
    validateDeployment(props.deployment, this);
    refuseOwnPipeline(props.deployment, pipeline, this);
    const workflow = props.workflow ?? CancellationWorkflow.of(this);
    const options = workflow instanceof CancellationWorkflow ? workflow._options : new SharedOptions();
    const stateMachine = InvalidConfigurationError.naming(this, () =>
      this.createStateMachine({ ...props, timeout, workflow }, options),
    );
    this.stateMachine = stateMachine;
    const { lambda, allow } = createHandler(this, 'CodePipeline', {
      options,
      entry: 'codepipeline',
      description: 'Starts a cancellation for a job of CodePipeline when a stage fails',
      timeout: Duration.seconds(30),
      environment: { [CODEPIPELINE_ENVIRONMENT.stateMachineArn]: stateMachine.stateMachineArn },
      // The result for an older event would come too late, and the deployment in flight may be a newer one.
      maxEventAge: Duration.minutes(JOB_MINUTES).minus(timeout),
    });
    acknowledge(lambda, 'invokedByCodePipeline');
    allow(new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }));
    pipeline.role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
    );
    allowListing(pipeline);
    this.functionName = lambda.functionName;

    const resource = pipeline.node.defaultChild as CfnPipeline;
    const aspect: IAspect = { visit: (node) => node === resource && this.declareRules(resource) };
    // The stages and their order are final only at synthesis.
    Aspects.of(pipeline).add(aspect, { priority: AspectPriority.MUTATING });
  }

  /** Creates a state machine with the options of the cancellation workflow. */
  private createStateMachine(props: CancelDeploymentProps, options: SharedOptions): StateMachine {
    const stateMachine = new StateMachine(this, 'StateMachine', {
      comment: 'Cancels a deployment because a stage of a pipeline has failed, and reports the result to CodePipeline',
      definitionBody: cancelAndReport(this, props),
      logs: logsTo(createStateMachineLogGroup(this, options, Names.uniqueResourceName(this, { maxLength: 100 }))),
      tracingEnabled: false,
    });
    traceStateMachine(stateMachine, options, (statement) => stateMachine.addToRolePolicy(statement));
    options.whenSet('encryptionKey', (key) => encryptStateMachine(this, stateMachine, key));
    const { role } = stateMachine;
    const { document } = role.node.findChild('DefaultPolicy') as Policy;
    acknowledgeWildcards(role, document, 'The IDs of executions and of jobs of CodePipeline are unknown at synthesis.');
    return stateMachine;
  }

  /** Declares the rules of all cancellations of this stage, which share its one condition. The CDK has no property for it. */
  private declareRules(pipeline: CfnPipeline): void {
    const { stageName } = this.props;
    if (pipeline.pipelineType !== PipelineType.V2) {
      throw new InvalidConfigurationError(
        `pipeline must be of type V2 to have conditions, and ${pipeline.node.path} is not`,
        this,
      );
    }
    const stages: { name: string; onFailure?: unknown }[] = Stack.of(pipeline).resolve(pipeline.stages);
    const index = stages.findIndex(({ name }) => name === stageName);
    const stage = stages[index];
    if (!stage) {
      const names = stages.map(({ name }) => name).join(', ');
      const problem = names
        ? `must be one of ${names}, not '${stageName}'`
        : `'${stageName}' does not exist: ${pipeline.node.path} has no stages`;
      throw new InvalidConfigurationError(`stageName ${problem}`, this);
    }
    const all = this.node.root.node.findAll().filter((other) => this.sharesStageWith(other));
    const results = new Set(all.map(({ props }) => props.result));
    const problem =
      (stage.onFailure && 'has an onFailure condition already') ||
      (all.length > MAX_RULES && `can have at most ${MAX_RULES} rules on its failure, not ${all.length}`) ||
      (results.size > 1 && `can have only one result, not ${[...results].map((one) => one ?? 'none').join(' and ')}`);
    if (problem) throw new InvalidConfigurationError(`stage ${stageName} of ${pipeline.node.path} ${problem}`, this);
    pipeline.addPropertyOverride(`Stages.${index}.OnFailure`, {
      Conditions: [{ Result: this.props.result, Rules: all.map((one) => one.rule()) }],
    });
  }

  private sharesStageWith(other: IConstruct): other is CancelOnStageFailure {
    if (!(other instanceof CancelOnStageFailure)) return false;
    return other.props.pipeline === this.props.pipeline && other.props.stageName === this.props.stageName;
  }

  private rule(): object {
    return {
      Name: Names.uniqueResourceName(this, { maxLength: 100, allowedSpecialCharacters: '-_' }),
      RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'LambdaInvoke', Version: '1' },
      Configuration: { FunctionName: this.functionName },
    };
  }
}

/** Whether it is a pipeline of the app, to which rules can be added. An imported pipeline has no resource. */
function isCreatedPipeline(pipeline: unknown): boolean {
  if (!Construct.isConstruct(pipeline)) return false;
  const { defaultChild } = pipeline.node;
  return CfnResource.isCfnResource(defaultChild) && defaultChild.cfnResourceType === 'AWS::CodePipeline::Pipeline';
}

/** Allows listing functions, once for a pipeline. In a policy of its own, so that the acknowledgement covers nothing else. */
function allowListing(pipeline: Pipeline): void {
  const id = 'ListFunctions';
  if (pipeline.node.tryFindChild(id)) return;
  const statement = new PolicyStatement({ actions: ['lambda:ListFunctions'], resources: ['*'] });
  const settings = new Policy(pipeline, id, { roles: [pipeline.role], statements: [statement] });
  acknowledgeWildcards(
    settings,
    [statement],
    'The action with which CodePipeline lists functions has no resource type.',
  );
}

/** The state machine: CodePipeline waits until the result of its job is reported. */
function cancelAndReport(scope: Construct, props: CancelDeploymentProps): DefinitionBody {
  const job: Record<keyof CodePipelineJob, string> = { jobId: JsonPath.stringAt('$.jobId') };
  const cancel = new CancelDeploymentTask(scope, 'CancelDeployment', {
    ...props,
    resultPath: JsonPath.DISCARD,
    executionName: JsonPath.executionName,
  });
  for (const retry of START_EXECUTION_RETRIES) cancel.addRetry(retry);
  const reportSuccess = report(scope, 'TellSuccess', 'putJobSuccessResult', { JobId: job.jobId });
  const reportFailure = report(scope, 'TellFailure', 'putJobFailureResult', {
    JobId: job.jobId,
    FailureDetails: {
      Type: 'JobFailed',
      Message: JsonPath.format(
        'the deployment is not known to be cancelled or over: see execution {}',
        JsonPath.stringAt('$$.Execution.Id'),
      ),
    },
  });
  reportFailure.next(new Fail(scope, 'Failed', { errorPath: '$.failure.Error', causePath: '$.failure.Cause' }));
  return DefinitionBody.fromChainable(cancel.addCatch(reportFailure, { resultPath: '$.failure' }).next(reportSuccess));
}

function report(scope: Construct, id: string, action: string, parameters: { [name: string]: unknown }): CallAwsService {
  const task = new CallAwsService(scope, id, {
    service: 'codepipeline',
    action,
    parameters,
    resultPath: JsonPath.DISCARD,
    // A job has no ARN.
    iamResources: ['*'],
  });
  for (const retry of JOB_RESULT_RETRIES) task.addRetry(retry);
  return task;
}
