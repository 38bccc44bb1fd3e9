import { App, type Environment, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { PipelineType } from 'aws-cdk-lib/aws-codepipeline';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { CancelDeploymentStep, CancellationWorkflow, OnNotFound } from '../../../lib';
import {
  type Action,
  CLOUDFORMATION,
  DEPLOYMENT_ROLE,
  deployment,
  INPUT,
  logicalIdOf,
  MAY_CANCEL,
  stagesOf,
  startedBy,
  WORKFLOW,
  withArns,
} from '../../helpers/pipeline-fixtures';
import { permissionsOf } from '../../helpers/template';

function synthesised(build: (pipeline: CodePipeline, stage: (name: string) => Stage) => void): Template {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const input = CodePipelineSource.s3(new Bucket(stack, 'Bucket'), 'source.zip');
  const pipeline = new CodePipeline(stack, 'Pipeline', {
    pipelineType: PipelineType.V2,
    synth: new ShellStep('Synth', { input, commands: ['synth'] }),
  });
  build(pipeline, (name) => {
    const stage = new Stage(app, name);
    new Topic(new Stack(stage, 'Web'), 'Topic');
    return stage;
  });
  app.synth();
  return withArns(Template.fromStack(stack));
}

const step = (id: string) => new CancelDeploymentStep(id, { deployment });

/** The names of the actions in their order; those with the same order are in one list. */
function orderOf(actions: readonly Action[] = []): string[][] {
  const order: string[][] = [];
  for (const { Name, RunOrder } of actions) order[RunOrder - 1] = [...(order[RunOrder - 1] ?? []), Name].sort();
  return order;
}

test('in pre it runs before the stage, in post after it', () => {
  const template = synthesised((pipeline, stage) => {
    pipeline.addStage(stage('Prod'), { pre: [step('Before')], post: [step('After')] });
  });
  const actions = stagesOf(template).Prod?.Actions;
  expect(orderOf(actions)).toEqual([['Before'], ['Web.Prepare'], ['Web.Deploy'], ['After']]);
});

test('in pre and post of a wave it runs before and after all of its stages', () => {
  const template = synthesised((pipeline, stage) => {
    const wave = pipeline.addWave('Regions', { pre: [step('One'), step('Two')], post: [step('After')] });
    wave.addStage(stage('Europe'), { pre: [step('Europe')] });
    wave.addStage(stage('America'));
  });
  expect(orderOf(stagesOf(template).Regions?.Actions)).toEqual([
    ['One', 'Two'],
    ['America.Web.Prepare', 'Europe.Europe'],
    ['America.Web.Deploy', 'Europe.Web.Prepare'],
    ['Europe.Web.Deploy'],
    ['After'],
  ]);
});

test('the pipeline does not assume the role that calls the service', () => {
  const canceller = 'arn:aws:iam::210987654321:role/canceller';
  const template = synthesised((pipeline, stage) => {
    const role = Role.fromRoleArn(pipeline, 'Canceller', canceller);
    pipeline.addStage(stage('Prod'), { pre: [new CancelDeploymentStep('Cancel', { deployment, role })] });
  });
  const [action] = stagesOf(template).Prod?.Actions ?? [];
  expect(startedBy(template)).toEqual({ ...CLOUDFORMATION, [logicalIdOf(action?.RoleArn ?? '')]: [WORKFLOW] });
  expect(permissionsOf(template, DEPLOYMENT_ROLE)).toContain(`sts:AssumeRole on ${canceller}`);
});

test('it runs after a step that it depends on', () => {
  const template = synthesised((pipeline, stage) => {
    const second = step('Second');
    const first = step('First');
    second.addStepDependency(first);
    pipeline.addStage(stage('Prod'), { pre: [second, first] });
  });
  expect(orderOf(stagesOf(template).Prod?.Actions).slice(0, 2)).toEqual([['First'], ['Second']]);
});

describe('its action', () => {
  const template = synthesised((pipeline, stage) => {
    pipeline.addStage(stage('Prod'), { pre: [step('Cancel')], post: [step('CancelAgain')] });
  });
  const actions = stagesOf(template).Prod?.Actions.filter(({ Name }) => Name.startsWith('Cancel')) ?? [];

  test('starts the workflow of the pipeline stack with the input that cancels', () => {
    expect(actions).toHaveLength(2);
    for (const { ActionTypeId, Configuration } of actions) {
      expect(ActionTypeId).toMatchObject({ Category: 'Invoke', Provider: 'StepFunctions' });
      expect(Configuration.StateMachineArn).toBe(WORKFLOW);
      expect(JSON.parse(Configuration.Input ?? '')).toEqual({
        ...INPUT,
        settings: { ...INPUT.settings, onNotFound: 'succeed' },
      });
    }
    template.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  });

  test('fails if nothing is found, if that is chosen', () => {
    const failing = synthesised((pipeline, stage) => {
      const cancel = new CancelDeploymentStep('Cancel', { deployment, onNotFound: OnNotFound.FAIL });
      pipeline.addStage(stage('Prod'), { pre: [cancel] });
    });
    const [action] = stagesOf(failing).Prod?.Actions ?? [];
    expect(JSON.parse(action?.Configuration.Input ?? '').settings.onNotFound).toBe('fail');
  });

  test('adds permissions to start this workflow only, which may cancel the deployment', () => {
    const [one, two] = actions.map(({ RoleArn }) => logicalIdOf(RoleArn));
    expect(startedBy(template)).toEqual({ ...CLOUDFORMATION, [one ?? '']: [WORKFLOW], [two ?? '']: [WORKFLOW] });
    expect(permissionsOf(template, DEPLOYMENT_ROLE)).toContain(MAY_CANCEL);
  });
});

describe('a step', () => {
  const HOME = { account: '111122223333', region: 'us-east-1' };

  function warningsOf(env: Environment | undefined, add: (pipeline: CodePipeline, stage: Stage) => unknown): string[] {
    const app = new App();
    const stack = new Stack(app, 'Stack', { env: HOME });
    const source = Bucket.fromBucketName(stack, 'Bucket', 'source');
    const synth = new ShellStep('Synth', { input: CodePipelineSource.s3(source, 'source.zip'), commands: ['synth'] });
    const pipeline = new CodePipeline(stack, 'Pipeline', { synth, crossAccountKeys: true });
    const stage = new Stage(app, 'Prod', { env });
    new Topic(new Stack(stage, 'Web'), 'Topic');
    add(pipeline, stage);
    pipeline.buildPipeline();
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('OfPipeline'))
      .map(({ entry }) => String(entry.data));
  }
  const warning = (property: string, id: string, own: string, other: string) =>
    `step Cancel cancels a deployment in ${property} ${own}, that of the pipeline, and stage Prod deploys to ${property} ${other}: declare the cancellation in a stack of the stage, or pass a workflow [ack: cdk-deployment-cancellation:${id}]`;
  const inAccount = warning('account', 'stepInAccountOfPipeline', HOME.account, '444455556666');
  const inRegion = warning('region', 'stepInRegionOfPipeline', HOME.region, 'eu-west-1');

  test.each<[string, (pipeline: CodePipeline, stage: Stage) => unknown]>([
    ['a stage', (pipeline, stage) => pipeline.addStage(stage, { pre: [step('Cancel')] })],
    ['a wave', (pipeline, stage) => pipeline.addWave('Wave', { post: [step('Cancel')] }).addStage(stage)],
  ])('of %s warns if the stage deploys to another account or region', (_what, add) => {
    expect(warningsOf({ account: '444455556666', region: 'us-east-1' }, add)).toEqual([inAccount]);
    expect(warningsOf({ account: '444455556666', region: 'eu-west-1' }, add)).toEqual([inAccount, inRegion]);
    expect(warningsOf(HOME, add)).toEqual([]);
    expect(warningsOf(undefined, add)).toEqual([]);
  });

  test('of another stage, or with a workflow, does not warn', () => {
    const far = { account: '444455556666', region: 'us-east-1' };
    const before = (pipeline: CodePipeline, stage: Stage) => {
      pipeline.addWave('Before', { pre: [step('Cancel')] });
      pipeline.addStage(stage);
    };
    expect(warningsOf(far, before)).toEqual([]);
    const withWorkflow = (pipeline: CodePipeline, stage: Stage) => {
      const workflow = CancellationWorkflow.fromStateMachineName(pipeline, 'Workflow', 'cancel');
      pipeline.addStage(stage, { pre: [new CancelDeploymentStep('Cancel', { deployment, workflow })] });
    };
    expect(warningsOf(far, withWorkflow)).toEqual([]);
  });

  test('with a role does not warn if the stage deploys to the account of the role, and names the role otherwise', () => {
    const far = { account: '444455556666', region: 'us-east-1' };
    const cancelIn = (account: string) => (pipeline: CodePipeline, stage: Stage) => {
      const role = Role.fromRoleArn(pipeline, 'Role', `arn:aws:iam::${account}:role/cancels`);
      pipeline.addStage(stage, { pre: [new CancelDeploymentStep('Cancel', { deployment, role })] });
    };
    expect(warningsOf(far, cancelIn('444455556666'))).toEqual([]);
    expect(warningsOf(far, cancelIn('777788889999'))).toEqual([
      warning('account', 'stepInAccountOfPipeline', '777788889999', '444455556666').replace('the pipeline', 'its role'),
    ]);
  });
});
