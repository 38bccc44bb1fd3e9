import { createHash } from 'node:crypto';
import { uuidOf } from '../../../../emulator/core/ids';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import { restProtocol } from '../../../../emulator/core/protocols';
import type { ServiceFactory } from '../../../../emulator/core/service';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import { SCENARIO_NAMES, type ScenarioName } from '../../../../emulator/simulation/scenarios';
import { service } from '../../../../lambda/deployment/services/aws-api';
import { InvalidRequestError } from '../../../../lambda/parse';
import { AwsApiDeployment, type AwsApiDeploymentProps } from '../../../../lib';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { serviceWith } from '../../../emulator/services/service-with';
import { setUp } from '../run-to-end';
import { AWS } from './driver-tests';
import { fakeService } from './fake-service';
import { cancelDeployment, cancelKind, type KIND_ENDS } from './kind-outcomes';

setUp();

const { DEPLOYMENT_ID: ID, DEPLOYMENT_NUMBER: NUMBER } = AwsApiDeployment;
const resources = ['*'];
const PARENT = { ApplicationId: 'abc1234', EnvironmentId: 'prod123' };

const APPCONFIG: AwsApiDeploymentProps = {
  label: 'configuration of prod',
  service: 'appconfig',
  cancel: { action: 'appconfig:StopDeployment', parameters: { ...PARENT, DeploymentNumber: ID }, resources },
  read: {
    action: 'appconfig:GetDeployment',
    parameters: { ...PARENT, DeploymentNumber: NUMBER },
    resources,
    idPath: 'DeploymentNumber',
    statusPath: 'State',
    startTimePath: 'StartedAt',
  },
  statuses: {
    inProgress: ['DEPLOYING', 'BAKING', 'VALIDATING'],
    cancelling: ['ROLLING_BACK'],
    cancelled: ['ROLLED_BACK', 'REVERTED'],
    failed: [],
    succeeded: ['COMPLETE'],
  },
  notFoundErrors: ['ResourceNotFoundException'],
  refusedErrors: ['BadRequestException'],
};

/** The same API, without an ID. */
const NEWEST: AwsApiDeploymentProps = {
  ...APPCONFIG,
  read: {
    action: 'appconfig:ListDeployments',
    parameters: { ...PARENT, MaxResults: 1 },
    resources,
    idPath: 'Items[0].DeploymentNumber',
    statusPath: 'Items[0].State',
    startTimePath: 'Items[0].StartedAt',
  },
};

const SSM: AwsApiDeploymentProps = {
  label: 'automation',
  service: 'ssm',
  cancel: {
    action: 'ssm:StopAutomationExecution',
    parameters: { AutomationExecutionId: ID, Type: 'Cancel' },
    resources,
  },
  read: {
    action: 'ssm:GetAutomationExecution',
    parameters: { AutomationExecutionId: ID },
    resources,
    idPath: 'AutomationExecution.AutomationExecutionId',
    statusPath: 'AutomationExecution.AutomationExecutionStatus',
  },
  statuses: {
    inProgress: ['InProgress'],
    cancelling: ['Cancelling'],
    cancelled: ['Cancelled'],
    failed: ['Failed'],
    succeeded: ['Success'],
  },
  notFoundErrors: ['AutomationExecutionNotFoundException'],
};

const CODEBUILD: AwsApiDeploymentProps = {
  label: 'build of web',
  service: 'codebuild',
  cancel: { action: 'codebuild:StopBuild', parameters: { id: ID }, resources },
  read: {
    action: 'codebuild:BatchGetBuilds',
    parameters: { ids: [ID] },
    resources,
    idPath: 'builds[0].id',
    statusPath: 'builds[0].buildStatus',
  },
  statuses: {
    inProgress: ['IN_PROGRESS'],
    cancelling: [],
    cancelled: ['STOPPED'],
    failed: ['FAILED', 'FAULT', 'TIMED_OUT'],
    succeeded: ['SUCCEEDED'],
  },
};

