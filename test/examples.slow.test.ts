import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { EXAMPLE_NAMES, EXAMPLES, type Example, type ExampleName } from '../bin/scenarios/examples';
import { VirtualClock } from '../emulator/core/clock';
import { Assembly } from '../emulator/simulation/assembly';
import { type Report, run } from '../emulator/simulation/run';
import { operationOf } from '../emulator/simulation/service-simulation';
import { DEPLOYMENT_KINDS, kindDefinition } from '../lib/deployments/kinds';
import { stagesOf } from './helpers/pipeline-fixtures';
import { recommendedFlags } from './helpers/template';

const FOLDER = join(__dirname, '..', 'examples');
const files = readdirSync(FOLDER).sort();

/** The expected result of an example on the emulator. */
interface Ending {
  readonly stack: 'CREATE_COMPLETE' | 'ROLLBACK_COMPLETE';
  /** Default: none. */
  readonly outputs?: readonly string[];
  /** The last status of each deployment, in the order of their first events. */
  readonly deployments: readonly string[];
  readonly cancels: number;
  readonly messages?: readonly RegExp[];
}

/** The stack of a kind outputs the outcome and the last status. */
const ofKind = (deployment: string): Ending => ({
  stack: 'CREATE_COMPLETE',
  outputs: ['CANCELLED', deployment.split(' ').at(-1) ?? ''],
  deployments: [deployment],
  cancels: 1,
});

