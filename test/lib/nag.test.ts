import { App, Stack, Validations } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import {
  CancelDeploymentAction,
  CancelDeploymentTask,
  CancellationDashboard,
  CancellationWorkflow,
  type CancellationWorkflowOptions,
  CancelOnRollback,
  CancelOnStageFailure,
  DeploymentCancellation,
  FleetCancellation,
  ProtonFleet,
  StackRollbackRule,
} from '../../lib';
import { approval, deployment, pipelineWith } from '../helpers/pipeline-fixtures';
import { recommendedFlags } from '../helpers/template';

interface Findings {
  /** As `rule at construct`. */
  readonly open: readonly string[];
  readonly acknowledged: readonly string[];
}

/** The findings of both packs in an app, without pipelines, networks and keys that do not belong to the library. */
function findingsIn(app: App, where?: RegExp): Findings {
  const acknowledged: string[] = [];
  const open = [new AwsSolutionsChecks(app), new ServerlessChecks(app)].flatMap((pack) => {
    watchAcknowledgements(pack, (rule, { node }) => acknowledged.push(`${rule} at ${node.path}`));
    return pack
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
      );
  });
  const ours = (finding: string) =>
    where ? where.test(finding) : !/ at Stack\/(Pipeline\/(?!ListFunctions)|Bucket|Vpc|Key)/.test(finding);
  return { open: open.filter(ours).sort(), acknowledged: acknowledged.filter(ours).sort() };
}

/** Collects the acknowledged findings, one by one. */
function watchAcknowledgements(pack: NagPack, report: (rule: string, resource: IConstruct) => void): void {
  const isAcknowledged: (resource: IConstruct, rule: string) => boolean = Reflect.get(pack, 'isAcknowledged');
  Reflect.set(pack, 'isAcknowledged', (resource: IConstruct, rule: string) => {
    const known = isAcknowledged.call(pack, resource, rule);
    if (known) report(rule, resource);
    return known;
  });
}

/** An app with every construct in one stack. */
function everything(optionsIn: (stack: Stack) => CancellationWorkflowOptions, context?: Record<string, unknown>): App {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  const options = optionsIn(stack);
  new DeploymentCancellation(stack, 'Cancel', { deployment, ...options });
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web'), ...options });
  new CancelOnRollback(stack, 'Guard', { deployment, ...options }).alarmOnFailure('Failed');
  new CancellationDashboard(stack, 'Dashboard');
  CancellationWorkflow.of(stack).alarmOnUndeliveredResponse('Unanswered');
  const pipeline = pipelineWith(stack, [{ stageName: 'Release', actions: [approval()] }]);
  new CancelOnStageFailure(stack, 'OnFailure', { pipeline, stageName: 'Release', deployment });
  new StackRollbackRule(stack, 'Rule', { deployment, stackNames: ['other'] });
  return app;
}

const WORKFLOW = 'Stack/DeploymentCancellationWorkflow';
const FLEET = 'Stack/FleetCancellationWorkflow';
const MACHINES = [WORKFLOW, FLEET, 'Stack/OnFailure'].map((path) => `${path}/StateMachine/Resource`);
const FUNCTIONS = [`${WORKFLOW}/Deployment`, `${WORKFLOW}/CloudFormation`, 'Stack/OnFailure/CodePipeline'];
const ASYNCHRONOUS = FUNCTIONS.filter((path) => !path.endsWith('/Deployment'));
const DEPLOYMENT_POLICY = `${WORKFLOW}/DeploymentRole/DefaultPolicy/Resource`;
const CLOUDFORMATION_POLICY = `${WORKFLOW}/CloudFormationPolicy/Resource`;
const ON_FAILURE_POLICY = 'Stack/OnFailure/StateMachine/Role/DefaultPolicy/Resource';

const everywhere = (rule: string, ...paths: string[]) => paths.map((path) => `${rule} at ${path}`);
const wildcard = (resource: string, ...paths: string[]) =>
  everywhere(`AwsSolutions-IAM5[Resource::${resource}]`, ...paths);
const arn = (service: string, resource: string) =>
  `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>:${resource}`;

/** The acknowledged findings with all options: wildcards for unknown names and actions without a resource type, and queues. */
const ALWAYS = [
  ...wildcard('*', DEPLOYMENT_POLICY, ON_FAILURE_POLICY, 'Stack/Pipeline/ListFunctions/Resource'),
  ...wildcard('*', ...[WORKFLOW, FLEET].map((path) => `${path}/StateMachineRole/Resource`)),
  ...wildcard(arn('proton', 'deployment/*'), DEPLOYMENT_POLICY, 'Stack/Guard/Permissionb3af0369/Resource'),
  ...wildcard(arn('proton', 'service/web/service-instance/*'), DEPLOYMENT_POLICY),
  ...wildcard(arn('ssm', 'parameter/deployment-cancellation/Stack/*'), `${WORKFLOW}/CloudFormationRole/Resource`),
  ...['DeploymentCancellationWorkflowStateMachineCCA2B105', 'FleetCancellationWorkflowStateMachineF2636318'].flatMap(
    (id) => wildcard(arn('states', `execution:<${id}.Name>:*`), CLOUDFORMATION_POLICY),
  ),
  ...wildcard(
    arn(
      'states',
      'execution:{"Fn::Select":[6,{"Fn::Split":[":",{"Ref":"DeploymentCancellationWorkflowStateMachineCCA2B105"}]}]}*',
    ),
    ON_FAILURE_POLICY,
  ),
  ...everywhere('Serverless-LambdaDLQ', ...FUNCTIONS.map((path) => `${path}Function/Resource`)),
  ...everywhere(
    'Serverless-LambdaAsyncFailureDestination',
    ...ASYNCHRONOUS.map((path) => `${path}Function/EventInvokeConfig/Resource`),
  ),
  ...everywhere(
    'Serverless-EventBusDLQ',
    ...[`${WORKFLOW}/LostExecutions`, `${FLEET}/LostExecutions`, 'Stack/Rule/Rule'].map((path) => `${path}/Resource`),
  ),
];