const declared = (props: AwsApiDeploymentProps): Deployment => AwsApiDeployment.fromDeclaration(props)._toContract();
const digestsOf = ({ identifiers: { declaration = '' } }: Deployment) => [
  createHash('sha256').update(declaration).digest('hex'),
];

/** Cancels through the declared API. */
function cancelApi(
  props: AwsApiDeploymentProps,
  populate: ServiceFactory,
  more: Parameters<typeof cancelKind>[2] = {},
) {
  const deployment = declared(props);
  return cancelDeployment(deployment, service, populate, { apis: digestsOf(deployment), ...more });
}

type Ended = Awaited<ReturnType<typeof cancelDeployment>>;

const summaryOf = ({ result, cancelled }: Ended) => {
  const { outcome, failed, attributes } = result;
  return { outcome, failed, deploymentStatus: attributes.deploymentStatus, cancelled };
};

interface Equal {
  readonly kind: keyof typeof KIND_ENDS;
  readonly props: AwsApiDeploymentProps;
  /** The ID of the first deployment of the emulator, and the identifier of the kind that names it. */
  readonly id: string;
  readonly identifiers: Readonly<Record<string, string>>;
}

const EQUAL: readonly Equal[] = [
  { kind: 'appconfig-deployment', props: APPCONFIG, id: '1', identifiers: { deploymentNumber: '1' } },
  {
    kind: 'ssm-automation-execution',
    props: SSM,
    id: uuidOf('automation execution 1'),
    identifiers: { executionId: uuidOf('automation execution 1') },
  },
  {
    kind: 'codebuild-build',
    props: CODEBUILD,
    id: `web:${uuidOf('build 1')}`,
    identifiers: { buildId: `web:${uuidOf('build 1')}` },
  },
];

/** The scenarios that end soon. AppConfig has no status of a deployment that failed, so there a cancellation that fails never ends. */
const scenariosOf = (kind: keyof typeof KIND_ENDS) =>
  SCENARIO_NAMES.filter(
    (name) => name !== 'timeout' && name !== 'slow' && (name !== 'cancel-fails' || kind !== 'appconfig-deployment'),
  );

describe.each(EQUAL)('an API that is declared as data ends as the kind $kind', ({ kind, props, id, identifiers }) => {
  test.each(scenariosOf(kind))('%s', async (name) => {
    const { services: [populate] = [], faults } = scenarioOf(kind, name);
    const own = await cancelKind(kind, populate as ServiceFactory, { identifiers, faults });
    const api = await cancelApi({ ...props, deploymentId: id }, populate as ServiceFactory, { faults });
    expect(summaryOf(api)).toEqual(summaryOf(own));
    expect(own.result.outcome).not.toBe('ERROR');
  });
});

describe('the newest deployment, which a read without an ID returns', () => {
  const kind = 'appconfig-deployment';

  test.each(scenariosOf(kind).filter((name) => !['superseded', 'overtaken'].includes(name)))(
    '%s: as the kind',
    async (name) => {
      const { services: [populate] = [], faults } = scenarioOf(kind, name);
      const own = await cancelKind(kind, populate as ServiceFactory, { faults });
      const api = await cancelApi(NEWEST, populate as ServiceFactory, { faults });
      // The kind reads the pinned deployment with another operation, which is not throttled or denied here.
      expect(summaryOf(api)).toEqual(summaryOf(own));
    },
  );

  test.each<[ScenarioName, string, readonly number[]]>([
    ['superseded', 'SUPERSEDED', [0]],
    ['overtaken', 'NOTHING_TO_CANCEL', []],
  ])('%s: a newer one is neither cancelled nor awaited', async (name, outcome, cancelled) => {
    const { services: [populate] = [], faults } = scenarioOf(kind, name);
    const ended = await cancelApi(NEWEST, populate as ServiceFactory, { faults });
    expect(summaryOf(ended)).toEqual({ outcome, failed: false, deploymentStatus: 'UNKNOWN', cancelled });
  });

  const running = { at: -MINUTES, onCancel: { steps: [{ after: 40 * SECONDS, status: 'ROLLED_BACK' }] } };

  test('that started after the request is left alone', async () => {
    const requestedAt = new Date(0).toISOString();
    const ended = await cancelApi(NEWEST, serviceWith(kind, running), { otherFields: { requestedAt } });
    expect(summaryOf(ended)).toMatchObject({ outcome: 'SKIPPED', cancelled: [] });
  });

  test('a guard skips what was in flight when it was armed', async () => {
    const armed = await cancelApi(NEWEST, serviceWith(kind, running), { otherFields: { observeOnly: true } });
    expect(armed).toMatchObject({ result: { outcome: 'ARMED', attributes: { deploymentId: '1' } }, cancelled: [] });
    const otherFields = { ignoreDeploymentId: '1' };
    const left = await cancelApi(NEWEST, serviceWith(kind, running), { otherFields });
    expect(left).toMatchObject({ result: { outcome: 'SKIPPED' }, cancelled: [] });
  });
});

