import { handleResult } from '../../../lambda/cloudformation/execution-result';
import { startExecution, stopExecutions, withdrawEarlier } from '../../../lambda/cloudformation/executions';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { parseEvent } from '../../../lambda/cloudformation/parsed-request';
import type { CancelPlan } from '../../../lambda/cloudformation/plan';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  lost,
  planOf,
  REQUESTED_AT,
  responseUrlAt,
  resultEvent,
  SECRET,
  STATE_MACHINE,
  updateEvent,
} from './fakes';

const event = createEvent();
const name = executionName(event);

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

const start = () => startExecution(parseEvent(event), planOf(event, 'CREATE_IN_PROGRESS') as CancelPlan, deps);
const seconds = () => (deps.clock.now() - REQUESTED_AT) / 1_000;

describe('an execution whose start was lost', () => {
  test('is found although it is not visible for some seconds', async () => {
    deps.failingAfterEffect.set('start', lost());
    deps.invisibleExecutionReads = 3;
    expect(await start()).toBeUndefined();
    expect(deps.storedTarget(name)).toBeDefined();
  });

  test('counts as not started when it stays invisible for half a minute', async () => {
    const { start: startOf } = deps.executions;
    let lostAt = 0;
    deps.failing.set('start', lost());
    deps.executions.start = (...args) => startOf(...args).finally(() => (lostAt = seconds()));
    expect(await start()).toMatchObject({
      reason: expect.stringMatching(/^the workflow that cancels could not be started: /),
      isTargetStored: false,
    });
    expect(seconds() - lostAt).toBeGreaterThan(15);
    expect(seconds() - lostAt).toBeLessThanOrEqual(30);
    expect(deps.targetStore.entries.size).toBe(0);
  });
});

test.each([
  ['refused', failure('AccessDeniedException')],
  ['throttled', failure('ThrottlingException')],
])(
  'a start that is %s for good is known not to have happened, although executions cannot be read',
  async (_how, error) => {
    deps.failing.set('start', error);
    deps.failing.set('exists', lost());
    expect(await start()).toMatchObject({
      reason: expect.stringMatching(/^the workflow that cancels could not be started: /),
      isTargetStored: false,
    });
    expect(deps.targetStore.entries.size).toBe(0);
  },
);

test.each([
  ['its reply is lost', () => deps.failingAfterEffect.set('create', lost())],
  [
    'its reply is lost and executions cannot be read',
    () => deps.failingAfterEffect.set('create', lost()).set('exists', lost()),
  ],
])('no URL stays when the storing fails: %s', async (_how, prepare) => {
  prepare();
  expect(await start()).toMatchObject({ isTargetStored: false });
  expect(deps.started.size).toBe(0);
  expect(deps.targetStore.entries.size).toBe(0);
});

test('no URL stays when the execution of the request has ended, and that could not be read before', async () => {
  await handleRequest(event, deps);
  await handleResult(resultEvent(deps, event), deps);
  deps.runningExecutions.clear();
  deps.targetStore.entries.clear();
  deps.failing.set('exists', lost());
  await handleRequest(event, deps);
  expect(deps.targetStore.entries.size).toBe(0);
  expect(deps.responses).toHaveLength(1);
});

describe('a request withdraws', () => {
  const eventAt = (time: string) => ({ ResponseURL: responseUrlAt(`20261001T${time}Z`), RequestId: time });
  const before = updateEvent(eventAt('115900'));
  const request = deleteEvent(eventAt('120000'));
  const after = updateEvent(eventAt('120100'));

  test('the executions of earlier requests, not those of later ones or of itself', async () => {
    const [earlier, own, later] = [before, request, after].map(executionName) as [string, string, string];
    for (const running of [earlier, own, later]) deps.runningExecutions.set(running, STATE_MACHINE);
    expect(await stopExecutions(parseEvent(request), deps)).toBe(1);
    expect([...deps.runningExecutions.keys()]).toEqual([own, later]);
  });

  test('with a cause that names the request and the resource', async () => {
    deps.runningExecutions.set(executionName(before), STATE_MACHINE);
    const stop = jest.spyOn(deps.executions, 'stop');
    await stopExecutions(parseEvent(request), deps);
    expect(stop).toHaveBeenCalledWith(STATE_MACHINE, executionName(before), 'Delete of Cancel');
  });

  test.each([
    ['an Update', updateEvent(), 2],
    ['a Delete', deleteEvent(), 2],
    ['a Create, before which nothing was requested', createEvent(), 1],
  ])('what a second list shows, which may be behind: %s', async (_what, asked, lists) => {
    await withdrawEarlier(parseEvent(asked), deps);
    expect(deps.operations.filter((operation) => operation === 'running')).toHaveLength(lists);
  });

  test('nothing if it does not name a state machine', async () => {
    const { ServiceToken } = request.ResourceProperties;
    const withoutArn = parseEvent({ ...request, ResourceProperties: { ServiceToken } });
    expect(await stopExecutions(withoutArn, deps)).toBeUndefined();
    expect(deps.calls).toEqual([]);
    expect(logged()).toContain("errorName: 'InvalidRequestError'");
  });
});

test('what happens to executions is logged by their names', async () => {
  await handleRequest(event, deps);
  await handleRequest(event, deps);
  await handleRequest(deleteEvent(), deps);
  for (const line of ['execution-started', 'execution-stopped']) {
    expect(logged()).toMatch(new RegExp(`event: '${line}',\\s+executionName: '${name}'`));
  }
  expect(logged()).toMatch(/event: 'duplicate-request',\s+requestType: 'Create',\s+requestId: 'request-1'/);
});
