import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  App,
  Aspects,
  DefaultStackSynthesizer,
  type IAspect,
  LegacyStackSynthesizer,
  NestedStack,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import { Assembly } from '../../../emulator/simulation/assembly';
import {
  CancellationWorkflow,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  DeploymentFleet,
  EcsServiceDeployment,
  FleetCancellation,
  ProtonDeployment,
  ProtonFleet,
} from '../../../lib/index';
import { approval, pipelineWith } from '../../helpers/pipeline-fixtures';

const ENVIRONMENT = ProtonDeployment.environment({ environmentName: 'prod' });
const WEB = EcsServiceDeployment.fromServiceName({ clusterName: 'prod', serviceName: 'web' });
const cancel = (stack: Stack) => new DeploymentCancellation(stack, 'Cancel', { deployment: ENVIRONMENT });

function synthesize(build: (stack: Stack, app: App) => void): string {
  const app = new App();
  build(new Stack(app, 'Stack'), app);
  return app.synth().directory;
}

/** The asset folders with code in an assembly. */
function codeOf(directory: string): string[] {
  const folders = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.filter(({ name }) => name.startsWith('asset.')).map(({ name }) => join(directory, name));
}

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: { readonly Handler: string; readonly Code: object } }>
  >;
}

/** The functions of the first stack. */
function functionsOf(directory: string) {
  const [stack] = new Assembly(directory).stacks;
  const { Resources } = (stack?.template ?? { Resources: {} }) as Template;
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  return functions.map(({ Properties }) => Properties);
}

/** Expects the bundles once in an assembly. */
function expectOneAsset(directory: string): void {
  const [folder = '', ...others] = codeOf(directory);
  expect(others).toEqual([]);
  expect(readdirSync(folder)).toEqual(readdirSync(join(__dirname, '..', '..', '..', 'dist', 'lambda')));
}

describe('the code of the functions', () => {
  test('is one asset for all functions, with the handler files of all of them', () => {
    const directory = synthesize((stack) => {
      const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [approval()] }]);
      new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment: WEB });
    });
    const functions = functionsOf(directory);
    expect(functions.map(({ Handler }) => Handler).sort()).toEqual([
      'cloudformation.handler',
      'codepipeline.handler',
      'deployment.handler',
    ]);
    expect(new Set(functions.map(({ Code }) => JSON.stringify(Code))).size).toBe(1);
    expectOneAsset(directory);
    for (const { Handler } of functions)
      expect(existsSync(join(codeOf(directory)[0] ?? '', Handler.replace(/\.handler$/, '.mjs')))).toBe(true);
  });

  test.each<[string, (stack: Stack) => unknown]>([
    ['a cancellation', cancel],
    ['a guard', (stack) => new CancelOnRollback(stack, 'Guard', { deployment: WEB, trigger: '1' })],
    [
      'a fleet that is found',
      (stack) => new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') }),
    ],
    [
      'a fleet that is listed',
      (stack) => new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([ENVIRONMENT, WEB]) }),
    ],
    ['an input', (stack) => CancellationWorkflow.of(stack).inputFor(WEB)],
    ['no deployment', (stack) => CancellationWorkflow.of(stack)],
  ])('is the same for %s', (_what, build) => {
    const directory = synthesize(build);
    expectOneAsset(directory);
    expect(functionsOf(directory)).toHaveLength(2);
    expect(functionsOf(directory).map(({ Code }) => Code)).toEqual(
      functionsOf(synthesize(cancel)).map(({ Code }) => Code),
    );
  });

  test('is the same when an aspect declares a deployment of another service', () => {
    const late: IAspect = {
      visit: (node) => {
        if (node instanceof Stack) CancellationWorkflow.of(node).inputFor(WEB);
      },
    };
    const directory = synthesize((stack) => {
      cancel(stack);
      Aspects.of(stack).add(late);
    });
    expect(functionsOf(directory).map(({ Code }) => Code)).toEqual(
      functionsOf(synthesize(cancel)).map(({ Code }) => Code),
    );
  });
});

describe('one asset is shared by', () => {
  test.each<[string, (stack: Stack, app: App) => unknown]>([
    ['two stacks', (stack, app) => [stack, new Stack(app, 'Another')].map(cancel)],
    ['a nested stack and its parent', (stack) => [stack, new NestedStack(stack, 'Nested')].map(cancel)],
    [
      'a stage and a stack outside of it',
      (stack, app) => [stack, new Stack(new Stage(app, 'Prod'), 'Stack')].map(cancel),
    ],
    [
      'stacks with the default and the legacy synthesizer',
      (_stack, app) => {
        cancel(new Stack(app, 'Default', { synthesizer: new DefaultStackSynthesizer() }));
        cancel(new Stack(app, 'Legacy', { synthesizer: new LegacyStackSynthesizer() }));
      },
    ],
  ])('%s', (_what, build) => expectOneAsset(synthesize(build)));
});