describe('an input', () => {
  const running = serviceWith('appconfig-deployment', { at: -MINUTES });

  test.each<[string, (deployment: Deployment) => Deployment]>([
    [
      'another API',
      () =>
        declared({
          ...NEWEST,
          cancel: { ...NEWEST.cancel, action: 'appconfig:DeleteEnvironment' },
        }),
    ],
    [
      'the same API with a space',
      ({ kind, identifiers }) => ({ kind, identifiers: { declaration: `${identifiers.declaration} ` } }),
    ],
  ])('cannot name %s', async (_what, change) => {
    const deployment = declared(NEWEST);
    const ended = await cancelDeployment(change(deployment), service, running, { apis: digestsOf(deployment) });
    expect(ended.cancelled).toEqual([]);
    expect(ended.result).toMatchObject({
      outcome: 'ERROR',
      reason:
        'the API of the aws-api-deployment is not declared: declare a cancellation of the same deployment in the stack of the workflow',
    });
  });

  test('cannot name any API in a stack that declares none', async () => {
    const ended = await cancelDeployment(declared(NEWEST), service, running);
    expect(ended).toMatchObject({ result: { outcome: 'ERROR' }, cancelled: [] });
  });

  test('of an API that reads by an ID needs the ID', async () => {
    const deployment = declared({ ...SSM, deploymentId: 'x' });
    const { declaration = '' } = deployment.identifiers;
    const without = { kind: deployment.kind, identifiers: { declaration } };
    const ended = await cancelDeployment(without, service, running, { apis: digestsOf(deployment) });
    expect(ended.result).toMatchObject({
      outcome: 'ERROR',
      reason: 'deployment.identifiers.deploymentId is missing: the declared API reads by an ID',
    });
  });
});

