import { App, CfnParameter, NestedStack, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  CancelDeploymentAction,
  CancelDeploymentTask,
  CancellationWorkflow,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  ProtonDeployment,
  ProtonFleet,
  StackRollbackRule,
} from '../../../lib';
import { ENVIRONMENT } from '../../../lib/contract/cancellation';
import { approval, deployment, pipelineWith } from '../../helpers/pipeline-fixtures';
import { resolved, synthesize } from '../../helpers/template';

const FUNCTION = 'DeploymentCancellationWorkflowDeploymentFunction0E230A73';

function environmentOf(template: Template): Record<string, unknown> {
  return template.findResources('AWS::Lambda::Function')[FUNCTION]?.Properties.Environment.Variables;
}

const environment = (build: (stack: Stack) => void) => environmentOf(synthesize(build));

const some = (count: number) =>
  Array.from({ length: count }, (_, index) => ProtonDeployment.environment({ environmentName: `e${index}` }));

describe('the number of cancellations', () => {
  test.each<[string, number, (stack: Stack) => void]>([
    ['no cancellation', 0, (stack) => CancellationWorkflow.of(stack)],
    ['a cancellation', 1, (stack) => new DeploymentCancellation(stack, 'Cancel', { deployment })],
    ['a guard', 1, (stack) => new CancelOnRollback(stack, 'Guard', { deployment })],
    ['a rule', 1, (stack) => new StackRollbackRule(stack, 'Rule', { deployment, stackNames: ['other'] })],
    ['a task', 1, (stack) => new CancelDeploymentTask(stack, 'Task', { deployment })],
    ['an input', 1, (stack) => CancellationWorkflow.of(stack).inputFor(deployment)],
    [
      'an action and a stage failure',
      2,
      (stack) => {
        const actions = [approval(), new CancelDeploymentAction({ actionName: 'Cancel', deployment })];
        const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions }]);
        new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment });
      },
    ],
    ['a fleet', 40, (stack) => new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') })],
    [
      'a fleet with a maximum concurrency',
      3,
      (stack) =>
        new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web'), maxConcurrency: 75 }),
    ],
    [
      'a list of 26',
      2,
      (stack) => new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments(some(26)) }),
    ],
    [
      'a list of 100 with a maximum concurrency',
      1,
      (stack) =>
        new FleetCancellation(stack, 'Fleet', {
          fleet: DeploymentFleet.fromDeployments(some(100)),
          maxConcurrency: 25,
        }),
    ],
    [
      'all of these',
      43,
      (stack) => {
        new DeploymentCancellation(stack, 'One', { deployment });
        new CancelOnRollback(stack, 'Guard', { deployment });
        new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') });
        new DeploymentCancellation(stack, 'Two', { deployment });
      },
    ],
  ])('of %s is %d', (_what, count, build) => {
    expect(environment(build)).toEqual({ [ENVIRONMENT.cancellations]: String(count) });
  });

  test('of a nested stack does not include those of its parent', () => {
    const stack = new Stack(new App(), 'Stack');
    const nested = new NestedStack(stack, 'Nested');
    new DeploymentCancellation(stack, 'Cancel', { deployment });
    for (const id of ['One', 'Two']) new DeploymentCancellation(nested, id, { deployment });
    const count = (of: Stack) => environmentOf(Template.fromStack(of))[ENVIRONMENT.cancellations];
    expect([count(stack), count(nested)]).toEqual(['1', '2']);
  });
});

