import {
  type AssignableStateOptions,
  IntegrationPattern,
  type JsonataCommonOptions,
  JsonPath,
  QueryLanguage,
  type StateBaseProps,
  TaskInput,
} from 'aws-cdk-lib/aws-stepfunctions';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { type CancelDeploymentProps, readExecutionStatements, resolveWorkflow } from './cancel-deployment-props';

/** What is cancelled, and what the task makes of its input and result. */
export interface CancelDeploymentTaskProps
  extends CancelDeploymentProps,
    StateBaseProps,
    AssignableStateOptions,
    JsonataCommonOptions {
  /**
   * Where in the input of the state the result is put; `JsonPath.DISCARD` keeps the input as it was. Only with JSONPath.
   *
   * @default - the result takes the place of the input
   */
  readonly resultPath?: string;
}

/**
 * A task of your own state machine that cancels a deployment and waits until it is over.
 *
 * Its result holds `outcome`, `deploymentStatus`, `reason`, `attributes` and `executionArn`. When the cancellation fails,
 * so does the task, as every nested execution does: with the error `States.TaskFailed`, and with a cause that is a JSON
 * text in which `Error` is the outcome, such as `TIMED_OUT`, and `Cause` the reason.
 *
 * Unless told otherwise, it runs the cancellation workflow of its stack.
 */
export class CancelDeploymentTask extends StepFunctionsStartExecution {
  constructor(scope: Construct, id: string, props: CancelDeploymentTaskProps) {
    const { stateName, comment, queryLanguage, resultPath, assign } = props;
    const { workflow, input } = resolveWorkflow(props, scope);
    const result =
      queryLanguage === QueryLanguage.JSONATA
        ? { outputs: props.outputs ?? RESULT_IN_JSONATA }
        : { resultSelector: resultInJsonPath(), resultPath };
    super(scope, id, {
      stateName,
      comment,
      queryLanguage,
      assign,
      ...result,
      stateMachine: workflow.stateMachine,
      input: TaskInput.fromObject(input),
      integrationPattern: IntegrationPattern.RUN_JOB,
      // The two executions link to each other in the console.
      associateWithParent: true,
    });
    // It ends with the result of the execution.
    this.taskPolicies?.push(...readExecutionStatements(workflow));
  }
}

/** Of all that Step Functions says of a nested execution, what is known of the deployment. */
const resultInJsonPath = () => ({
  outcome: JsonPath.stringAt('$.Output.outcome'),
  deploymentStatus: JsonPath.stringAt('$.Output.attributes.deploymentStatus'),
  reason: JsonPath.stringAt('$.Output.reason'),
  attributes: JsonPath.objectAt('$.Output.attributes'),
  executionArn: JsonPath.stringAt('$.ExecutionArn'),
});

const RESULT_IN_JSONATA = {
  outcome: '{% $states.result.Output.outcome %}',
  deploymentStatus: '{% $states.result.Output.attributes.deploymentStatus %}',
  reason: '{% $states.result.Output.reason %}',
  attributes: '{% $states.result.Output.attributes %}',
  executionArn: '{% $states.result.ExecutionArn %}',
};