describe('the calls', () => {
  const ENVIRONMENT = '/applications/{ApplicationId}/environments/{EnvironmentId}/deployments';
  const { fake, driver } = fakeService({
    name: 'appconfig',
    protocol: restProtocol({
      routes: {
        ListDeployments: `GET ${ENVIRONMENT}`,
        GetDeployment: `GET ${ENVIRONMENT}/{DeploymentNumber}`,
        StopDeployment: `DELETE ${ENVIRONMENT}/{DeploymentNumber}`,
      },
      headers: { AllowRevert: 'Allow-Revert' },
      dates: 'iso',
    }),
    aws: AWS,
    service,
    deployment: declared({ ...APPCONFIG, deploymentId: '7' }),
  });
  const inputs = () => fake.calls.map(({ operation, input }) => ({ operation, ...input }));

  test('have the ID that was read, also where the API takes a number', async () => {
    fake.respond = () => ({ DeploymentNumber: 7, State: 'DEPLOYING' });
    expect(await driver().describe(undefined)).toMatchObject({
      deploymentId: '7',
      phase: 'IN_PROGRESS',
      isSpecified: true,
    });
    expect(await driver().cancel('7')).toMatchObject({ kind: 'found', deploymentId: '7', phase: 'CANCELLING' });
    expect(inputs()).toEqual([
      { operation: 'GetDeployment', ...PARENT, DeploymentNumber: '7' },
      { operation: 'StopDeployment', ...PARENT, DeploymentNumber: '7' },
    ]);
  });

  test('have values in place of the tokens, whose braces are no placeholders', async () => {
    const deployment = declared({ ...APPCONFIG, deploymentId: '7' });
    const text = deployment.identifiers.declaration?.replaceAll('abc1234', 'a-{parameter1}-{other}');
    const identifiers = { declaration: text ?? '', deploymentId: '7', parameter1: '{deploymentId}' };
    fake.respond = () => ({ DeploymentNumber: 7, State: 'DEPLOYING' });
    await driver({ deployment: { kind: deployment.kind, identifiers } }).describe('7');
    expect(inputs()).toMatchObject([{ ApplicationId: 'a-{deploymentId}-{other}' }]);
  });

  test('that read a status without a meaning find a deployment that is neither over nor safe to cancel', async () => {
    fake.respond = () => ({ DeploymentNumber: 7, State: 'REWINDING' });
    expect(await driver().describe('7')).toMatchObject({ phase: 'UNKNOWN', deploymentStatus: 'REWINDING' });
  });

  test.each([
    ['without the status', { DeploymentNumber: 7 }],
    ['without the ID', { State: 'DEPLOYING' }],
    ['about another deployment', { DeploymentNumber: 8, State: 'DEPLOYING' }],
  ])('with a response %s are invalid', async (_what, response) => {
    fake.respond = () => response;
    expect(await driver().describe('7')).toMatchObject({ errorType: 'unreachable', errorName: 'InvalidResponseError' });
  });

  test('have errors with the declared meanings, and else those of the SDK', async () => {
    const errorOf = async (type: string, statusCode: number) => {
      fake.fault = () => ({ kind: 'error', type, message: 'no', statusCode });
      const read = await driver().describe('7');
      const cancelled = await driver().cancel('7');
      return [read, cancelled].map((one) => ('errorType' in one ? one.errorType : one.kind));
    };
    expect(await errorOf('ResourceNotFoundException', 404)).toEqual(['not-found', 'conflict']);
    expect(await errorOf('BadRequestException', 400)).toEqual(['rejected', 'rejected']);
    expect(await errorOf('ThrottlingException', 429)).toEqual(['throttled', 'throttled']);
    expect(await errorOf('InternalServerException', 500)).toEqual(['server-error', 'server-error']);
    expect(await errorOf('AccessDeniedException', 403)).toEqual(['denied', 'denied']);
  });

  test('an error names the action and its resource', async () => {
    const cancel = { ...APPCONFIG.cancel, resources: [`arn:aws:appconfig:::deployment/${ID}`] };
    const deployment = declared({ ...APPCONFIG, cancel, deploymentId: '7' });
    fake.fault = () => ({ kind: 'error', type: 'AccessDeniedException', message: 'no', statusCode: 403 });
    expect(await driver({ deployment }).cancel('7')).toMatchObject({
      action: 'appconfig:StopDeployment',
      resourceArn: 'arn:aws:appconfig:::deployment/7',
    });
  });

  test.each<[string, Partial<AwsApiDeploymentProps>, string]>([
    ['client', { service: 'no-such-service' }, 'the runtime has no usable module @aws-sdk/client-no-such-service: '],
    [
      'operation',
      { cancel: { ...APPCONFIG.cancel, action: 'appconfig:AbortDeployment' } },
      '@aws-sdk/client-appconfig of the runtime has no AbortDeploymentCommand: check the declaration, or use a newer runtime',
    ],
  ])('of a %s that the runtime does not have are refused', (_what, change, message) => {
    const deployment = declared({ ...APPCONFIG, ...change, deploymentId: '7' });
    const create = () => driver({ deployment });
    expect(create).toThrow(InvalidRequestError);
    expect(create).toThrow(message);
    expect(fake.calls).toEqual([]);
  });
});
