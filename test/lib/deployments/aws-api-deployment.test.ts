import { createHash } from 'node:crypto';
import { App, Aws, CfnParameter, Duration, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { JsonPath } from 'aws-cdk-lib/aws-stepfunctions';
import { parseRequest } from '../../../lambda/parse';
import {
  AwsApiDeployment,
  type AwsApiDeploymentProps,
  CancelDeploymentTask,
  CancelOnRollback,
  DeploymentCancellation,
  DeploymentFleet,
  FleetCancellation,
} from '../../../lib';
import { CONTRACT_VERSION, ENVIRONMENT } from '../../../lib/contract/cancellation';
import { deploymentDefinition } from '../../../lib/deployments/kinds';
import { permissionsOf, synthesize } from '../../helpers/template';

const FUNCTION = 'DeploymentCancellationWorkflowDeploymentFunction0E230A73';
const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const EXECUTIONS = `arn:aws:states:us-east-1:111122223333:execution:Deploy`;
const ID = AwsApiDeployment.DEPLOYMENT_ID;

/** The newest execution of a state machine. */
const NEWEST: AwsApiDeploymentProps = {
  label: 'execution of Deploy',
  service: 'sfn',
  cancel: {
    action: 'states:StopExecution',
    resources: [`${EXECUTIONS}:*`],
    parameters: { executionArn: `${EXECUTIONS}:${ID}` },
  },
  read: {
    action: 'states:ListExecutions',
    resources: ['arn:aws:states:us-east-1:111122223333:stateMachine:Deploy'],
    parameters: { stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:Deploy', maxResults: 1 },
    idPath: 'executions[0].name',
    statusPath: 'executions[0].status',
    startTimePath: 'executions[0].startDate',
  },
  statuses: {
    inProgress: ['RUNNING'],
    cancelling: [],
    cancelled: ['ABORTED'],
    failed: ['FAILED', 'TIMED_OUT'],
    succeeded: ['SUCCEEDED'],
  },
  notFoundErrors: ['StateMachineDoesNotExist'],
};

/** One execution. */
const ONE: AwsApiDeploymentProps = {
  ...NEWEST,
  deploymentId: 'release-7',
  read: {
    action: 'states:DescribeExecution',
    resources: [`${EXECUTIONS}:*`],
    parameters: { executionArn: `${EXECUTIONS}:${ID}` },
    idPath: 'name',
    statusPath: 'status',
  },
};

const declare = (props: AwsApiDeploymentProps) => AwsApiDeployment.fromDeclaration(props);
const digest = (deployment: AwsApiDeployment) =>
  createHash('sha256')
    .update(deployment._toContract().identifiers.declaration ?? '')
    .digest('hex');
const environmentOf = (template: Template) =>
  template.findResources('AWS::Lambda::Function')[FUNCTION]?.Properties.Environment.Variables;

describe('a declaration', () => {
  test('allows the two actions on their resources, and no others', () => {
    const template = synthesize((stack) => {
      new DeploymentCancellation(stack, 'Cancellation', { deployment: declare(ONE) });
    });
    expect(permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => !/^(logs|xray):/.test(one))).toEqual([
      `states:DescribeExecution on ${EXECUTIONS}:*`,
      `states:StopExecution on ${EXECUTIONS}:*`,
    ]);
  });

  test.each([
    ['a cancellation', (stack: Stack) => new DeploymentCancellation(stack, 'Cancel', { deployment: declare(ONE) })],
    ['a guard', (stack: Stack) => new CancelOnRollback(stack, 'Guard', { deployment: declare(ONE), trigger: '1' })],
    ['a task', (stack: Stack) => new CancelDeploymentTask(stack, 'Task', { deployment: declare(ONE) })],
    [
      'a fleet',
      (stack: Stack) =>
        new FleetCancellation(stack, 'Fleet', { fleet: DeploymentFleet.fromDeployments([declare(ONE)]) }),
    ],
  ])('is fixed in the environment of the function by %s', (_what, build) => {
    const variables = environmentOf(synthesize(build));
    expect(JSON.parse(variables[ENVIRONMENT.apis])).toEqual([digest(declare(ONE))]);
  });

  test('is in the environment once, and not at all without one', () => {
    const template = synthesize((stack) => {
      new DeploymentCancellation(stack, 'A', { deployment: declare(ONE) });
      new DeploymentCancellation(stack, 'B', { deployment: declare({ ...ONE, deploymentId: 'other' }) });
      new DeploymentCancellation(stack, 'C', { deployment: declare(NEWEST) });
    });
    expect(JSON.parse(environmentOf(template)[ENVIRONMENT.apis])).toEqual([
      digest(declare(ONE)),
      digest(declare(NEWEST)),
    ]);
    const stack = new Stack(new App(), 'Stack');
    for (let count = 0; count < 30; count++) {
      new DeploymentCancellation(stack, `C${count}`, { deployment: declare({ ...ONE, label: `execution ${count}` }) });
    }
    expect(() => new DeploymentCancellation(stack, 'Last', { deployment: declare(NEWEST) })).toThrow(
      'a stack can declare at most 30 APIs: use several stacks',
    );
  });

  test('is what the handlers read, and has a name for people', () => {
    for (const [props, name] of [
      [ONE, 'execution of Deploy release-7'],
      [NEWEST, 'execution of Deploy'],
    ] as const) {
      const deployment = declare(props)._toContract();
      const request = { contractVersion: CONTRACT_VERSION, deployment, settings: { timeoutSeconds: 60 } };
      expect(parseRequest(request).deployment).toEqual(deployment);
      expect(declare(props).displayName).toBe(name);
    }
  });

  test('has an experimental kind, which cancels by the ID', () => {
    expect(deploymentDefinition('aws-api-deployment')).toMatchObject({
      className: 'AwsApiDeployment',
      lifecycle: 'experimental',
      cancelsById: true,
    });
  });

  test('has no attributes of its own', () => {
    const stack = new Stack(new App(), 'Stack');
    const { attributes } = new DeploymentCancellation(stack, 'Cancellation', { deployment: declare(ONE) });
    expect(() => attributes.arn).toThrow(
      'AwsApiDeployment of kind aws-api-deployment has no attribute arn: it has none',
    );
  });
});

describe('tokens', () => {
  const stack = new Stack(new App(), 'Stack');
  const name = new CfnParameter(stack, 'Name').valueAsString;

  test('in strings of parameters and resources become identifiers, and the declaration has none', () => {
    const arn = `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${name}:${ID}`;
    const call = { parameters: { executionArn: arn, tags: [name] }, resources: [arn.replace(ID, '*')] };
    const deployment = declare({ ...ONE, cancel: { ...ONE.cancel, ...call }, read: { ...ONE.read, ...call } });
    const { declaration = '', deploymentId, ...parameters } = deployment._toContract().identifiers;
    expect(Token.isUnresolved(declaration)).toBe(false);
    expect(deploymentId).toBe('release-7');
    expect(stack.resolve(parameters)).toEqual({
      parameter1: { Ref: 'AWS::Partition' },
      parameter2: { Ref: 'AWS::Region' },
      parameter3: { Ref: 'AWS::AccountId' },
      parameter4: { Ref: 'Name' },
    });
    const path = 'arn:{parameter1}:states:{parameter2}:{parameter3}:execution:{parameter4}';
    expect(JSON.parse(declaration).cancel).toEqual({
      action: 'states:StopExecution',
      parameters: { executionArn: `${path}:{deploymentId}`, tags: ['{parameter4}'] },
      resource: `${path}:*`,
    });
  });

  test('of a state machine can be the ID, but nothing that a permission depends on', () => {
    const task = (props: AwsApiDeploymentProps) => () => {
      const template = synthesize((scope) => {
        new CancelDeploymentTask(scope, 'Task', { deployment: declare(props), timeout: Duration.minutes(5) });
      });
      return JSON.parse(environmentOf(template)[ENVIRONMENT.apis]);
    };
    expect(task({ ...ONE, deploymentId: JsonPath.stringAt('$.name') })()).toEqual([digest(declare(ONE))]);
    const resources = [`${EXECUTIONS}:${JsonPath.stringAt('$.name')}`];
    expect(task({ ...ONE, cancel: { ...ONE.cancel, resources } })).toThrow('contains a path');
  });

  test.each<[string, Partial<AwsApiDeploymentProps>, string]>([
    ['a number', { cancel: { ...ONE.cancel, parameters: { id: ID, count: Token.asNumber(Fn.ref('Name')) } } }, 'count'],
    ['a list', { cancel: { ...ONE.cancel, parameters: { id: ID, names: Fn.split(',', name) } } }, 'names'],
    ['an object', { cancel: { ...ONE.cancel, parameters: { id: ID, map: Lazy.any({ produce: () => ({}) }) } } }, 'map'],
  ])('that are %s are rejected', (_what, change, property) => {
    expect(() => declare({ ...ONE, ...change })).toThrow(`${property} must not be a token, unless it is a string`);
  });

  test('are at most nine', () => {
    const names = Array.from({ length: 10 }, (_, index) => new CfnParameter(stack, `Name${index}`).valueAsString);
    const withNames = (count: number) => () =>
      declare({ ...ONE, cancel: { ...ONE.cancel, parameters: { id: ID, names: names.slice(0, count) } } });
    expect(withNames(9)).not.toThrow();
    expect(withNames(10)).toThrow('there can be at most 9 different tokens');
  });
});

describe('what is rejected at synthesis', () => {
  const read = (change: object) => ({ read: { ...ONE.read, ...change } });
  const cancel = (change: object) => ({ cancel: { ...ONE.cancel, ...change } });
  const statuses = (change: object) => ({ statuses: { ...ONE.statuses, ...change } });
  const WITHOUT_ID =
    'declaration cancel.parameters must contain AwsApiDeployment.DEPLOYMENT_ID: without it, a newer deployment could be cancelled';

  test.each<[string, object, string]>([
    ['a cancel request without the ID', cancel({ parameters: { stateMachineArn: 'arn' } }), WITHOUT_ID],
    ['a cancel request with the ID as a name', cancel({ parameters: { [ID]: 'x' } }), WITHOUT_ID],
    [
      'a read by the ID without an ID',
      { deploymentId: undefined },
      'deploymentId is required, because the parameters of read contain it',
    ],
    [
      'a read without the ID and the start time',
      read({ parameters: {} }),
      'declaration read.startTimePath is required if read.parameters do not contain AwsApiDeployment.DEPLOYMENT_ID: a deployment that started after the request is not cancelled',
    ],
    ['no label', { label: '' }, "declaration label must have 1 to 60 characters of ASCII, not ''"],
    ['a label of two lines', { label: 'a\nb' }, 'declaration label must have 1 to 60 characters of ASCII'],
    ['a label with a token', { label: Aws.REGION }, 'declaration label must have 1 to 60 characters of ASCII'],
    [
      'a module in place of its end',
      { service: '@aws-sdk/client-sfn' },
      "declaration service must be one such as sfn of @aws-sdk/client-sfn, not '@aws-sdk/client-sfn'",
    ],
    ['another module', { service: '../fs' }, 'declaration service must be one such as sfn'],
    [
      'an action with a wildcard',
      cancel({ action: 'states:*' }),
      "declaration action must be an IAM action without wildcards, not 'states:*'",
    ],
    [
      'no action',
      cancel({ action: undefined }),
      'cancel must be a call with an action and resources, not {"resources"',
    ],
    ['no resources', read({ resources: [] }), 'read must be a call with an action and resources, not {"action"'],
    ['no call', { read: undefined }, 'read must be a call with an action and resources, not undefined'],
    [
      'a wrong path',
      read({ statusPath: '$.status' }),
      "declaration read.statusPath must be a path in the response, such as Items[0].State, not '$.status'",
    ],
    ['no path of the ID', read({ idPath: undefined }), 'declaration read.idPath must be a path in the response'],
    ['a wrong path of the start', read({ startTimePath: '' }), 'declaration read.startTimePath must be a path'],
    ['a status twice', statuses({ failed: ['RUNNING'] }), 'declaration statuses must have RUNNING once'],
    ['no name of a status', statuses({ failed: [''] }), 'declaration statuses must be names of statuses'],
    [
      'no status in progress',
      statuses({ inProgress: [] }),
      'declaration statuses.inProgress must name a status: no other is cancelled',
    ],
    [
      'no status of an end',
      { statuses: { inProgress: ['RUNNING'], cancelling: [], cancelled: [], failed: [], succeeded: [] } },
      'declaration statuses must name one of a deployment that is over',
    ],
    [
      'no statuses',
      { statuses: undefined },
      'declaration must be the JSON of an AwsApiDeployment with all required properties',
    ],
    [
      'a declaration that does not fit into the state of a guard',
      cancel({ parameters: { id: ID, comment: 'x'.repeat(2_000) } }),
      'declaration must have at most 2000 characters as JSON, not ',
    ],
    ['an ID with a space', { deploymentId: 'a b' }, 'deploymentId must have 1 to 100 visible characters of ASCII'],
    ['an ID that is too long', { deploymentId: 'x'.repeat(101) }, 'deploymentId must have 1 to 100 visible'],
  ])('%s', (_what, change, message) => {
    expect(() => declare({ ...ONE, ...change })).toThrow(message);
  });
});
