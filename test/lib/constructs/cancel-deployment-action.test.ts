import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Artifact, Pipeline } from 'aws-cdk-lib/aws-codepipeline';
import { CloudFormationDeleteStackAction } from 'aws-cdk-lib/aws-codepipeline-actions';
import { Role } from 'aws-cdk-lib/aws-iam';
import {
  CancelDeploymentAction,
  type CancellableDeployment,
  CancellationOutcome,
  CancellationWorkflow,
  CodePipelineExecution,
  OnNotFound,
} from '../../../lib';
import {
  approval,
  CLOUDFORMATION,
  DEPLOYMENT_ROLE,
  deployment,
  INPUT,
  logicalIdOf,
  MAY_CANCEL,
  pipelineWith,
  stagesOf,
  startedBy,
  WORKFLOW,
  withArns,
} from '../../helpers/pipeline-fixtures';
import { permissionsOf, synthesize } from '../../helpers/template';

/** A role of another account. */
const CANCELLER = 'arn:aws:iam::210987654321:role/canceller';

const template = withArns(
  synthesize((stack) => {
    const cancel = new CancelDeploymentAction({ actionName: 'CancelWebProd', runOrder: 2, deployment });
    pipelineWith(stack, [{ stageName: 'Stop', actions: [approval(), cancel] }]);
  }),
);
const action = stagesOf(template).Stop?.Actions[1];

test('it starts the workflow of the stack with the input that cancels the deployment, and waits for it', () => {
  expect(action).toMatchObject({
    Name: 'CancelWebProd',
    ActionTypeId: { Category: 'Invoke', Owner: 'AWS', Provider: 'StepFunctions', Version: '1' },
    RunOrder: 2,
  });
  expect(action).not.toHaveProperty('TimeoutInMinutes');
  const { Input, ...others } = action?.Configuration ?? {};
  expect(others).toEqual({ StateMachineArn: WORKFLOW, InputType: 'Literal' });
  expect(JSON.parse(Input ?? '')).toEqual(INPUT);
});

test('its role may start this state machine and describe its executions, and nothing else', () => {
  const role = logicalIdOf(action?.RoleArn ?? '');
  expect(startedBy(template)).toEqual({ ...CLOUDFORMATION, [role]: [WORKFLOW] });
  const actions = permissionsOf(template, role).map((permission) => permission.split(' ')[0]);
  expect(actions).toEqual(['states:DescribeExecution', 'states:DescribeStateMachine', 'states:StartExecution']);
});

test('actionRole starts the workflow, and role calls the service', () => {
  const both = withArns(
    synthesize((stack) => {
      const actionRole = Role.fromRoleArn(stack, 'ActionRole', 'arn:aws:iam::123456789012:role/starts');
      const role = Role.fromRoleArn(stack, 'Canceller', CANCELLER);
      const cancel = new CancelDeploymentAction({ actionName: 'Cancel', deployment, actionRole, role });
      pipelineWith(stack, [{ stageName: 'Stop', actions: [cancel] }]);
    }),
  );
  const [started] = stagesOf(both).Stop?.Actions ?? [];
  expect(started?.RoleArn).toBe('arn:aws:iam::123456789012:role/starts');
  expect(JSON.parse(started?.Configuration.Input ?? '').settings).toMatchObject({ roleArn: CANCELLER });
});

test('the pipeline does not assume the role that calls the service', () => {
  const other = withArns(
    synthesize((stack) => {
      const role = Role.fromRoleArn(stack, 'Canceller', CANCELLER);
      const cancel = new CancelDeploymentAction({ actionName: 'Cancel', deployment, role });
      pipelineWith(stack, [{ stageName: 'Stop', actions: [cancel] }]);
    }),
  );
  const starts = logicalIdOf(stagesOf(other).Stop?.Actions[0]?.RoleArn ?? '');
  expect(startedBy(other)).toEqual({ ...CLOUDFORMATION, [starts]: [WORKFLOW] });
  expect(permissionsOf(other, DEPLOYMENT_ROLE)).toContain(`sts:AssumeRole on ${CANCELLER}`);
});

test('the workflow may cancel the deployment', () => {
  expect(permissionsOf(template, DEPLOYMENT_ROLE)).toContain(MAY_CANCEL);
});

test('every option of a cancellation is in the input', () => {
  const options = {
    timeout: Duration.minutes(3),
    failOn: [CancellationOutcome.COMPLETED_FIRST],
    onNotFound: OnNotFound.SUCCEED,
    includeStatusMessage: true,
    endpoint: 'https://proton.example.com',
  };
  const other = synthesize((stack) => {
    const actions = [new CancelDeploymentAction({ actionName: 'Cancel', deployment, ...options })];
    pipelineWith(stack, [{ stageName: 'Stop', actions }]);
  });
  expect(JSON.parse(stagesOf(other).Stop?.Actions[0]?.Configuration.Input ?? '').settings).toEqual({
    timeoutSeconds: 180,
    failOn: ['COMPLETED_FIRST'],
    onNotFound: 'succeed',
    includeStatusMessage: true,
    endpoint: 'https://proton.example.com',
  });
});

