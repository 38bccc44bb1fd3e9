import { App, Fn, Stack } from 'aws-cdk-lib';
import { EventField, Rule } from 'aws-cdk-lib/aws-events';
import { DefinitionBody, JsonPath, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import {
  CancelDeploymentAction,
  CancelDeploymentTarget,
  CancelDeploymentTask,
  type CancellableDeployment,
  CancelOnRollback,
  CodeDeployDeployment,
  CodePipelineExecution,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  ProtonFleet,
} from '../../../lib';
import { pipelineWith } from '../../helpers/pipeline-fixtures';
import { definitionOf, synthesize } from '../../helpers/template';

const PATHS = { event: () => EventField.fromPath('$.detail.id'), state: () => JsonPath.stringAt('$.id') };

const byId = (id: string) => CodeDeployDeployment.fromDeploymentId(id);
const ruleFor = (stack: Stack, deployment: CancellableDeployment) =>
  new Rule(stack, 'It', {
    eventPattern: { source: ['aws.codedeploy'] },
    targets: [new CancelDeploymentTarget({ deployment })],
  });

test('the ID of a deployment may come from the event of a rule', () => {
  const template = synthesize((stack) => ruleFor(stack, byId(PATHS.event())));
  const [rule] = Object.values(template.findResources('AWS::Events::Rule')).filter(
    ({ Properties }) => Properties.EventPattern.source[0] === 'aws.codedeploy',
  );
  const { InputTransformer } = rule?.Properties.Targets[0] ?? {};
  expect(InputTransformer.InputPathsMap).toMatchObject({ 'detail-id': '$.detail.id' });
  expect(InputTransformer.InputTemplate).toContain('"identifiers":{"deploymentId":<detail-id>}');
});

test('the ID of an execution may come from the state of a state machine', () => {
  const template = synthesize((stack) => {
    const deployment = CodePipelineExecution.fromPipelineName('release', { executionId: PATHS.state() });
    const task = new CancelDeploymentTask(stack, 'Cancel', { deployment });
    new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(task) });
  });
  expect(definitionOf(template, 'Mine').States.Cancel).toMatchObject({
    Parameters: { Input: { deployment: { identifiers: { pipelineName: 'release', 'executionId.$': '$.id' } } } },
  });
});

const ONLY = {
  event: 'deployment contains a path of EventField, which only the target of a rule can read',
  state: 'deployment contains a path of JsonPath, which only a task of a state machine can read',
};

test.each<[string, 'event' | 'state', (stack: Stack, deployment: CancellableDeployment) => unknown]>([
  ['a cancellation', 'event', (stack, deployment) => new DeploymentCancellation(stack, 'It', { deployment })],
  ['a cancellation', 'state', (stack, deployment) => new DeploymentCancellation(stack, 'It', { deployment })],
  ['a guard', 'event', (stack, deployment) => new CancelOnRollback(stack, 'It', { deployment })],
  ['a task', 'event', (stack, deployment) => new CancelDeploymentTask(stack, 'It', { deployment })],
  ['a target', 'state', ruleFor],
  [
    'an action',
    'state',
    (stack, deployment) =>
      pipelineWith(stack, [
        { stageName: 'Stop', actions: [new CancelDeploymentAction({ actionName: 'It', deployment })] },
      ]),
  ],
])('%s rejects a path of an %s', (_what, kind, declare) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => declare(stack, byId(PATHS[kind]()))).toThrow(
    `${ONLY[kind]}: use a name, or declare the cancellation there (at Stack/`,
  );
});

test('a fleet rejects a path', () => {
  const fleet = DeploymentFleet.fromDeployments([byId(PATHS.event())]);
  expect(() => new FleetCancellation(new Stack(), 'Fleet', { fleet })).toThrow('fleet contains a path of EventField');
});

test.each<[string, (path: string) => CancellableDeployment]>([
  ['a name', (path) => EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: path })],
  ['a part of a name', (path) => CodePipelineExecution.fromPipelineName(`release-${path}`)],
  ['a name inside of a function', (path) => CodePipelineExecution.fromPipelineName(Fn.select(0, Fn.split('/', path)))],
  ['an ARN', (path) => EcsServiceDeployment.fromServiceDeploymentArn(path)],
])('%s that is a path is rejected where a permission needs it', (_what, create) => {
  const stack = new Stack(new App(), 'Stack');
  expect(() => ruleFor(stack, create(PATHS.event()))).toThrow(
    /contains a path, and the permissions to cancel it need its name: use the name, and a rule or task for each name \(at Stack\/It\)/,
  );
  expect(() => new CancelDeploymentTask(stack, 'Task', { deployment: create(PATHS.state()) })).toThrow(
    'contains a path, and the permissions to cancel it need its name',
  );
});

test('the name of a fleet is not a path', () => {
  const fleet = ProtonFleet.fromServiceName(PATHS.event());
  expect(() => new FleetCancellation(new Stack(), 'Fleet', { fleet })).toThrow('fleet contains a path of EventField');
});

test('an endpoint is not a path', () => {
  const deployment = byId('d-A1B2C3D4E');
  expect(() => new CancelDeploymentTask(new Stack(), 'It', { deployment, endpoint: PATHS.state() })).toThrow(
    'endpoint contains a path of JsonPath',
  );
});
