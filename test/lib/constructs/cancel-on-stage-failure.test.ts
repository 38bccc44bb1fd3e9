import { App, Duration, PropertyInjectors, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Pipeline, PipelineType, Result } from 'aws-cdk-lib/aws-codepipeline';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { evaluate } from '../../../emulator/aws/iam';
import { CancelOnStageFailure, type CancelOnStageFailureProps, CodePipelineExecution } from '../../../lib';
import {
  approval,
  CLOUDFORMATION,
  DEPLOYMENT_ROLE,
  deployment,
  MAY_CANCEL,
  pipelineWith,
  stagesOf,
  startedBy,
  WORKFLOW,
  withArns,
} from '../../helpers/pipeline-fixtures';
import { definitionOf, permissionsOf, policiesOf, resolved } from '../../helpers/template';

const FUNCTION = 'CancelCodePipelineFunction2B963861';
const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:CancelStateMachineF8256D99';

const ruleFor = (Name: unknown, FunctionName: unknown) => ({
  Name,
  RuleTypeId: { Category: 'Rule', Owner: 'AWS', Provider: 'LambdaInvoke', Version: '1' },
  Configuration: { FunctionName },
});

/** A pipeline with the stages Test and Release. */
function pipelineIn(stack: Stack, type?: PipelineType): Pipeline {
  return pipelineWith(
    stack,
    ['Test', 'Release'].map((stageName) => ({ stageName, actions: [approval()] })),
    type,
  );
}

function synthesized(build: (stack: Stack, pipeline: Pipeline) => void, type?: PipelineType): Template {
  const stack = new Stack(new App(), 'Stack');
  build(stack, pipelineIn(stack, type));
  return withArns(Template.fromStack(stack));
}

const onRelease = (props: Partial<CancelOnStageFailureProps> = {}): Template =>
  synthesized((stack, pipeline) => {
    new CancelOnStageFailure(stack, 'Cancel', { pipeline, stageName: 'Release', deployment, ...props });
  });

describe('the stage', () => {
  test('has, on failure, one condition with one rule, which invokes the function', () => {
    const { Source, Test, Release } = stagesOf(onRelease());
    expect(Release?.OnFailure).toEqual({ Conditions: [{ Rules: [ruleFor('StackCancel53113388', FUNCTION)] }] });
    expect([Source?.OnFailure, Test?.OnFailure]).toEqual([undefined, undefined]);
  });

  test('can be rolled back after the deployment', () => {
    const { Release } = stagesOf(onRelease({ result: Result.ROLLBACK }));
    expect(Release?.OnFailure).toMatchObject({ Conditions: [{ Result: 'ROLLBACK' }] });
  });

  test('is found by its name, also if another one is added before it later', () => {
    const template = synthesized((stack, pipeline) => {
      new CancelOnStageFailure(stack, 'Cancel', { pipeline, stageName: 'Release', deployment });
      const rightBefore = pipeline.stage('Test');
      pipeline.addStage({ stageName: 'Lint', actions: [approval()], placement: { rightBefore } });
    });
    const conditions = Object.values(stagesOf(template)).map(({ Name, OnFailure }) => [Name, OnFailure !== undefined]);
    expect(conditions).toEqual([
      ['Source', false],
      ['Lint', false],
      ['Test', false],
      ['Release', true],
    ]);
  });

  test('has one rule for each of several cancellations', () => {
    const template = synthesized((stack, pipeline) => {
      for (const id of ['One', 'Two'])
        new CancelOnStageFailure(stack, id, { pipeline, stageName: 'Release', deployment, result: Result.ROLLBACK });
      new CancelOnStageFailure(stack, 'Other', { pipeline, stageName: 'Test', deployment });
    });
    const { Test, Release } = stagesOf(template);
    expect(Release?.OnFailure).toEqual({
      Conditions: [
        {
          Result: 'ROLLBACK',
          Rules: [
            ruleFor(expect.stringContaining('One'), expect.stringMatching(/^OneCodePipelineFunction/)),
            ruleFor(expect.stringContaining('Two'), expect.stringMatching(/^TwoCodePipelineFunction/)),
          ],
        },
      ],
    });
    expect(Test?.OnFailure).toMatchObject({ Conditions: [{ Rules: [{ Name: expect.stringContaining('Other') }] }] });
  });

  test('of CDK Pipelines has the same after the pipeline is built', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const input = CodePipelineSource.s3(new Bucket(stack, 'Bucket'), 'source.zip');
    const pipelines = new CodePipeline(stack, 'Pipelines', {
      pipelineType: PipelineType.V2,
      synth: new ShellStep('Synth', { input, commands: ['synth'] }),
    });
    const stage = new Stage(app, 'Prod');
    new Topic(new Stack(stage, 'Web'), 'Topic');
    pipelines.addStage(stage);
    pipelines.buildPipeline();
    const { pipeline } = pipelines;
    new CancelOnStageFailure(stack, 'Cancel', { pipeline, stageName: 'Prod', deployment, result: Result.ROLLBACK });
    const { Prod, ...others } = stagesOf(withArns(Template.fromStack(stack)));
    expect(Prod?.OnFailure).toEqual({
      Conditions: [{ Result: 'ROLLBACK', Rules: [ruleFor('StackCancel53113388', FUNCTION)] }],
    });
    expect(Object.values(others).map(({ OnFailure }) => OnFailure)).toEqual([undefined, undefined, undefined]);
  });
});