test('the result can be an artifact', () => {
  const other = synthesize((stack) => {
    const output = new Artifact('HowItEnded');
    const actions = [new CancelDeploymentAction({ actionName: 'Cancel', deployment, output })];
    pipelineWith(stack, [{ stageName: 'Stop', actions }]);
  });
  expect(stagesOf(other).Stop?.Actions[0]).toMatchObject({ OutputArtifacts: [{ Name: 'HowItEnded' }] });
});

test('it can run an imported workflow', () => {
  const other = synthesize((stack) => {
    const workflow = CancellationWorkflow.fromStateMachineName(stack, 'Workflow', 'cancel');
    const actions = [new CancelDeploymentAction({ actionName: 'Cancel', deployment, workflow })];
    pipelineWith(stack, [{ stageName: 'Stop', actions }]);
  });
  const arn = 'arn:aws:states:us-east-1:111122223333:stateMachine:cancel';
  expect(stagesOf(other).Stop?.Actions[0]?.Configuration).toMatchObject({ StateMachineArn: arn });
  expect(Object.values(startedBy(other))).toEqual([[arn]]);
  other.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
});

test('an invalid option is rejected, with the path of the action', () => {
  const stack = new Stack(new App(), 'Stack');
  const actions = [new CancelDeploymentAction({ actionName: 'Cancel', deployment, timeout: Duration.hours(1) })];
  expect(() => pipelineWith(stack, [{ stageName: 'Stop', actions }])).toThrow(
    'timeout must be a literal duration of whole seconds from 1 second to 45 minutes, not 1 hour (at Stack/Pipeline/Stop/Cancel)',
  );
});

describe('an action of a pipeline', () => {
  const added = (deploymentOf: (pipeline: Pipeline) => CancellableDeployment) => {
    const pipeline = new Pipeline(new Stack(new App(), 'Stack'), 'Pipeline', { pipelineName: 'release' });
    const action = new CancelDeploymentAction({ actionName: 'Cancel', deployment: deploymentOf(pipeline) });
    return () => pipeline.addStage({ stageName: 'Stop', actions: [action] });
  };
  const executionId = '01234567-89ab-cdef-0123-456789abcdef';

  test.each<[string, (pipeline: Pipeline) => CancellableDeployment]>([
    ['by its name', () => CodePipelineExecution.fromPipelineName('release')],
    ['by its reference', (pipeline) => CodePipelineExecution.fromPipeline(pipeline)],
  ])('cannot cancel the execution that it is in, named %s', (_what, deploymentOf) => {
    expect(added(deploymentOf)).toThrow(
      'pipeline Stack/Pipeline cannot cancel its own execution: the execution would wait for the cancellation, and the cancellation for the execution; use abandon or abandonAfter, or name another execution with executionId (at Stack/Pipeline/Stop/Cancel)',
    );
  });

  test.each<[string, (pipeline: Pipeline) => CancellableDeployment]>([
    ['an execution of another pipeline', () => CodePipelineExecution.fromPipelineName('other')],
    ['another execution', () => CodePipelineExecution.fromPipelineName('release', { executionId })],
    [
      'its execution, and abandon it after a time',
      () => CodePipelineExecution.fromPipelineName('release', { abandonAfter: Duration.minutes(1) }),
    ],
    ['its execution, and abandon it', () => CodePipelineExecution.fromPipelineName('release', { abandon: true })],
  ])('can cancel %s', (_what, deploymentOf) => {
    expect(added(deploymentOf)).not.toThrow();
  });
});

describe('an action beside others of its stage', () => {
  const HOME = { account: '111122223333', region: 'us-east-1' };

  /** The warnings about an action whose stage also deploys a stack with another action. */
  function warningsOf({ account, region }: { readonly account?: string; readonly region?: string }) {
    const stack = new Stack(new App(), 'Stack', { env: HOME });
    const pipeline = pipelineWith(stack, [{ stageName: 'Build', actions: [approval()] }]);
    const cancel = new CancelDeploymentAction({ actionName: 'Cancel', deployment });
    const stage = pipeline.addStage({ stageName: 'Prod', actions: [cancel] });
    const role = account && Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${account}:role/deploy`);
    const where = { region, ...(role ? { role } : {}) };
    const deploy = { actionName: 'Deploy', stackName: 'web', adminPermissions: true, ...where };
    stage.addAction(new CloudFormationDeleteStackAction(deploy));
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('OfPipeline'))
      .map(({ id, entry }) => [id, String(entry.data)]);
  }
  const warning = (property: string, id: string, own: string, other: string) => [
    '/Stack/Pipeline/Prod/Cancel',
    `action Cancel cancels a deployment in ${property} ${own}, that of the pipeline, and stage Prod deploys to ${property} ${other}: declare the cancellation in a stack of the stage, or pass a workflow [ack: cdk-deployment-cancellation:${id}]`,
  ];
  test('warns if they are in another region', () => {
    expect(warningsOf({ region: 'eu-west-1' })).toEqual([
      warning('region', 'actionInRegionOfPipeline', HOME.region, 'eu-west-1'),
    ]);
  });

  test('warns if they are in another account', () => {
    expect(warningsOf({ account: '444455556666' })).toEqual([
      warning('account', 'actionInAccountOfPipeline', HOME.account, '444455556666'),
    ]);
  });

  test('does not warn if they are in its account and region', () => {
    expect(warningsOf(HOME)).toEqual([]);
  });
});
