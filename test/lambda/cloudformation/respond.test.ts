import type { ResourceType } from '../../../lambda/cloudformation/resource-types';
import { applyGuardRule, respond } from '../../../lambda/cloudformation/respond';
import type { CustomResourceResponse } from '../../../lambda/cloudformation/response';
import {
  findResponseTarget,
  findUndeliveredBody,
  MARK_WAIT,
  markResponseTarget,
  openResponseTarget,
  type ResponseTarget,
} from '../../../lambda/cloudformation/response-target';
import { ResponseDeliveryError } from '../../../lambda/cloudformation/submit-response';
import { ATTRIBUTES, GUARD_RESOURCE_TYPE, RESOURCE_TYPE } from '../../../lib/contract/cancellation';
import { FLEET_ATTRIBUTES, FLEET_RESOURCE_TYPE } from '../../../lib/contract/fleet';
import { captureConsole, FakeDependencies, failure, RESPONSE_URL, SECRET } from './fakes';

const NAME = 'Cancel-12345678-Create-0123456789abcd';
const identity = {
  StackId: 'stack/1',
  RequestId: 'request-1',
  LogicalResourceId: 'Cancel',
  PhysicalResourceId: 'Cancel-1234',
};
const targetFor = (resourceType: ResourceType): ResponseTarget => ({
  url: RESPONSE_URL,
  requester: { resourceType, identity },
  executionName: NAME,
  isStored: false,
});
/** The URL is only in the event. */
const target = targetFor(RESOURCE_TYPE);
const guardTarget = targetFor(GUARD_RESOURCE_TYPE);
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
  await respond(targetFor(resourceType), SUCCESS, 'delete', deps);
  expect(deps.response).toMatchObject({ ...identity, Status: 'SUCCESS' });
  expect(Object.keys(deps.response.Data as object)).toEqual([...attributes]);
});

test('a response to the URL of an event stores, reads and deletes nothing', async () => {
  await respond(target, FAILED, 'delete', deps);
  expect(deps.responses).toMatchObject([{ url: RESPONSE_URL, body: { Status: 'FAILED', Reason: 'because' } }]);
  expect(deps.operations).toEqual(['send']);
  expect(count('responded')).toBe(1);
});

test('a response to the URL of an event that cannot be sent is an error, and keeps its body but not the URL', async () => {
  deps.failing.set('send', failure('TypeError'));
  await expect(respond(target, SUCCESS, 'delete', deps)).rejects.toThrow(ResponseDeliveryError);
  expect(JSON.parse((await findUndeliveredBody(NAME, deps)) ?? '')).toMatchObject({ Status: 'SUCCESS' });
  expect([...deps.targetStore.entries.values()].join()).not.toContain(SECRET);
  expect(count('responded')).toBe(0);
});

describe('a response to a stored URL', () => {
  const stored = { ...target, isStored: true };
  beforeEach(() => openResponseTarget(stored, deps));

  test('leaves a mark after it was sent, without a secret', async () => {
    expect(await findResponseTarget(NAME, deps)).toEqual({ state: 'open', target: stored });
    await respond(stored, SUCCESS, 'mark', deps);
    expect(await findResponseTarget(NAME, deps)).toEqual({ state: 'answered' });
    expect([...deps.targetStore.entries.values()]).toEqual(['{"mark":"answered"}']);
  });

  test('leaves nothing if nobody will ask again', async () => {
    await respond(stored, SUCCESS, 'delete', deps);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('that cannot be sent is an error, and leaves the URL and its body for the next attempt', async () => {
    deps.failing.set('send', failure('TypeError'));
    await expect(respond(stored, SUCCESS, 'mark', deps)).rejects.toThrow(ResponseDeliveryError);
    const found = await findResponseTarget(NAME, deps);
    expect(found).toEqual({ state: 'open', target: { ...stored, undeliveredBody: expect.any(String) } });
    expect(JSON.parse((await findUndeliveredBody(NAME, deps)) ?? '')).toMatchObject({ Status: 'SUCCESS' });
  });

  test('has its body kept before the second attempt, which may be the last one of this process', async () => {
    deps.failing.set('send', failure('TypeError'));
    const sleep = deps.clock.sleep;
    deps.clock.sleep = async (ms) => {
      expect(await findUndeliveredBody(NAME, deps)).toContain('"Status":"SUCCESS"');
      await sleep(ms);
    };
    await expect(respond(stored, SUCCESS, 'mark', deps)).rejects.toThrow(ResponseDeliveryError);
  });

  test.each(['mark', 'delete'] as const)('is the kept body if there is one, unchanged (%s)', async (afterwards) => {
    deps.failing.set('send', failure('TypeError'));
    await expect(respond(stored, SUCCESS, afterwards, deps)).rejects.toThrow();
    deps.failing.clear();
    const found = await findResponseTarget(NAME, deps);
    if (found.state !== 'open') throw new Error(`the target is ${found.state}`);
    await respond(found.target, FAILED, afterwards, deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS', Data: { outcome: 'CANCELLED' } });
    expect([...deps.targetStore.entries.values()]).toEqual(afterwards === 'mark' ? ['{"mark":"answered"}'] : []);
  });

  test('whose mark cannot be stored leaves no URL', async () => {
    deps.failing.set('put', failure('AccessDeniedException'));
    await markResponseTarget(NAME, 'answered', deps);
    expect(deps.targetStore.entries.size).toBe(0);
  });

  test('whose mark is throttled leaves no URL by the time at which the end of the execution looks for it', async () => {
    deps.failing.set('put', failure('ThrottlingException'));
    const sentAt = deps.clock.now();
    await respond(stored, SUCCESS, 'mark', deps);
    expect(deps.targetStore.entries.size).toBe(0);
    expect(deps.clock.now() - sentAt).toBeLessThan(MARK_WAIT - 5_000);
  });
});

test('the failure of a guard is logged once, although its response has to be sent again', async () => {
  const stored = { ...guardTarget, isStored: true };
  await openResponseTarget(stored, deps);
  deps.failing.set('send', failure('TypeError'));
  await expect(respond(stored, FAILED, 'mark', deps)).rejects.toThrow();
  expect(count('guard-failed')).toBe(1);
  deps.failing.clear();
  const found = await findResponseTarget(NAME, deps);
  if (found.state !== 'open') throw new Error(`the target is ${found.state}`);
  await respond(found.target, FAILED, 'mark', deps);
  expect(count('guard-failed')).toBe(1);
  expect(deps.response).toMatchObject({ Status: 'SUCCESS', Data: { outcome: 'TIMED_OUT' } });
  expect(deps.response).not.toHaveProperty('guard');
});
