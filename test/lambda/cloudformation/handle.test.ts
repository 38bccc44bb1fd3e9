import { inspect } from 'node:util';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handleResult } from '../../../lambda/cloudformation/execution-result';
import { handleRequest } from '../../../lambda/cloudformation/handle';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import { ResponseDeliveryError } from '../../../lambda/cloudformation/submit-response';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  FakeDependencies,
  failure,
  lost,
  OPERATIONS,
  type Operation,
  PROPERTIES,
  RESPONSE_URL,
  resultEvent,
  SECRET,
  STATE_MACHINE,
  updateEvent,
} from './fakes';

let deps: FakeDependencies;
let logged: () => string;

beforeEach(() => {
  deps = new FakeDependencies();
  logged = captureConsole();
});
afterEach(() => {
  // No test may reveal the response URL in a log line or in the input of an execution.
  expect(logged()).not.toContain(SECRET);
  expect(inspect(deps.started, { depth: null })).not.toContain(SECRET);
  expect(deps.calls.join()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

const deliver = (event: CloudFormationCustomResourceEvent) => handleRequest(event, deps);

/** Adds running executions with their response URLs. */
function addRunning(...names: string[]): void {
  for (const name of names) {
    deps.runningExecutions.set(name, STATE_MACHINE);
    deps.storeTarget(name);
  }
}

describe.each([
  ['a Create', createEvent],
  ['an Update that rolls forward', updateEvent],
])('%s', (_what, makeEvent) => {
  const event = makeEvent();
  const name = executionName(event);

  test('stores the response URL, starts the workflow, and sends no response itself', async () => {
    await deliver(event);
    const { RequestId, StackId, LogicalResourceId } = event;
    expect(deps.started.get(name)).toEqual({
      contractVersion: '1',
      deployment: PROPERTIES.deployment,
      settings: {
        timeoutSeconds: 1800,
        failOn: [],
        onNotFound: 'fail',
        includeStatusMessage: false,
        endpoint: undefined,
      },
      requestedAt: '2026-10-01T12:00:00.000Z',
      cloudFormation: {
        RequestId,
        StackId,
        LogicalResourceId,
        PhysicalResourceId: event.RequestType === 'Create' ? expect.stringMatching(/^Cancel-\w{8}$/) : 'Cancel-1234',
      },
    });
    expect([...deps.targetStore.entries.keys()]).toEqual([name]);
    expect(deps.storedTarget(name)).toEqual({
      url: RESPONSE_URL,
      requester: { resourceType: event.ResourceType, identity: deps.started.get(name)?.cloudFormation },
    });
    expect(deps.calls.filter((call) => !call.startsWith('status'))).toEqual([`create ${name}`, `start ${name}`]);
  });

  test('delivered three times in a row starts one execution', async () => {
    for (let i = 0; i < 3; i++) await deliver(event);
    expect([...deps.started.keys()]).toEqual([name]);
    expect(deps.targetStore.entries.has(name)).toBe(true);
    expect(deps.responses).toEqual([]);
  });

  test('delivered three times at the same time starts one execution', async () => {
    await Promise.all([deliver(event), deliver(event), deliver(event)]);
    expect([...deps.started.keys()]).toEqual([name]);
    expect(deps.targetStore.entries.has(name)).toBe(true);
  });

  test('delivered again after its response starts nothing, sends nothing, and leaves no response URL stored', async () => {
    await deliver(event);
    await handleResult(resultEvent(deps, event), deps);
    deps.runningExecutions.clear();
    await deliver(event);
    expect(deps.started.size).toBe(1);
    expect(deps.responses).toHaveLength(1);
    expect(deps.storedTarget(name)).toEqual({ mark: 'answered' });
  });

  test('with a reused request ID and a new response URL starts another execution', async () => {
    await deliver(event);
    await deliver(makeEvent({ ResponseURL: `${RESPONSE_URL}&again` }));
    expect(deps.started.size).toBe(2);
    expect([...deps.targetStore.entries.keys()].map((stored) => deps.storedTarget(stored))).toMatchObject([
      { url: RESPONSE_URL },
      { url: `${RESPONSE_URL}&again` },
    ]);
  });

  const target = `arn:aws:ssm:us-east-1:111122223333:parameter/response-urls/${name}`;
  const DENIED = 'allow it to the role of the cloudformation function, and deploy again';
  test.each<[Operation, string, string, string]>([
    ['create', 'ThrottlingException', `ssm:PutParameter on ${target}`, 'deploy again'],
    ['create', 'AccessDeniedException', `ssm:PutParameter on ${target}`, DENIED],
    ['start', 'ThrottlingException', `states:StartExecution on ${STATE_MACHINE}`, 'deploy again'],
    ['start', 'AccessDeniedException', `states:StartExecution on ${STATE_MACHINE}`, DENIED],
    ['start', 'StateMachineDoesNotExist', `states:StartExecution on ${STATE_MACHINE}`, 'deploy again'],
  ])(
    'whose %s fails with %s for good gets a FAILED response with the action and the ARN, and leaves nothing stored',
    async (operation, error, call, remedy) => {
      deps.failing.set(operation, failure(error));
      await deliver(event);
      expect(deps.response).toMatchObject({
        Status: 'FAILED',
        Reason: `the workflow that cancels could not be started: ${call} failed with ${error}; ${remedy}`,
        RequestId: event.RequestId,
        Data: { outcome: '' },
      });
      expect(deps.started.size).toBe(0);
      expect(deps.targetStore.entries.size).toBe(0);
    },
  );

  test.each<Operation>(['create', 'start'])(
    'whose %s fails gets a FAILED response even if everything else fails as well',
    async (operation) => {
      for (const other of ['running', 'stop', 'delete', 'get', 'exists'] as const) {
        deps.failing.set(other, failure('SomeException'));
      }
      deps.failing.set(operation, failure('ServiceUnavailable'));
      await deliver(event);
      expect(deps.response).toMatchObject({ Status: 'FAILED' });
    },
  );

  test('whose start succeeded with a lost reply gets its response from the execution', async () => {
    deps.failingAfterEffect.set('start', lost());
    await deliver(event);
    expect(deps.responses).toEqual([]);
    expect(deps.runningExecutions.has(name)).toBe(true);
    await handleResult(resultEvent(deps, event), deps);
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each(['answered', 'withdrawn'])(
    'whose start is in doubt gets no second response if a mark says that it was %s',
    async (mark) => {
      deps.failingAfterEffect.set('start', lost());
      deps.failing.set('exists', lost());
      const { start } = deps.executions;
      // The execution ends while the function still tries to start it.
      deps.executions.start = async (...args) => {
        try {
          return await start(...args);
        } finally {
          deps.targetStore.entries.set(name, JSON.stringify({ mark }));
        }
      };
      await deliver(event);
      expect(deps.responses).toEqual([]);
      expect(deps.storedTarget(name)).toEqual({ mark });
    },
  );

  test.each<[string, () => void]>([
    ['its target is not found', () => deps.targetStore.entries.delete(name)],
    ['its target cannot be read', () => deps.failing.set('get', lost())],
    ['its target is still open', () => undefined],
  ])('whose start is in doubt gets a FAILED response when %s: that is no mark', async (_what, prepare) => {
    deps.failingAfterEffect.set('start', lost());
    deps.failing.set('exists', lost());
    const { start } = deps.executions;
    deps.executions.start = async (...args) => {
      try {
        return await start(...args);
      } finally {
        prepare();
      }
    };
    await deliver(event);
    expect(deps.response).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^it is not known whether the workflow that cancels was started: /),
    });
  });

  test.each<Operation>(['create', 'start'])(
    'delivered again while %s fails does not disturb the running execution',
    async (operation) => {
      await deliver(event);
      deps.failing.set(operation, failure('ThrottlingException'));
      await deliver(event);
      expect(deps.operations).not.toContain('stop');
      expect(deps.responses).toEqual([]);
      expect(deps.targetStore.entries.has(name)).toBe(true);
      await handleResult(resultEvent(deps, event), deps);
      expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
    },
  );

  test('that is invalid gets a FAILED response, and nothing is called', async () => {
    await deliver(
      makeEvent({ ResourceProperties: { ...PROPERTIES, deployment: { kind: 'toaster', identifiers: {} } } }),
    );
    expect(deps.response).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^nothing was cancelled: deployment.kind must be one of .*, not "toaster"$/),
    });
    expect(deps.operations.filter((operation) => operation !== 'status')).toEqual(['send']);
  });
});

