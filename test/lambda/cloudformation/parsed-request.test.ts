import { parseEvent } from '../../../lambda/cloudformation/parsed-request';
import { executionName, toRequest } from '../../../lambda/cloudformation/request-identity';
import { InvalidRequestError } from '../../../lambda/parse';
import { GUARD_RESOURCE_TYPE, RESOURCE_TYPE } from '../../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../../lib/contract/fleet';
import { createEvent, deleteEvent, PROPERTIES, REQUESTED_AT, RESPONSE_URL, STATE_MACHINE, updateEvent } from './fakes';

const { deployment, ...others } = PROPERTIES;
const settings = { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
const cancellation = { contractVersion: '1', deployment, settings };
const fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };

const TYPES = {
  [RESOURCE_TYPE]: { raw: PROPERTIES, parsed: cancellation },
  [FLEET_RESOURCE_TYPE]: {
    raw: { ...others, fleet, concurrency: '40' },
    parsed: { contractVersion: '1', fleet, settings, concurrency: 40 },
  },
  [GUARD_RESOURCE_TYPE]: {
    raw: { ...PROPERTIES, trigger: 'v1', cancelPreexisting: 'true' },
    parsed: { cancellation, options: { trigger: 'v1', cancelPreexisting: true, cancelOnStackDeletion: false } },
  },
};

describe.each(Object.entries(TYPES))('a request for a %s', (ResourceType, { raw, parsed }) => {
  test('has its type, its identity and its parsed properties', () => {
    const event = createEvent({ ResourceType, ResourceProperties: raw });
    expect(parseEvent(event)).toEqual({
      resourceType: ResourceType,
      requestType: 'Create',
      identity: toRequest(event),
      responseUrl: RESPONSE_URL,
      times: { requestedAt: REQUESTED_AT, expiresAt: REQUESTED_AT + 7_200_000 },
      executionName: executionName(event),
      stateMachineArn: STATE_MACHINE,
      properties: parsed,
    });
  });

  test('has the old properties if it is an Update, each parsed on its own', () => {
    const invalid = { ServiceToken: PROPERTIES.ServiceToken };
    const parse = (ResourceProperties: typeof invalid, OldResourceProperties: typeof invalid) =>
      parseEvent(updateEvent({ ResourceType, ResourceProperties, OldResourceProperties }));
    expect(parse(raw, raw)).toMatchObject({ properties: parsed, oldProperties: parsed });
    expect(parse(raw, invalid)).toMatchObject({ properties: parsed, oldProperties: expect.any(InvalidRequestError) });
    expect(parse(invalid, raw)).toMatchObject({ properties: expect.any(InvalidRequestError), oldProperties: parsed });
  });

  test.each<unknown>([undefined, null, '', 7, [], {}, { constructor: 1 }, JSON.parse('{"__proto__":{}}')])(
    'with the properties %p can be answered: what is invalid is an error in it',
    (properties) => {
      const event = deleteEvent({ ResourceType, ResourceProperties: properties as typeof PROPERTIES });
      expect(parseEvent(event)).toMatchObject({
        resourceType: ResourceType,
        requestType: 'Delete',
        identity: toRequest(event),
        responseUrl: RESPONSE_URL,
        stateMachineArn: expect.any(InvalidRequestError),
        properties: expect.any(InvalidRequestError),
      });
    },
  );

  test('has the ARN of its state machine even if its other properties are invalid', () => {
    const ResourceProperties = { ...raw, contractVersion: '99' };
    expect(parseEvent(deleteEvent({ ResourceType, ResourceProperties }))).toMatchObject({
      stateMachineArn: STATE_MACHINE,
      properties: expect.objectContaining({ message: expect.stringContaining("contractVersion must be '1'") }),
    });
  });
});

test('an unknown resource type is parsed as a cancellation, so that it can be answered', () => {
  const { resourceType } = parseEvent(createEvent({ ResourceType: 'Custom::Unknown' }));
  expect(resourceType).toBe(RESOURCE_TYPE);
});
