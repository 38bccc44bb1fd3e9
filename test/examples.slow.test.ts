import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { EXAMPLE_NAMES, EXAMPLES, type Example, type ExampleName } from '../bin/scenarios/examples';
import { VirtualClock } from '../emulator/core/clock';
import { Assembly } from '../emulator/simulation/assembly';
import { type Report, run } from '../emulator/simulation/run';
import { stagesOf } from './helpers/pipeline-fixtures';
import { recommendedFlags } from './helpers/template';

const FOLDER = join(__dirname, '..', 'examples');
const files = readdirSync(FOLDER).sort();

/** What has to come of an example that runs on the embedded cloud. */
interface Ending {
  readonly stack: 'CREATE_COMPLETE' | 'ROLLBACK_COMPLETE';
  /** Default: none. */
  readonly outputs?: readonly string[];
  /** What is in flight, or was, in the order in which something happened to it, and how it ended. */
  readonly deployments: readonly string[];
  readonly cancels: number;
  readonly told?: readonly RegExp[];
}

const WEB_PROD = 'service/web/service-instance/web-prod';
const API = 'service/api';

const RUN: Readonly<Record<ExampleName, Ending>> = {
  basic: { stack: 'CREATE_COMPLETE', outputs: ['CANCELLED'], deployments: [`${WEB_PROD} CANCELLED`], cancels: 1 },
  fleet: {
    stack: 'CREATE_COMPLETE',
    outputs: ['1 deployment: 1 cancelled', '2 deployments: 1 cancelled, 1 untouched', '3 deployments: 3 cancelled'],
    deployments: [
      'environment/prod CANCELLED',
      `${API}/pipeline CANCELLED`,
      `${API}/service-instance/api-prod CANCELLED`,
      `${API}/service-instance/api-staging CANCELLED`,
      `${WEB_PROD} CANCELLED`,
    ],
    cancels: 5,
  },
  'rollback-by-hand': {
    stack: 'CREATE_COMPLETE',
    outputs: ['CANCELLED', 'CANCELLED'],
    deployments: [`${WEB_PROD} CANCELLED`, `${WEB_PROD} IN_PROGRESS`],
    cancels: 1,
  },
  'rollback-automatic': { stack: 'ROLLBACK_COMPLETE', deployments: [`${WEB_PROD} CANCELLED`], cancels: 1 },
  'rollback-from-outside': { stack: 'ROLLBACK_COMPLETE', deployments: [`${WEB_PROD} CANCELLED`], cancels: 1 },
  'step-functions-task': {
    stack: 'CREATE_COMPLETE',
    deployments: [`${WEB_PROD} CANCELLED`],
    cancels: 1,
    told: [/^cancelled: deployment \S+ of service instance web\/web-prod is CANCELLED$/],
  },
  'step-functions-fragment': {
    stack: 'CREATE_COMPLETE',
    deployments: [`${WEB_PROD} CANCELLED`, `${WEB_PROD} IN_PROGRESS`],
    cancels: 1,
  },
  'eventbridge-target': { stack: 'CREATE_COMPLETE', deployments: [`${WEB_PROD} CANCELLED`], cancels: 1 },
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
  'codedeploy-deployment': {
    stack: 'CREATE_COMPLETE',
    outputs: ['CANCELLED', 'Stopped'],
    deployments: ['shop/web Stopped', 'shop/web Succeeded'],
    cancels: 1,
  },
  'workflow-of-another-stack': { stack: 'CREATE_COMPLETE', deployments: [`${WEB_PROD} CANCELLED`], cancels: 1 },
};

/** Those that need CodePipeline and CodeBuild, which the embedded cloud has not, and where each of them cancels. */
const NOT_RUN: Readonly<Record<string, readonly string[]>> = {
  'codepipeline-action': ['Stop, 2: CancelWebProd starts the workflow for web-prod'],
  'codepipeline-stage-failure': ['Release, when it fails: LambdaInvoke of CancelWhenReleaseFails, then ROLLBACK'],
  'pipelines-stage-failure': ['Production, when it fails: LambdaInvoke of CancelWhenProductionFails, then nothing'],
  'pipelines-step': [
    'Europe, 1: CancelAmerica starts the workflow for web-america',
    'Europe, 1: CancelEurope starts the workflow for web-europe',
    'Test, 1: CancelStaleRelease starts the workflow for web-test',
    'Test, 4: CancelCanary starts the workflow for web-canary',
  ],
};

// As the CDK CLI would: with the context of cdk.json.
beforeAll(() => {
  process.env.CDK_CONTEXT_JSON = JSON.stringify(recommendedFlags());
});
afterAll(() => {
  delete process.env.CDK_CONTEXT_JSON;
});

function appOf(name: string): App {
  return require(join(FOLDER, name)).app;
}

function synthesised(name: string): CloudAssembly {
  return appOf(name).synth();
}

test('every example is run, or is among those that cannot be', () => {
  expect([...EXAMPLE_NAMES, ...Object.keys(NOT_RUN)].map((name) => `${name}.ts`).sort()).toEqual(files);
});