const RUN: Readonly<Record<ExampleName, Ending>> = {
  basic: {
    stack: 'CREATE_COMPLETE',
    outputs: ['ROLLBACK_SUCCESSFUL'],
    deployments: ['prod/web ROLLBACK_SUCCESSFUL'],
    cancels: 1,
  },
  fleet: {
    stack: 'CREATE_COMPLETE',
    outputs: [
      '1 deployment: 1 cancelled',
      '1 deployment: 1 cancelled',
      '2 deployments: 2 cancelled',
      '3 deployments: 2 cancelled, 1 untouched',
    ],
    deployments: [
      'prod/api ROLLBACK_SUCCESSFUL',
      'prod/web ROLLBACK_SUCCESSFUL',
      'release Stopped',
      'reports UPDATE_ROLLBACK_COMPLETE',
      'shop/web Stopped',
      // The deployment that rolls back.
      'shop/web Succeeded',
      'web-prod UPDATE_ROLLBACK_COMPLETE',
    ],
    cancels: 6,
  },
  'rollback-by-hand': {
    stack: 'CREATE_COMPLETE',
    outputs: ['CANCELLED', 'ROLLBACK_SUCCESSFUL'],
    deployments: ['prod/web ROLLBACK_SUCCESSFUL', 'prod/web IN_PROGRESS'],
    cancels: 1,
  },
  'rollback-automatic': { stack: 'ROLLBACK_COMPLETE', deployments: ['prod/web ROLLBACK_SUCCESSFUL'], cancels: 1 },
  'rollback-from-outside': { stack: 'ROLLBACK_COMPLETE', deployments: ['prod/web ROLLBACK_SUCCESSFUL'], cancels: 1 },
  'step-functions-task': {
    stack: 'CREATE_COMPLETE',
    deployments: ['prod/web ROLLBACK_SUCCESSFUL'],
    cancels: 1,
    messages: [/^cancelled: deployment \S+ of ecs service prod\/web is ROLLBACK_SUCCESSFUL$/],
  },
  'step-functions-fragment': {
    stack: 'CREATE_COMPLETE',
    deployments: ['prod/web SUCCESSFUL', 'prod/web IN_PROGRESS'],
    cancels: 1,
  },
  'eventbridge-target': { stack: 'CREATE_COMPLETE', deployments: ['prod/web ROLLBACK_SUCCESSFUL'], cancels: 1 },
  'stack-update': {
    stack: 'CREATE_COMPLETE',
    outputs: ['UPDATE_ROLLBACK_COMPLETE'],
    deployments: ['web-prod UPDATE_ROLLBACK_COMPLETE'],
    cancels: 1,
  },
  'ecs-service-deployment': {
    stack: 'CREATE_COMPLETE',
    outputs: ['CANCELLED', 'ROLLBACK_SUCCESSFUL', expect.stringMatching(/^arn:aws:ecs:.*\/prod\/web\//)],
    deployments: ['prod/web ROLLBACK_SUCCESSFUL'],
    cancels: 1,
  },
  'codepipeline-execution': {
    stack: 'CREATE_COMPLETE',
    outputs: ['CANCELLED', 'Stopped'],
    deployments: ['release Stopped'],
    cancels: 1,
  },
  // The calls of Step Functions are no deployments of the emulator.
  'aws-api-deployment': { stack: 'CREATE_COMPLETE', outputs: ['ABORTED', 'CANCELLED'], deployments: [], cancels: 1 },
  'codedeploy-deployment': {
    stack: 'CREATE_COMPLETE',
    outputs: ['CANCELLED', 'Stopped'],
    deployments: ['shop/web Stopped', 'shop/web Succeeded'],
    cancels: 1,
  },
  'autoscaling-instance-refresh': ofKind('web RollbackSuccessful'),
  'appconfig-deployment': ofKind('abc1234/prod123 ROLLED_BACK'),
  'codebuild-build': ofKind('web STOPPED'),
  'ssm-automation-execution': ofKind('Deploy Cancelled'),
  'cloudformation-stack-set-operation': ofKind('baseline STOPPED'),
  'amplify-job': ofKind('d1a2b3c4d5e6f7/main CANCELLED'),
  'sagemaker-pipeline-execution': ofKind('train Stopped'),
  // An environment is `Ready` after every end.
  'elasticbeanstalk-environment-update': { ...ofKind('shop-prod Aborted'), outputs: ['CANCELLED', 'Ready'] },
  'imagebuilder-image': ofKind('golden CANCELLED'),
  'workflow-of-another-stack': { stack: 'CREATE_COMPLETE', deployments: ['prod/web ROLLBACK_SUCCESSFUL'], cancels: 1 },
};

/** The examples that need CodePipeline and CodeBuild, which the emulator does not have, and the positions of their cancellations. */
const NOT_RUN: Readonly<Record<string, readonly string[]>> = {
  'codepipeline-action': ['Stop, 2: CancelWeb starts the workflow for prod'],
  'codepipeline-stage-failure': ['Release, when it fails: LambdaInvoke of CancelWhenReleaseFails, then ROLLBACK'],
  'pipelines-stage-failure': ['Production, when it fails: LambdaInvoke of CancelWhenProductionFails, then nothing'],
  'pipelines-step': [
    'Europe, 1: CancelAmerica starts the workflow for america',
    'Europe, 1: CancelEurope starts the workflow for europe',
    'Test, 1: CancelStaleRelease starts the workflow for test',
    'Test, 4: CancelCanary starts the workflow for canary',
  ],
};

// The CDK CLI also passes the context of cdk.json.
beforeAll(() => {
  process.env.CDK_CONTEXT_JSON = JSON.stringify(recommendedFlags());
});
afterAll(() => {
  delete process.env.CDK_CONTEXT_JSON;
});

function appOf(name: string): App {
  return require(join(FOLDER, name)).app;
}

function synthesize(name: string): CloudAssembly {
  return appOf(name).synth();
}

test('every example runs on the emulator, or is listed as one that cannot', () => {
  expect([...EXAMPLE_NAMES, ...Object.keys(NOT_RUN)].map((name) => `${name}.ts`).sort()).toEqual(files);
});

describe.each(files.map((file) => file.replace(/\.ts$/, '')))('examples/%s.ts', (name) => {
  test('says in its first line how to run it, or how to synthesize it', () => {
    const [first] = readFileSync(join(FOLDER, `${name}.ts`), 'utf8').split('\n');
    expect(first).toBe(
      Object.hasOwn(NOT_RUN, name)
        ? `// npx cdk synth --app "npx tsx examples/${name}.ts"`
        : `// npm start -- --scenario examples/${name}`,
    );
  });

  test('synthesizes without warnings, and one of its stacks contains the workflow', () => {
    const { stacksRecursively } = synthesize(name);
    expect(stacksRecursively.flatMap(({ messages }) => messages.map(({ entry }) => entry.data))).toEqual([]);
    const machines = stacksRecursively
      .flatMap(({ template }) => Object.keys(template.Resources))
      .filter((id) => /^DeploymentCancellationWorkflowStateMachine[0-9A-F]{8}$/.test(id));
    expect(machines).toEqual(['DeploymentCancellationWorkflowStateMachineCCA2B105']);
  });
});

/** The report of each example, which is run once for all tests. */
const reports = new Map<ExampleName, Promise<Report>>();

function perform(name: ExampleName): Promise<Report> {
  const { seed, services, operations }: Example = EXAMPLES[name];
  const assembly = new Assembly(synthesize(name).directory);
  // As the demo runs them. Between operations, no time passes in which policies become effective.
  const report =
    reports.get(name) ??
    run({ clock: new VirtualClock(), consistency: 'strong', assembly, operations, scenario: { name, seed, services } });
  reports.set(name, report);
  return report;
}

function deploymentsIn({ history }: Report): string[] {
  const last = new Map<string, string>();
  for (const event of history) {
    if (event.kind === 'deployment') last.set(event.deploymentId, `${event.resource} ${event.status}`);
  }
  return [...last.values()];
}

const CANCEL_OPERATIONS = new Set([
  ...DEPLOYMENT_KINDS.map((kind) => operationOf(kindDefinition(kind).cancelAction)),
  'StopExecution',
]);

const isExpectedToFail = (name: ExampleName) => RUN[name].stack === 'ROLLBACK_COMPLETE';

test.each(EXAMPLE_NAMES)('examples/%s.ts has the expected result on the emulator', async (name) => {
  const { stack, outputs = [], deployments, cancels, messages = [] } = RUN[name];
  const report = await perform(name);
  const { history, stackStatus, statusReason } = report;
  expect({ stackStatus, statusReason }).toEqual({
    stackStatus: stack,
    statusReason: isExpectedToFail(name) ? 'the check says no' : null,
  });
  expect(Object.values(report.outputs).sort()).toEqual(outputs);
  // The deployments of a fleet are cancelled at the same time.
  expect(name === 'fleet' ? deploymentsIn(report).sort() : deploymentsIn(report)).toEqual(deployments);
  const accepted = history.filter(
    (event) => event.kind === 'call' && CANCEL_OPERATIONS.has(event.operation) && event.answer === 'ok',
  );
  expect(accepted).toHaveLength(cancels);
  const published = history.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  expect(published).toEqual(messages.map((text) => expect.stringMatching(text)));
});

test.each<[ExampleName, readonly string[]]>([
  ['rollback-by-hand', ['ROLLBACK_REQUESTED', 'ROLLBACK_SUCCESSFUL', 'IN_PROGRESS']],
  ['step-functions-fragment', ['ROLLBACK_REQUESTED', 'SUCCESSFUL', 'IN_PROGRESS']],
])('examples/%s.ts deploys the previous version after the deployment has ended', async (name, statuses) => {
  const { history } = await perform(name);
  const moves = history.flatMap((event) => (event.kind === 'deployment' ? [event.status] : []));
  expect(moves).toEqual(statuses);
  const updates = history.flatMap((event) =>
    event.kind === 'call' && event.operation === 'UpdateService' ? [event.answer] : [],
  );
  expect(updates).toEqual(['ok']);
});

test('examples/rollback-automatic.ts starts the deployment that its guard cancels', async () => {
  const { history } = await perform('rollback-automatic');
  const moves = history.flatMap((event) => (event.kind === 'deployment' ? [event.status] : []));
  expect(moves).toEqual(['IN_PROGRESS', 'ROLLBACK_REQUESTED', 'ROLLBACK_SUCCESSFUL']);
});

test.each(Object.entries(NOT_RUN))('examples/%s.ts cancels at these positions of its pipeline', (name, positions) => {
  const [stack] = synthesize(name).stacks;
  expect(positionsIn(Template.fromJSON(stack?.template)).sort()).toEqual(positions);
});

interface OnFailure {
  readonly Conditions: readonly {
    readonly Result?: string;
    readonly Rules: readonly {
      readonly RuleTypeId: { readonly Provider: string };
      readonly Configuration: { readonly FunctionName: string };
    }[];
  }[];
}

/** The positions of cancellations in a pipeline. */
function positionsIn(template: Template): string[] {
  return Object.values(stagesOf(template)).flatMap(({ Name, Actions, OnFailure }) => [
    ...Actions.filter(({ ActionTypeId }) => ActionTypeId.Provider === 'StepFunctions').map((action) => {
      const { StateMachineArn, Input = '' } = action.Configuration;
      const machine = StateMachineArn === 'DeploymentCancellationWorkflowStateMachineCCA2B105' ? 'the workflow' : '?';
      const { clusterName } = JSON.parse(Input).deployment.identifiers;
      return `${Name}, ${action.RunOrder}: ${action.Name} starts ${machine} for ${clusterName}`;
    }),
    ...((OnFailure as OnFailure | undefined)?.Conditions ?? []).flatMap(({ Result = 'nothing', Rules }) =>
      Rules.map(({ RuleTypeId, Configuration }) => {
        const of = Configuration.FunctionName.replace(/CodePipelineFunction[0-9A-F]{8}$/, '');
        return `${Name}, when it fails: ${RuleTypeId.Provider} of ${of}, then ${Result}`;
      }),
    ),
  ]);
}