describe('the function', () => {
  const template = onRelease();

  test('has the ARN of the state machine, and exists only with this construct', () => {
    const { Properties } = template.findResources('AWS::Lambda::Function')[FUNCTION] ?? {};
    expect(Properties.Environment.Variables).toEqual({ STATE_MACHINE_ARN: MACHINE });
    expect(Object.keys(template.findResources('AWS::Lambda::Function'))).toHaveLength(3);
  });

  test('may write its log and start this state machine', () => {
    expect(permissionsOf(template, 'CancelCodePipelineRoleE33E3FB9')).toEqual([
      'logs:CreateLogStream on CancelCodePipelineLogs5513B09C.Arn',
      'logs:PutLogEvents on CancelCodePipelineLogs5513B09C.Arn',
      `states:StartExecution on ${MACHINE}`,
    ]);
  });
});

describe('the permissions', () => {
  const template = onRelease();

  test('to start executions are those of the function and of the two state machines', () => {
    expect(startedBy(template)).toEqual({
      ...CLOUDFORMATION,
      CancelCodePipelineRoleE33E3FB9: [MACHINE],
      CancelStateMachineRole7EDACB5E: [WORKFLOW],
    });
    expect(permissionsOf(template, DEPLOYMENT_ROLE)).toContain(MAY_CANCEL);
  });

  test('allow the pipeline to invoke this function', () => {
    const policies = policiesOf(template, 'PipelineRoleD68726F7');
    const invoke = (resource: string) => evaluate(policies, { action: 'lambda:InvokeFunction', resource });
    expect(invoke(`${FUNCTION}.Arn`)).toBe('allowed');
    expect(invoke('DeploymentCancellationWorkflowDeploymentFunction0E230A73.Arn')).toBe('denied');
  });

  test('allow the state machine to report results to CodePipeline, and no other action of CodePipeline', () => {
    const policies = policiesOf(template, 'CancelStateMachineRole7EDACB5E');
    const may = (action: string) => evaluate(policies, { action, resource: '*' });
    expect(may('codepipeline:putJobSuccessResult')).toBe('allowed');
    expect(may('codepipeline:putJobFailureResult')).toBe('allowed');
    expect(may('codepipeline:StartPipelineExecution')).toBe('denied');
  });
});