describe('the endpoints', () => {
  const [one, two] = ['https://one.example.com', 'http://127.0.0.1:4566/two'];
  const endpointsOf = (build: (stack: Stack) => void): unknown => {
    const value = resolved(environment(build)[ENVIRONMENT.endpoints]);
    return value === undefined ? undefined : JSON.parse(value as string);
  };

  test('are not in the environment if none is declared', () => {
    const build = (stack: Stack) => new DeploymentCancellation(stack, 'Cancel', { deployment });
    expect(environment(build)).not.toHaveProperty(ENVIRONMENT.endpoints);
  });

  test.each<[string, (stack: Stack, endpoint: string) => unknown]>([
    ['a cancellation', (stack, endpoint) => new DeploymentCancellation(stack, 'It', { deployment, endpoint })],
    ['a guard', (stack, endpoint) => new CancelOnRollback(stack, 'It', { deployment, endpoint })],
    ['a task', (stack, endpoint) => new CancelDeploymentTask(stack, 'It', { deployment, endpoint })],
    ['an input', (stack, endpoint) => CancellationWorkflow.of(stack).inputFor(deployment, { endpoint })],
    [
      'a fleet',
      (stack, endpoint) => new FleetCancellation(stack, 'It', { fleet: ProtonFleet.fromServiceName('web'), endpoint }),
    ],
  ])('contain the one of %s', (_what, declare) => {
    expect(endpointsOf((stack) => declare(stack, one))).toEqual([one]);
  });

  test('of several cancellations are in a list without duplicates, also if the workflow exists already', () => {
    const build = (stack: Stack) => {
      CancellationWorkflow.of(stack);
      for (const [index, endpoint] of [one, undefined, two, one].entries()) {
        new DeploymentCancellation(stack, `Cancel${index}`, { deployment, endpoint });
      }
    };
    expect(endpointsOf(build)).toEqual([one, two]);
  });

  test('may be tokens, alone or in a text', () => {
    const build = (stack: Stack) => {
      const host = new CfnParameter(stack, 'Host').valueAsString;
      new DeploymentCancellation(stack, 'One', { deployment, endpoint: host });
      new DeploymentCancellation(stack, 'Two', { deployment, endpoint: `https://${host}/"x"` });
    };
    expect(endpointsOf(build)).toEqual(['Host', 'https://Host/"x"']);
  });

  test('may be tokens of another stack', () => {
    const app = new App();
    const other = new Stack(app, 'Other');
    const host = new CfnParameter(other, 'Host').valueAsString;
    const stack = new Stack(app, 'Stack');
    new DeploymentCancellation(stack, 'Cancel', { deployment, endpoint: `https://${host}` });
    const value = JSON.stringify(environmentOf(Template.fromStack(stack))[ENVIRONMENT.endpoints]);
    expect(value).toContain('Fn::ImportValue');
  });

  test.each([
    ['name', (stack: Stack) => CancellationWorkflow.fromStateMachineName(stack, 'Imported', 'their-workflow')],
    [
      'ARN',
      (stack: Stack) =>
        CancellationWorkflow.fromStateMachineArn(
          stack,
          'Imported',
          'arn:aws:states:us-east-1:111122223333:stateMachine:their-workflow',
        ),
    ],
  ])('cannot be declared for a workflow that is imported by its %s', (_what, importIn) => {
    const stack = new Stack(new App(), 'Stack');
    const workflow = importIn(stack);
    const message =
      'endpoint cannot be used with an imported workflow, which calls the endpoints of its own stack only: declare the cancellation in that stack, or pass the CancellationWorkflow of that stack';
    expect(() => workflow.inputFor(deployment, { endpoint: one })).toThrow(
      expect.objectContaining({ name: 'InvalidConfigurationError', message: `${message} (at Stack/Imported)` }),
    );
    expect(() => new CancelDeploymentTask(stack, 'Task', { deployment, workflow, endpoint: one })).toThrow(
      `${message} (at Stack/Task)`,
    );
    expect(() => workflow.inputFor(deployment)).not.toThrow();
  });

  test('are those of the stack whose workflow is passed', () => {
    const app = new App();
    const platform = new Stack(app, 'Platform');
    const workflow = CancellationWorkflow.of(platform);
    new CancelDeploymentTask(new Stack(app, 'Team'), 'Task', { deployment, workflow, endpoint: one });
    expect(environmentOf(Template.fromStack(platform))).toEqual({
      [ENVIRONMENT.cancellations]: '1',
      [ENVIRONMENT.endpoints]: JSON.stringify([one]),
    });
  });
});