/** The further ones without tracing. */
const UNTRACED = [
  ...everywhere('AwsSolutions-SF2', ...MACHINES),
  ...everywhere('Serverless-StepFunctionStateMachineXray', ...MACHINES),
  ...everywhere('Serverless-LambdaTracing', ...FUNCTIONS.map((path) => `${path}Function/Resource`)),
];

/** The further ones with tracing, in a VPC. */
const TRACED_IN_NETWORK = FUNCTIONS.flatMap((path) => [
  ...wildcard('arn:<AWS::Partition>:ec2:<AWS::Region>:*:*/*', `${path}Role/Resource`),
  ...wildcard('*', `${path}Role/Resource`),
  ...everywhere('Serverless-LambdaStarPermissions', `${path}Role/Resource`),
  // The actions of X-Ray. The deployment function has this wildcard in the same policy already.
  ...(path.endsWith('/Deployment') ? [] : wildcard('*', `${path}Role/DefaultPolicy/Resource`)),
]);

test.each<[string, Record<string, unknown> | undefined]>([
  ['no feature flags', undefined],
  ['all recommended feature flags', recommendedFlags()],
])('all findings are acknowledged, one by one, with %s', (_what, context) => {
  const app = everything(() => ({}), context);
  expect(findingsIn(app)).toEqual({ open: [], acknowledged: [...ALWAYS, ...UNTRACED].sort() });
});

test('all findings are acknowledged with a key, with tracing and in a VPC', () => {
  const app = everything((stack) => ({
    encryptionKey: new Key(stack, 'Key'),
    vpc: new Vpc(stack, 'Vpc'),
    tracing: true,
  }));
  expect(findingsIn(app)).toEqual({ open: [], acknowledged: [...ALWAYS, ...TRACED_IN_NETWORK].sort() });
});

test('all findings are acknowledged with roles and a log group of the user', () => {
  const role = (stack: Stack, id: string, service: string) =>
    new Role(stack, id, { assumedBy: new ServicePrincipal(`${service}.amazonaws.com`) });
  const app = everything((stack) => {
    const logGroup = new LogGroup(stack, 'Logs');
    // They are decided by the first construct.
    CancellationWorkflow.of(stack, {
      logGroup,
      deploymentRole: role(stack, 'DeploymentRole', 'lambda'),
      cloudFormationRole: role(stack, 'CloudFormationRole', 'lambda'),
      stateMachineRole: role(stack, 'StateMachineRole', 'states'),
    });
    return { vpc: new Vpc(stack, 'Vpc'), tracing: true };
  });
  const { open, acknowledged } = findingsIn(app);
  expect(open).toEqual([]);
  expect(acknowledged.some((finding) => finding.includes('DeploymentRolePolicy/Resource'))).toBe(true);
});

test('findings in other constructs of the stack are still reported', () => {
  const app = everything(() => ({}));
  const stack = app.node.findChild('Stack') as Stack;
  const role = new Role(stack, 'Mine', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
  expect(findingsIn(app).open).toEqual(['AwsSolutions-IAM5[Resource::*] at Stack/Mine/DefaultPolicy/Resource']);
});

test('the reason of every acknowledgement consists of sentences', () => {
  const reasons = everything(() => ({}))
    .node.findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.values<string>(data));
  expect(reasons.length).toBeGreaterThan(0);
  for (const reason of reasons) expect(reason).toMatch(/^[A-Z].{40,}\.$/);
});

test('a task and an action leave no findings on the roles that they add permissions to', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const task = new CancelDeploymentTask(stack, 'Task', { deployment });
  new StateMachine(stack, 'Mine', { definitionBody: DefinitionBody.fromChainable(task) });
  const action = new CancelDeploymentAction({ actionName: 'Cancel', deployment });
  pipelineWith(stack, [{ stageName: 'Release', actions: [action] }]);
  app.synth();
  const { open, acknowledged } = findingsIn(app, / at Stack\/(Mine\/Role|Pipeline\/Release)\//);
  expect(open).toEqual([]);
  expect(acknowledged.map((finding) => finding.replace(/\[.* at /, ' at '))).toEqual([
    'AwsSolutions-IAM5 at Stack/Mine/Role/DefaultPolicy/Resource',
    'AwsSolutions-IAM5 at Stack/Pipeline/Release/Cancel/CodePipelineActionRole/DefaultPolicy/Resource',
  ]);
});
