import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handleRequest, handleResult } from '../../../lambda/cloudformation/handle';
import { planFor } from '../../../lambda/cloudformation/plan';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import type { CloudFormationRequest } from '../../../lib/contract/cancellation';
import {
  FLEET_ATTRIBUTES,
  FLEET_RESOURCE_TYPE,
  type FleetInput,
  type FleetRespondEvent,
  type FleetResult,
} from '../../../lib/contract/fleet';
import { createEvent, deleteEvent, Outside, PROPERTIES, STATE_MACHINE, updateEvent } from './fakes';

const { deployment: _, ...others } = PROPERTIES;
const FLEET_PROPERTIES = {
  ...others,
  fleet: { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } },
  concurrency: '40',
};
const asFleet = { ResourceType: FLEET_RESOURCE_TYPE, ResourceProperties: FLEET_PROPERTIES };

const RESULT: FleetResult = {
  failed: false,
  reason: '3 deployments: 2 cancelled, 1 untouched',
  attributes: { summary: '3 deployments: 2 cancelled, 1 untouched', total: '3', cancelled: '2', untouched: '1' },
};

let outside: Outside;
let logged: jest.SpyInstance;
beforeEach(() => {
  outside = new Outside();
  logged = jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => {
  logged.mockRestore();
});

function resultEvent(event: CloudFormationCustomResourceEvent, result: Partial<FleetResult> = {}): FleetRespondEvent {
  const name = executionName(event);
  const request = outside.started.get(name) as unknown as FleetInput & { cloudFormation: CloudFormationRequest };
  const executionArn = `${STATE_MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
  return { request, executionArn, result: { ...RESULT, ...result } };
}

test('a Create starts the machine with the fleet, numbers as numbers', () => {
  expect(planFor(createEvent(asFleet), 'CREATE_IN_PROGRESS')).toMatchObject({
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
])('a Create with %s is refused', (_what, ResourceProperties, reason) => {
  expect(planFor(createEvent({ ...asFleet, ResourceProperties }), 'CREATE_IN_PROGRESS')).toEqual({
    do: 'fail',
    reason,
  });
});

test('a fleet that a resource of the other type identifiers is refused as well', () => {
  const event = createEvent({ ResourceProperties: FLEET_PROPERTIES });
  expect(planFor(event, 'CREATE_IN_PROGRESS')).toMatchObject({
    do: 'fail',
    reason: expect.stringContaining('deployment must be'),
  });
});

test('an answer has every attribute of a fleet, and none of one deployment', async () => {
  const event = createEvent(asFleet);
  await handleRequest(event, outside);
  await handleResult(resultEvent(event), outside);
  const { Status, Data } = outside.answer;
  expect(Status).toBe('SUCCESS');
  expect(Object.keys(Data as object)).toEqual([...FLEET_ATTRIBUTES]);
  expect(Data).toMatchObject({
    ...RESULT.attributes,
    failedDeployments: '',
    executionArn: expect.stringContaining(':execution:'),
  });
});

test('a fleet that failed fails the resource, and says how many and which first', async () => {
  const event = createEvent(asFleet);
  await handleRequest(event, outside);
  const reason = 'of 3 service instances of web, 1 failed; the first, web/a, as REFUSED: why';
  await handleResult(resultEvent(event, { failed: true, outcome: 'REFUSED', reason }), outside);
  expect(outside.answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(`^${reason}; see https://`) });
});

test('an Update while the stack rolls back cancels nothing, and has a summary that can be exported', async () => {
  outside.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await handleRequest(updateEvent({ ...asFleet, OldResourceProperties: FLEET_PROPERTIES }), outside);
  expect(outside.started.size).toBe(0);
  expect(outside.answer).toMatchObject({
    Status: 'SUCCESS',
    Data: { summary: 'not attempted: the update of the stack was being rolled back', total: '' },
  });
});

test('a Delete cancels nothing, stops what it has running, and succeeds whatever its properties are', async () => {
  await handleRequest(createEvent(asFleet), outside);
  await handleRequest(deleteEvent({ ...asFleet, RequestId: 'request-2' }), outside);
  expect(outside.runningExecutions.size).toBe(0);
  await handleRequest(deleteEvent({ ...asFleet, ResourceProperties: { ServiceToken: 'x' } }), outside);
  expect(outside.answers.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS']);
});
