import { App, Duration, Stack } from 'aws-cdk-lib';
import { DefinitionBody, JsonPath, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CancelDeploymentTask, type CancelDeploymentTaskProps } from '../../../lib';
import {
  CLOUDFORMATION,
  DEPLOYMENT_ROLE,
  deployment,
  INPUT,
  MAY_CANCEL,
  startedBy,
  WORKFLOW,
  withArns,
} from '../../helpers/pipeline-fixtures';
import { definitionOf, languageProblems, permissionsOf, synthesize } from '../../helpers/template';

function machineWith(props: Partial<CancelDeploymentTaskProps> = {}, queryLanguage?: QueryLanguage) {
  const template = withArns(
    synthesize((stack) => {
      const task = new CancelDeploymentTask(stack, 'Cancel', { deployment, ...props });
      new StateMachine(stack, 'Mine', { queryLanguage, definitionBody: DefinitionBody.fromChainable(task) });
    }),
  );
  const definition = definitionOf(template, 'Mine');
  return { template, definition, task: definition.States.Cancel };
}

const INPUT_WITH_PARENT = { ...INPUT, 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id' };

test('it starts the workflow, waits for it, and selects the result of the cancellation', () => {
  expect(machineWith().task).toEqual({
    Type: 'Task',
    End: true,
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn: WORKFLOW, Input: INPUT_WITH_PARENT },
    ResultSelector: {
      'outcome.$': '$.Output.outcome',
      'deploymentStatus.$': '$.Output.attributes.deploymentStatus',
      'reason.$': '$.Output.reason',
      'attributes.$': '$.Output.attributes',
      'executionArn.$': '$.ExecutionArn',
    },
  });
});

test('it does the same in JSONata', () => {
  const expected = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Arguments: {
      StateMachineArn: WORKFLOW,
      Input: { ...INPUT, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: '{% $states.context.Execution.Id %}' },
    },
    Output: {
      outcome: '{% $states.result.Output.outcome %}',
      deploymentStatus: '{% $states.result.Output.attributes.deploymentStatus %}',
      reason: '{% $states.result.Output.reason %}',
      attributes: '{% $states.result.Output.attributes %}',
      executionArn: '{% $states.result.ExecutionArn %}',
    },
  };
  const queryLanguage = QueryLanguage.JSONATA;
  expect(machineWith({ queryLanguage }).task).toMatchObject({ ...expected, QueryLanguage: 'JSONata' });
  expect(machineWith({ queryLanguage }, queryLanguage).task).toMatchObject(expected);
});

test.each([
  ['a path for its result', { resultPath: '$.cancellation' }, { ResultPath: '$.cancellation' }],
  ['no result', { resultPath: JsonPath.DISCARD }, { ResultPath: null }],
  ['a comment and a name', { comment: 'Why', stateName: 'Cancel' }, { Comment: 'Why' }],
  [
    'variables',
    { assign: { outcome: JsonPath.stringAt('$.Output.outcome') } },
    { Assign: { 'outcome.$': '$.Output.outcome' } },
  ],
])('it takes %s', (_what, props, expected) => {
  expect(machineWith(props).task).toMatchObject(expected);
});

test('its timeout is that of the cancellation, and the task has none', () => {
  const { task } = machineWith({ timeout: Duration.minutes(5) });
  expect(task).toMatchObject({ Parameters: { Input: { settings: { timeoutSeconds: 300 } } } });
  expect(task).not.toHaveProperty('TimeoutSeconds');
});

test('a state machine with it is valid', () => {
  expect(languageProblems(machineWith({ resultPath: '$.cancellation' }).definition)).toBe('');
});

test('the role of the state machine may start this workflow, and the workflow may cancel the deployment', () => {
  const { template } = machineWith();
  expect(startedBy(template)).toEqual({ ...CLOUDFORMATION, MineRoleED688BBB: [WORKFLOW] });
  expect(permissionsOf(template, DEPLOYMENT_ROLE)).toContain(MAY_CANCEL);
});

test('an invalid option is rejected, with its path', () => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => new CancelDeploymentTask(stack, 'Cancel', { deployment, endpoint: 'proton' })).toThrow(
    'endpoint must be an http or https URL, not "proton" (at Stack/Cancel)',
  );
});