describe('rejected at synthesis', () => {
  const errorOf = (build: Parameters<typeof synthesized>[0], type?: PipelineType): string => {
    try {
      synthesized(build, type);
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };
  const add = (props: Partial<CancelOnStageFailureProps> = {}, ids = ['Cancel']): Parameters<typeof synthesized>[0] => {
    return (stack, pipeline) => {
      for (const id of ids)
        new CancelOnStageFailure(stack, id, { pipeline, stageName: 'Release', deployment, ...props });
    };
  };

  test.each([
    [
      'a pipeline of type V1',
      add(),
      PipelineType.V1,
      'pipeline must be of type V2 to have conditions, and Stack/Pipeline/Resource is not (at Stack/Cancel)',
    ],
    [
      'a stage that does not exist',
      add({ stageName: 'Deploy' }),
      undefined,
      "stageName must be one of Source, Test, Release, not 'Deploy' (at Stack/Cancel)",
    ],
    [
      'a timeout longer than CodePipeline waits',
      add({ timeout: Duration.minutes(30) }),
      undefined,
      'timeout must be at most 18 minutes on the failure of a stage, not 30 minutes: CodePipeline waits 20 minutes for the result (at Stack/Cancel)',
    ],
    [
      'more than five on one stage',
      add({}, ['A', 'B', 'C', 'D', 'E', 'F']),
      undefined,
      'stage Release of Stack/Pipeline/Resource can have at most 5 rules on its failure, not 6 (at Stack/A)',
    ],
    [
      'two results of one stage',
      (stack: Stack, pipeline: Pipeline) => {
        add({ result: Result.ROLLBACK }, ['A'])(stack, pipeline);
        add({}, ['B'])(stack, pipeline);
      },
      undefined,
      'stage Release of Stack/Pipeline/Resource can have only one result, not ROLLBACK and none (at Stack/A)',
    ],
    [
      'a stage with a condition of its own',
      (stack: Stack, pipeline: Pipeline) => {
        pipeline.addStage({ stageName: 'Own', actions: [approval()], onFailure: { result: Result.ROLLBACK } });
        add({ stageName: 'Own' })(stack, pipeline);
      },
      undefined,
      'stage Own of Stack/Pipeline/Resource has an onFailure condition already (at Stack/Cancel)',
    ],
  ])('is an error: %s', (_what, build, type, message) => {
    expect(errorOf(build, type)).toBe(`InvalidConfigurationError: ${message}`);
  });
});

test('property injection can set properties', () => {
  const app = new App();
  PropertyInjectors.of(app).add({
    constructUniqueId: CancelOnStageFailure.PROPERTY_INJECTION_ID,
    inject: (props) => ({ ...props, timeout: Duration.minutes(1) }),
  });
  const stack = new Stack(app, 'Stack');
  const pipeline = pipelineIn(stack);
  new CancelOnStageFailure(stack, 'Cancel', { pipeline, stageName: 'Release', deployment });
  const { CancelDeployment } = definitionOf(withArns(Template.fromStack(stack)), 'Cancel').States;
  expect(resolved(CancelDeployment?.Parameters)).toMatchObject({ Input: { settings: { timeoutSeconds: 60 } } });
});

test('a pipeline without stages has no stage of that name', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const pipeline = new Pipeline(stack, 'Pipeline', { pipelineType: PipelineType.V2 });
  new CancelOnStageFailure(stack, 'Cancel', { pipeline, stageName: 'Release', deployment });
  expect(() => app.synth({ skipValidation: true })).toThrow(
    "stageName 'Release' does not exist: Stack/Pipeline/Resource has no stages (at Stack/Cancel)",
  );
});

test('it cannot cancel the execution of its pipeline, which waits for it', () => {
  const stack = new Stack(new App(), 'Stack');
  const pipeline = new Pipeline(stack, 'Pipeline', { pipelineType: PipelineType.V2, pipelineName: 'release' });
  for (const own of [CodePipelineExecution.fromPipeline(pipeline), CodePipelineExecution.fromPipelineName('release')]) {
    const id = `Cancel${own.displayName.length}`;
    expect(() => new CancelOnStageFailure(stack, id, { pipeline, stageName: 'Release', deployment: own })).toThrow(
      `pipeline Stack/Pipeline cannot cancel its own execution: the execution would wait for the cancellation, and the cancellation for the execution; use abandon or abandonAfter, or name another execution with executionId (at Stack/${id})`,
    );
  }
});
