import { applyGuardRule, type Requester, respond } from '../../../lambda/cloudformation/respond';
import type { CustomResourceResponse } from '../../../lambda/cloudformation/response';
import {
  closeResponseTarget,
  findResponseTarget,
  findUndeliveredBody,
} from '../../../lambda/cloudformation/response-target';
import { ResponseDeliveryError } from '../../../lambda/cloudformation/submit-response';
import { ATTRIBUTES, GUARD_RESOURCE_TYPE, RESOURCE_TYPE } from '../../../lib/contract/cancellation';
import { FLEET_ATTRIBUTES, FLEET_RESOURCE_TYPE } from '../../../lib/contract/fleet';
import { captureConsole, FakeDependencies, failure, RESPONSE_URL, SECRET } from './fakes';

const NAME = 'Cancel-1-Create-2';
const identity = {
  StackId: 'stack/1',
  RequestId: 'request-1',
  LogicalResourceId: 'Cancel',
  PhysicalResourceId: 'Cancel-1234',
};
const requester: Requester = { resourceType: RESOURCE_TYPE, identity };
const guard: Requester = { resourceType: GUARD_RESOURCE_TYPE, identity: { ...identity, guard: { action: 'CANCEL' } } };
const SUCCESS: CustomResourceResponse = { status: 'SUCCESS', attributes: { outcome: 'CANCELLED' } };
const FAILED: CustomResourceResponse = {
  status: 'FAILED',
  reason: 'because',
  attributes: { outcome: 'TIMED_OUT', executionArn: 'arn' },
};

let deps: FakeDependencies;
let logged: () => string;
beforeEach(() => {
  deps = new FakeDependencies();
  logged = captureConsole();
});
afterEach(() => {
  expect(logged()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

/** How often an event was logged. */
const count = (event: string) => logged().split(`event: '${event}'`).length - 1;

describe('the rule that a guard never fails its stack', () => {
  test.each([RESOURCE_TYPE, FLEET_RESOURCE_TYPE] as const)('does not change a response for a %s', (resourceType) => {
    for (const response of [SUCCESS, FAILED]) {
      expect(applyGuardRule(resourceType, response)).toEqual({ sent: response, guardFailed: false });
    }
  });

  test('does not change a success of a guard', () => {
    expect(applyGuardRule(GUARD_RESOURCE_TYPE, SUCCESS)).toEqual({ sent: SUCCESS, guardFailed: false });
  });

  test('turns a failure of a guard without an execution into a success that attempted nothing', () => {
    expect(applyGuardRule(GUARD_RESOURCE_TYPE, { status: 'FAILED', reason: 'because', attributes: {} })).toEqual({
      sent: { status: 'SUCCESS', attributes: { outcome: 'NOT_ATTEMPTED' } },
      guardFailed: true,
    });
  });

  test('turns a failure of a guard after an execution into a success with the same attributes', () => {
    expect(applyGuardRule(GUARD_RESOURCE_TYPE, FAILED)).toEqual({
      sent: { status: 'SUCCESS', attributes: FAILED.attributes },
      guardFailed: true,
    });
  });
});

test.each([
  [RESOURCE_TYPE, ATTRIBUTES],
  [FLEET_RESOURCE_TYPE, FLEET_ATTRIBUTES],
  [GUARD_RESOURCE_TYPE, ATTRIBUTES],
] as const)('a response for a %s has all attributes of that type', async (resourceType, attributes) => {
  await respond({ resourceType, identity }, SUCCESS, { url: RESPONSE_URL }, deps);
  expect(deps.response).toMatchObject({ ...identity, Status: 'SUCCESS' });
  expect(Object.keys(deps.response.Data as object)).toEqual([...attributes]);
});

test('a response to the URL of an event stores, reads and deletes nothing', async () => {
  await respond(requester, FAILED, { url: RESPONSE_URL }, deps);
  expect(deps.responses).toMatchObject([{ url: RESPONSE_URL, body: { Status: 'FAILED', Reason: 'because' } }]);
  expect(deps.operations).toEqual(['send']);
  expect(count('responded')).toBe(1);
});

test('a response to the URL of an event that cannot be sent is an error, and stores nothing', async () => {
  deps.failing.set('send', failure('TypeError'));
  await expect(respond(requester, SUCCESS, { url: RESPONSE_URL }, deps)).rejects.toThrow(ResponseDeliveryError);
  expect(deps.responseUrls.entries.size).toBe(0);
  expect(count('responded')).toBe(0);
});

describe('a response to a stored URL', () => {
  const target = { url: RESPONSE_URL, executionName: NAME };
  beforeEach(() => deps.responseUrls.put(NAME, RESPONSE_URL));

  test('closes the target after it was sent', async () => {
    expect(await findResponseTarget(NAME, deps)).toEqual(target);
    await respond(requester, SUCCESS, target, deps);
    expect(await findResponseTarget(NAME, deps)).toBeUndefined();
    expect(deps.responseUrls.entries.size).toBe(0);
  });

  test('that cannot be sent is an error, and leaves the URL and its body for the next attempt', async () => {
    deps.failing.set('send', failure('TypeError'));
    await expect(respond(requester, SUCCESS, target, deps)).rejects.toThrow(ResponseDeliveryError);
    expect(await findResponseTarget(NAME, deps)).toEqual(target);
    expect(JSON.parse((await findUndeliveredBody(NAME, deps)) ?? '')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is the undelivered body if there is one, unchanged', async () => {
    await respond(requester, FAILED, { ...target, undeliveredBody: '{"Status":"SUCCESS"}' }, deps);
    expect(deps.response).toEqual({ Status: 'SUCCESS' });
  });

  test('that was closed leaves neither URL nor body', async () => {
    deps.failing.set('send', failure('TypeError'));
    await expect(respond(requester, SUCCESS, target, deps)).rejects.toThrow();
    await closeResponseTarget(NAME, deps);
    expect(deps.responseUrls.entries.size).toBe(0);
  });
});

test('the failure of a guard is logged once, when its response was sent', async () => {
  deps.failing.set('send', failure('TypeError'));
  await expect(respond(guard, FAILED, { url: RESPONSE_URL }, deps)).rejects.toThrow();
  expect(count('guard-failed')).toBe(0);
  deps.failing.clear();
  await respond(guard, FAILED, { url: RESPONSE_URL }, deps);
  expect(count('guard-failed')).toBe(1);
  expect(deps.response).toMatchObject({ Status: 'SUCCESS', Data: { outcome: 'TIMED_OUT' } });
  expect(deps.response).not.toHaveProperty('guard');
});
