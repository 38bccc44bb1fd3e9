import { readdirSync } from 'node:fs';
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
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Assembly } from '../../../emulator/simulation/assembly';
import {
  CancellationWorkflow,
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
  ProtonDeployment,
  ProtonFleet,
} from '../../../lib/index';
import { HandlerCode } from '../../../lib/workflow/private/handler-code';

const DEPLOYMENT = ProtonDeployment.environment({ environmentName: 'prod' });
const cancel = (stack: Stack) => new DeploymentCancellation(stack, 'Cancel', { deployment: DEPLOYMENT });

/** The files of the one asset of an assembly that is code, without their hashes. */
function shipped(assembly: CloudAssembly): string[] {
  const folders = readdirSync(assembly.directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const code = folders.filter(({ name }) => name.startsWith('asset.'));
  expect(code).toHaveLength(1);
  return readdirSync(`${assembly.directory}/${code[0]?.name}`).map((file) => file.replace(/-[0-9A-Z]{8}\.js$/, '.js'));
}

function synthesised(build: (stack: Stack) => void): CloudAssembly {
  const app = new App();
  build(new Stack(app, 'Stack'));
  return app.synth();
}

const FUNCTIONS = ['cloudformation.js', 'deployment.js'];
const OTHERS = ['codepipeline.js', 'files.json'];

describe('what the code of the workflow holds', () => {
  test.each<[string, (stack: Stack) => unknown]>([
    ['a cancellation', cancel],
    ['a guard', (stack) => new CancelOnRollback(stack, 'Guard', { deployment: DEPLOYMENT, trigger: '1' })],
    [
      'a fleet that is found',
      (stack) => new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') }),
    ],
    [
      'a fleet that is listed',
      (stack) => new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([DEPLOYMENT]) }),
    ],
    ['an input', (stack) => CancellationWorkflow.of(stack).inputFor(DEPLOYMENT)],
  ])('is both functions and what they need for the service of %s', (_what, build) => {
    const files = shipped(synthesised(build));
    expect(files).toEqual(expect.arrayContaining([...FUNCTIONS, 'proton-service.js']));
    expect(files.filter((file) => OTHERS.includes(file))).toEqual([]);
  });

  test('is nothing for a service of which no deployment is declared', () => {
    const files = shipped(synthesised((stack) => CancellationWorkflow.of(stack)));
    expect(files).toEqual(expect.arrayContaining(FUNCTIONS));
    expect(files).not.toContain('proton-service.js');
  });

  test('follows what is declared after the workflow was made, by an aspect as well', () => {
    const late: IAspect = {
      visit: (node) => {
        if (node instanceof Stack) CancellationWorkflow.of(node).inputFor(DEPLOYMENT);
      },
    };
    const files = shipped(
      synthesised((stack) => {
        CancellationWorkflow.of(stack);
        Aspects.of(stack).add(late);
      }),
    );
    expect(files).toContain('proton-service.js');
  });

  test('of a pipeline is what takes its jobs, and nothing else', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new HandlerCode(stack, () => ['codepipeline']);
    expect(shipped(app.synth())).toEqual(['codepipeline.js']);
  });
});

describe('where the stack is', () => {
  test('may be a nested stack', () => {
    const files = shipped(synthesised((stack) => cancel(new NestedStack(stack, 'Nested'))));
    expect(files).toContain('proton-service.js');
  });

  test('may be a stage, as in a pipeline', () => {
    const app = new App();
    const stage = new Stage(app, 'Prod');
    cancel(new Stack(stage, 'Stack'));
    expect(shipped(app.synth())).toContain('proton-service.js');
  });

  test.each([
    ['default', new DefaultStackSynthesizer()],
    ['legacy', new LegacyStackSynthesizer()],
  ])('may be synthesised with the %s synthesizer', (_name, synthesizer) => {
    const app = new App();
    cancel(new Stack(app, 'Stack', { synthesizer }));
    expect(shipped(app.synth())).toContain('proton-service.js');
  });
});

test('is the same from synth to synth, wherever and however often it is declared', () => {
  const key = (build: (stack: Stack) => void) => {
    const assembly = new Assembly(synthesised(build).directory);
    const template = JSON.stringify(assembly.stacks[0]?.template);
    return /"S3Key":"([0-9a-f]{64})\.zip"/.exec(template)?.[1];
  };
  const first = key(cancel);
  expect(first).toBeDefined();
  expect(key(cancel)).toBe(first);
  expect(
    key((stack) => {
      const workflow = CancellationWorkflow.of(stack);
      workflow.inputFor(ProtonDeployment.component({ componentName: 'a' }));
      workflow.inputFor(DEPLOYMENT);
    }),
  ).toBe(first);
});
