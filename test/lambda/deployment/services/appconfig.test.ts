import { DeploymentState } from '@aws-sdk/client-appconfig';
import { restProtocol } from '../../../../emulator/core/protocols';
import { STATUSES, service } from '../../../../lambda/deployment/services/appconfig';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { testDriver } from './driver-tests';

const PATH = 'application/abc1234/environment/prod123';
const ENVIRONMENT = `arn:aws-cn:appconfig:cn-north-1:111122223333:${PATH}`;
const ROUTE = '/applications/{ApplicationId}/environments/{EnvironmentId}/deployments';
const IDS = { applicationId: 'abc1234', environmentId: 'prod123' };
const BY_ID: Deployment = { kind: 'appconfig-deployment', identifiers: IDS };
const ONE: Deployment = { ...BY_ID, identifiers: { ...IDS, deploymentNumber: '7' } };
const STARTED = '2027-01-01T10:00:00Z';
const INPUT = { ApplicationId: 'abc1234', EnvironmentId: 'prod123' };

interface Changes {
  readonly id?: string;
  readonly status?: string;
  readonly message?: string;
}

const summary = ({ id, status }: Changes) => ({
  DeploymentNumber: id === undefined || !/^\d/.test(id) ? undefined : Number(id),
  ConfigurationName: 'features',
  State: status,
  StartedAt: STARTED,
});
const described = ({ message, ...changes }: Changes) => ({
  ...INPUT,
  ...summary(changes),
  Description: 'hunter3',
  EventLog: [{ Description: message }, { Description: 'hunter3' }],
});

const { fake, driver, invoke, calls } = testDriver({
  name: 'appconfig',
  protocol: restProtocol({
    routes: {
      ListDeployments: `GET ${ROUTE}`,
      GetDeployment: `GET ${ROUTE}/{DeploymentNumber}`,
      StopDeployment: `DELETE ${ROUTE}/{DeploymentNumber}`,
    },
    headers: { AllowRevert: 'Allow-Revert' },
    dates: 'iso',
  }),
  service,
  deployment: BY_ID,
  table: STATUSES,
  statuses: DeploymentState,
  phases: {
    DEPLOYING: 'IN_PROGRESS',
    BAKING: 'IN_PROGRESS',
    VALIDATING: 'IN_PROGRESS',
    ROLLING_BACK: 'CANCELLING',
    ROLLED_BACK: 'CANCELLED',
    REVERTED: 'CANCELLED',
    COMPLETE: 'COMPLETED',
  },
  found: {
    kind: 'found',
    phase: 'IN_PROGRESS',
    deploymentStatus: 'DEPLOYING',
    deploymentId: '7',
    startedAt: Date.parse(STARTED),
    attributes: { arn: ENVIRONMENT, name: 'features' },
  },
  otherId: '8',
  stopping: 'ROLLING_BACK',
  find: {
    operation: 'ListDeployments',
    arn: ENVIRONMENT,
    input: { ...INPUT, max_results: '50' },
    startedAt: Date.parse(STARTED),
    response: (changes) => ({ Items: [summary(changes)] }),
  },
  listHasNoMessage: true,
  get: {
    operation: 'GetDeployment',
    arn: ENVIRONMENT,
    input: { ...INPUT, DeploymentNumber: '7' },
    startedAt: Date.parse(STARTED),
    response: described,
  },
  stop: {
    operation: 'StopDeployment',
    arn: ENVIRONMENT,
    input: { ...INPUT, DeploymentNumber: '7', AllowRevert: 'false' },
    startedAt: Date.parse(STARTED),
    response: (changes) => described({ ...changes, status: 'ROLLING_BACK' }),
  },
  errors: { BadRequestException: 'rejected' },
  notFound: 'ResourceNotFoundException',
  partialResponse: { Items: [{}] },
});

test('a deployment that completes first is reverted only if that is requested', async () => {
  fake.respond = () => described({ id: '7', status: 'ROLLING_BACK' });
  const allowing: Deployment = { ...BY_ID, options: { allowRevert: true } };
  await invoke({ ...calls.stop, deployment: allowing, input: { ...calls.stop.input, AllowRevert: 'true' } });
});

test('a specified deployment is read by its number, and not looked up in the list', async () => {
  fake.respond = () => described({ id: '7', status: 'BAKING' });
  expect(await driver({ deployment: ONE }).describe(undefined)).toMatchObject({ deploymentId: '7', isSpecified: true });
  expect(fake.calls.map(({ operation }) => operation)).toEqual(['GetDeployment']);
});

test.each([{ ApplicationId: 'other12' }, { EnvironmentId: 'other12' }])(
  'a response about another environment is invalid: %j',
  async (other) => {
    fake.respond = () => ({ ...described({ id: '7', status: 'DEPLOYING' }), ...other });
    expect(await driver().describe('7')).toMatchObject({ errorType: 'unreachable' });
    expect(await driver().cancel('7')).toMatchObject({ errorType: 'unreachable' });
  },
);

test('an environment without deployments has never been deployed', async () => {
  fake.respond = () => ({ Items: [] });
  expect(await driver().describe(undefined)).toEqual({ kind: 'never-deployed' });
});