describe.each(files.map((file) => file.replace(/\.ts$/, '')))('examples/%s.ts', (name) => {
  test('says in its first line how to run it, or how to synthesise it', () => {
    const [first] = readFileSync(join(FOLDER, `${name}.ts`), 'utf8').split('\n');
    expect(first).toBe(
      Object.hasOwn(NOT_RUN, name)
        ? `// npx cdk synth --app "npx tsx examples/${name}.ts"`
        : `// npm start -- --scenario examples/${name}`,
    );
  });

  test('synthesises, without a warning, stacks of which one holds the workflow', () => {
    const { stacksRecursively } = synthesised(name);
    expect(stacksRecursively.flatMap(({ messages }) => messages.map(({ entry }) => entry.data))).toEqual([]);
    const machines = stacksRecursively
      .flatMap(({ template }) => Object.keys(template.Resources))
      .filter((id) => /^DeploymentCancellationWorkflowStateMachine[0-9A-F]{8}$/.test(id));
    expect(machines).toEqual(['DeploymentCancellationWorkflowStateMachineCCA2B105']);
  });
});

/** Each is run once, however many tests look at it. */
const reports = new Map<ExampleName, Promise<Report>>();

function perform(name: ExampleName): Promise<Report> {
  const { seed, services, operations }: Example = EXAMPLES[name];
  const assembly = new Assembly(synthesised(name).directory);
  const report =
    reports.get(name) ?? run({ clock: new VirtualClock(), assembly, operations, scenario: { name, seed, services } });
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

const failsOnPurpose = (name: ExampleName) => RUN[name].stack === 'ROLLBACK_COMPLETE';

test.each(EXAMPLE_NAMES)('examples/%s.ts does on the embedded cloud what it promises', async (name) => {
  const { stack, outputs = [], deployments, cancels, told = [] } = RUN[name];
  const report = await perform(name);
  const { history, stackStatus, statusReason } = report;
  expect({ stackStatus, statusReason }).toEqual({
    stackStatus: stack,
    statusReason: failsOnPurpose(name) ? 'the check says no' : null,
  });
  expect(Object.values(report.outputs).sort()).toEqual(outputs);
  // Those of a fleet are cancelled at the same time.
  expect(name === 'fleet' ? deploymentsIn(report).sort() : deploymentsIn(report)).toEqual(deployments);
  const accepted = history.filter(
    (event) =>
      event.kind === 'call' &&
      /^(Cancel|Stop)\w*(Deployment|Stack|PipelineExecution)$/.test(event.operation) &&
      event.answer === 'ok',
  );
  expect(accepted).toHaveLength(cancels);
  const messages = history.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
  expect(messages).toEqual(told.map((text) => expect.stringMatching(text)));
});

test.each<ExampleName>(['rollback-by-hand', 'step-functions-fragment'])(
  'examples/%s.ts puts the previous version back when the cancelled deployment is over, and not before',
  async (name) => {
    const { history } = await perform(name);
    const moves = history.flatMap((event) => (event.kind === 'deployment' ? [event.status] : []));
    expect(moves).toEqual(['CANCELLING', 'CANCELLED', 'IN_PROGRESS']);
    const updates = history.flatMap((event) =>
      event.kind === 'call' && event.operation === 'UpdateServiceInstance' ? [event.answer] : [],
    );
    expect(updates).toEqual(['ok']);
  },
);

test('examples/rollback-automatic.ts starts the deployment that it cancels, under the watch of its guard', async () => {
  const { history } = await perform('rollback-automatic');
  const moves = history.flatMap((event) => (event.kind === 'deployment' ? [event.status] : []));
  expect(moves).toEqual(['IN_PROGRESS', 'CANCELLING', 'CANCELLED']);
});

test.each(Object.entries(NOT_RUN))('examples/%s.ts defines where CodePipeline cancels', (name, places) => {
  const [stack] = synthesised(name).stacks;
  expect(placesIn(Template.fromJSON(stack?.template)).sort()).toEqual(places);
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

/** The places in a pipeline that have to do with a cancellation, each in a line. */
function placesIn(template: Template): string[] {
  return Object.values(stagesOf(template)).flatMap(({ Name, Actions, OnFailure }) => [
    ...Actions.filter(({ ActionTypeId }) => ActionTypeId.Provider === 'StepFunctions').map((action) => {
      const { StateMachineArn, Input = '' } = action.Configuration;
      const machine = StateMachineArn === 'DeploymentCancellationWorkflowStateMachineCCA2B105' ? 'the workflow' : '?';
      const { serviceInstanceName } = JSON.parse(Input).deployment.identifiers;
      return `${Name}, ${action.RunOrder}: ${action.Name} starts ${machine} for ${serviceInstanceName}`;
    }),
    ...((OnFailure as OnFailure | undefined)?.Conditions ?? []).flatMap(({ Result = 'nothing', Rules }) =>
      Rules.map(({ RuleTypeId, Configuration }) => {
        const of = Configuration.FunctionName.replace(/CodePipelineFunction[0-9A-F]{8}$/, '');
        return `${Name}, when it fails: ${RuleTypeId.Provider} of ${of}, then ${Result}`;
      }),
    ),
  ]);
}