test('a Delete does not read the stack status', async () => {
  await deliver(deleteEvent());
  expect(deps.operations).not.toContain('status');
});

test.each(['ROLLBACK_IN_PROGRESS', 'CREATE_COMPLETE', 'DELETE_IN_PROGRESS'])(
  'a late Create, when the stack is in %s, starts nothing',
  async (status) => {
    deps.stackStatus = status;
    await deliver(createEvent());
    expect(deps.started.size).toBe(0);
    expect(deps.response).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(status) });
  },
);

test('a request delivered again when the stack rolls back does nothing', async () => {
  await deliver(updateEvent());
  deps.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await deliver(updateEvent());
  expect(deps.runningExecutions.size).toBe(1);
  expect(deps.responses).toEqual([]);
});

describe('an Update that is rolled back', () => {
  test('cancels nothing, stops the execution of the failed update, and succeeds as NOT_ATTEMPTED', async () => {
    await deliver(updateEvent());
    deps.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await deliver(updateEvent({ RequestId: 'request-2', ResponseURL: `${RESPONSE_URL}&rollback` }));
    expect(deps.started.size).toBe(1);
    expect(deps.runningExecutions.size).toBe(0);
    expect(deps.storedTarget(executionName(updateEvent()))).toEqual({ mark: 'withdrawn' });
    expect(deps.responses[0]?.url).toBe(`${RESPONSE_URL}&rollback`);
    expect(deps.response).toMatchObject({
      Status: 'SUCCESS',
      RequestId: 'request-2',
      PhysicalResourceId: 'Cancel-1234',
      Data: { outcome: 'NOT_ATTEMPTED', deploymentStatus: 'UNKNOWN', executionArn: '' },
    });
  });
});

