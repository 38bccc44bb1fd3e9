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

/** Properties of `CancelDeploymentTask`. */
export interface CancelDeploymentTaskProps
  extends CancelDeploymentProps,
    StateBaseProps,
    AssignableStateOptions,
    JsonataCommonOptions {
  /**
   * The path for the result in the input of the state; `JsonPath.DISCARD` discards the result. Only with JSONPath.
   *
   * @default - the result replaces the input
   */
  readonly resultPath?: string;
}

/**
 * A task of your state machine that cancels a deployment and waits until it is over.
 *
 * Its result contains `outcome`, `deploymentStatus`, `reason`, `attributes` and `executionArn`. If the cancellation fails,
 * the task fails like every nested execution: with the error `States.TaskFailed`, and with a cause that is JSON, in which
 * `Error` is the outcome, such as `TIMED_OUT`, and `Cause` is the reason.
 *
 * By default, it runs the cancellation workflow of its stack.
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
      // Links the two executions in the console.
      associateWithParent: true,
    });
    // The output of the task is the result of the execution.
    this.taskPolicies?.push(...readExecutionStatements(workflow));
  }
}

/** Selects the result of the cancellation from the description of the nested execution. */
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
