import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handleResult } from '../../../lambda/cloudformation/execution-result';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import type { CloudFormationRequest } from '../../../lib/contract/cancellation';
import {
  FLEET_ATTRIBUTES,
  FLEET_RESOURCE_TYPE,
  type FleetInput,
  type FleetRespondEvent,
  type FleetResult,
} from '../../../lib/contract/fleet';
import { createEvent, deleteEvent, FakeDependencies, PROPERTIES, planOf, STATE_MACHINE, updateEvent } from './fakes';

const { deployment: _, ...others } = PROPERTIES;
const FLEET_PROPERTIES = {
  ...others,
  fleet: { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } },
  concurrency: '40',
};
const fleetResource = { ResourceType: FLEET_RESOURCE_TYPE, ResourceProperties: FLEET_PROPERTIES };

const RESULT: FleetResult = {
  failed: false,
  reason: '3 deployments: 2 cancelled, 1 untouched',
  attributes: { summary: '3 deployments: 2 cancelled, 1 untouched', total: '3', cancelled: '2', untouched: '1' },
};

let deps: FakeDependencies;
let logged: jest.SpyInstance;
beforeEach(() => {
  deps = new FakeDependencies();
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

function resultEvent(event: CloudFormationCustomResourceEvent, result: Partial<FleetResult> = {}): FleetRespondEvent {
  const name = executionName(event);
  const request = deps.started.get(name) as unknown as FleetInput & { cloudFormation: CloudFormationRequest };
  const executionArn = `${STATE_MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
  return { request, executionArn, result: { ...RESULT, ...result } };
}

test('a Create starts the state machine with the fleet and parsed numbers', () => {
  expect(planOf(createEvent(fleetResource), 'CREATE_IN_PROGRESS')).toMatchObject({
    do: 'cancel',
    stateMachineArn: STATE_MACHINE,
    input: {
      contractVersion: '1',
      fleet: FLEET_PROPERTIES.fleet,
      settings: { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false },
      concurrency: 40,
      cloudFormation: { RequestId: 'request-1', LogicalResourceId: 'Cancel' },
    },
  });
});

test.each([
  [
    'no fleet',
    { ...FLEET_PROPERTIES, fleet: undefined },
    'nothing was cancelled: fleet must be an object, not missing',
  ],
  ['one deployment', PROPERTIES, 'nothing was cancelled: fleet must be an object, not missing'],
])('a Create with %s fails', (_what, ResourceProperties, reason) => {
  expect(planOf(createEvent({ ...fleetResource, ResourceProperties }), 'CREATE_IN_PROGRESS')).toEqual({
    do: 'fail',
    reason,
  });
});

test('a Create of a DeploymentCancellation with a fleet fails', () => {
  const event = createEvent({ ResourceProperties: FLEET_PROPERTIES });
  expect(planOf(event, 'CREATE_IN_PROGRESS')).toMatchObject({
    do: 'fail',
    reason: expect.stringContaining('deployment must be'),
  });
});

test('a response has all attributes of a fleet, and none of a single deployment', async () => {
  const event = createEvent(fleetResource);
  await handleRequest(event, deps);
  await handleResult(resultEvent(event), deps);
  const { Status, Data } = deps.response;
  expect(Status).toBe('SUCCESS');
  expect(Object.keys(Data as object)).toEqual([...FLEET_ATTRIBUTES]);
  expect(Data).toMatchObject({
    ...RESULT.attributes,
    failedDeployments: '',
    executionArn: expect.stringContaining(':execution:'),
  });
});

test('a failed fleet fails the resource, with the number of failures and the first one', async () => {
  const event = createEvent(fleetResource);
  await handleRequest(event, deps);
  const reason = 'of 3 service instances of web, 1 failed; the first, web/a, as REFUSED: why';
  await handleResult(resultEvent(event, { failed: true, outcome: 'REFUSED', reason }), deps);
  expect(deps.response).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(`^${reason}; see https://`) });
});

test('an Update while the stack rolls back cancels nothing, and has a summary that is not empty', async () => {
  deps.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await handleRequest(updateEvent({ ...fleetResource, OldResourceProperties: FLEET_PROPERTIES }), deps);
  expect(deps.started.size).toBe(0);
  expect(deps.response).toMatchObject({
    Status: 'SUCCESS',
    Data: { summary: 'not attempted: the update of the stack was being rolled back', total: '' },
  });
});

test('a Delete cancels nothing, stops the running execution, and succeeds with any properties', async () => {
  await handleRequest(createEvent(fleetResource), deps);
  await handleRequest(deleteEvent({ ...fleetResource, RequestId: 'request-2' }), deps);
  expect(deps.runningExecutions.size).toBe(0);
  await handleRequest(deleteEvent({ ...fleetResource, ResourceProperties: { ServiceToken: 'x' } }), deps);
  expect(deps.responses.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS']);
});