describe('an Update when the stack status', () => {
  test.each([
    ['cannot be read', () => deps.failing.set('status', failure('AccessDenied'))],
    ['is missing', () => Object.assign(deps, { stackStatus: undefined })],
  ])('%s for a minute gets a FAILED response, because it may be a rollback', async (_what, prepare) => {
    prepare();
    await deliver(updateEvent());
    expect(deps.response).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('allow cloudformation:DescribeStacks on the stack'),
    });
    expect(new Set(deps.operations)).toEqual(new Set(['status', 'send']));
  });
});

describe('a Delete', () => {
  const own = executionName(createEvent());
  const others = [
    executionName(createEvent({ LogicalResourceId: 'Cancel2' })),
    executionName(createEvent({ StackId: 'stack/2' })),
    'started-by-a-person',
  ];

  test('stops the running execution of this resource, no others, and succeeds', async () => {
    addRunning(own, ...others);
    await deliver(deleteEvent());
    expect([...deps.runningExecutions.keys()]).toEqual(others);
    expect(deps.storedTarget(own)).toEqual({ mark: 'withdrawn' });
    for (const other of others) expect(deps.storedTarget(other)).toMatchObject({ url: RESPONSE_URL });
    expect(deps.responses).toEqual([
      {
        url: RESPONSE_URL,
        body: {
          Status: 'SUCCESS',
          Reason: '',
          StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
          RequestId: 'request-1',
          LogicalResourceId: 'Cancel',
          PhysicalResourceId: 'Cancel-1234',
          Data: expect.any(Object),
        },
      },
    ]);
  });

  test('stops all running executions of this resource', async () => {
    addRunning(own, executionName(updateEvent()), executionName(updateEvent({ RequestId: 'request-2' })));
    await deliver(deleteEvent());
    expect(deps.runningExecutions.size).toBe(0);
    for (const name of deps.targetStore.entries.keys()) expect(deps.storedTarget(name)).toEqual({ mark: 'withdrawn' });
  });

  test('stops an execution that the list does not show until some seconds later', async () => {
    await deliver(createEvent());
    const { executions } = deps;
    const start = deps.clock.now();
    const running: typeof executions.running = async (...args) =>
      deps.clock.now() < start + 3_000 ? [] : executions.running(...args);
    await handleRequest(deleteEvent({ RequestId: 'request-2' }), { ...deps, executions: { ...executions, running } });
    expect(deps.runningExecutions.size).toBe(0);
    expect(deps.storedTarget(own)).toEqual({ mark: 'withdrawn' });
  });

  test('goes on with the other executions when one cannot be stopped', async () => {
    addRunning(own, executionName(updateEvent()));
    deps.failing.set('stop', new Error('the service failed'));
    await deliver(deleteEvent());
    const stopped = deps.calls.filter((call) => call.startsWith('stop '));
    expect(new Set(stopped).size).toBe(2);
    expect(deps.responses).toHaveLength(1);
  });

  test('starts and reads nothing, and stores nothing but marks', async () => {
    addRunning(own);
    await deliver(deleteEvent());
    expect(deps.calls).toEqual([`running ${own.split('Create')[0]}`, `put ${own}`, `stop ${own}`, 'send']);
  });

  test('that arrives before the result of the execution prevents its response', async () => {
    await deliver(createEvent());
    const late = resultEvent(deps, createEvent());
    await deliver(deleteEvent({ RequestId: 'request-2', ResponseURL: `${RESPONSE_URL}&delete` }));
    await handleResult(late, deps);
    expect(deps.responses.map(({ url }) => url)).toEqual([`${RESPONSE_URL}&delete`]);
  });

  const failures: [string, Operation[]][] = [
    ...OPERATIONS.filter((operation) => operation !== 'send').map((operation): [string, Operation[]] => [
      operation,
      [operation],
    ]),
    ['everything', OPERATIONS.filter((operation) => operation !== 'send')],
  ];
  test.each(failures)('succeeds although %s fails', async (_what, operations) => {
    addRunning(own);
    for (const operation of operations) deps.failing.set(operation, failure('AccessDeniedException'));
    await deliver(deleteEvent());
    expect(deps.response).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'Cancel-1234' });
  });

  test.each<[string, unknown]>([
    ['no properties', undefined],
    ['null as properties', null],
    ['no state machine', { ...PROPERTIES, stateMachineArn: undefined }],
    ['another contract version', { ...PROPERTIES, contractVersion: '99' }],
    [
      'an ARN that is not of a state machine',
      { ...PROPERTIES, stateMachineArn: 'arn:aws:lambda:us-east-1:1:function:x' },
    ],
  ])('succeeds with %s', async (_what, properties) => {
    await deliver(deleteEvent({ ResourceProperties: properties as typeof PROPERTIES }));
    expect(deps.response).toMatchObject({ Status: 'SUCCESS' });
  });

  test('throws, so that Lambda tries again, only if the response cannot be sent', async () => {
    deps.failing.set('send', failure('TypeError'));
    await expect(deliver(deleteEvent())).rejects.toThrow(ResponseDeliveryError);
  });
});
