import { inspect } from 'node:util';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { handleRequest, handleResult } from '../../../lambda/cloudformation/handle';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import { ResponseDeliveryError } from '../../../lambda/cloudformation/submit-response';
import type {
  CancellationInput,
  CloudFormationRequest,
  RespondEvent,
  Result,
} from '../../../lib/contract/cancellation';
import {
  captureConsole,
  createEvent,
  deleteEvent,
  failure,
  OPERATIONS,
  type Operation,
  Outside,
  PROPERTIES,
  RESPONSE_URL,
  SECRET,
  STATE_MACHINE,
  updateEvent,
} from './fakes';

let outside: Outside;
let printed: () => string;

beforeEach(() => {
  outside = new Outside();
  printed = captureConsole();
});
afterEach(() => {
  // Whatever a test does: nobody can read where to answer to, be it in a log line or in the input of an execution.
  expect(printed()).not.toContain(SECRET);
  expect(inspect(outside.started, { depth: null })).not.toContain(SECRET);
  expect(outside.calls.join()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

const ask = (event: CloudFormationCustomResourceEvent) => handleRequest(event, outside);

/** What the state machine asks when the execution for an event has come to this end. */
function resultEvent(event: CloudFormationCustomResourceEvent, result: Partial<Result> = {}): RespondEvent {
  const name = executionName(event);
  const input = outside.started.get(name) as CancellationInput & { cloudFormation: CloudFormationRequest };
  return {
    request: input,
    executionArn: `arn:aws:states:us-east-1:111122223333:execution:Workflow:${name}`,
    result: {
      outcome: 'CANCELLED',
      failed: false,
      reason: 'deployment 1 of service instance web/web-prod is CANCELLED',
      attributes: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', deploymentId: '1' },
      ...result,
    },
  };
}

/** Executions of this resource and of others, each with a place to answer to. */
function running(...identifiers: string[]): void {
  for (const name of identifiers) {
    outside.runningExecutions.set(name, STATE_MACHINE);
    outside.places.set(name, RESPONSE_URL);
  }
}

describe.each([
  ['a Create', createEvent],
  ['an Update that rolls forward', updateEvent],
])('%s', (_what, makeEvent) => {
  const event = makeEvent();
  const name = executionName(event);

  test('starts the workflow that will answer, after the place to answer to is kept, and answers nothing itself', async () => {
    await ask(event);
    const { RequestId, StackId, LogicalResourceId } = event;
    expect(outside.started.get(name)).toEqual({
      contractVersion: '1',
      deployment: PROPERTIES.deployment,
      settings: {
        timeoutSeconds: 1800,
        failOn: [],
        onNotFound: 'fail',
        includeStatusMessage: false,
        endpoint: undefined,
      },
      cloudFormation: {
        RequestId,
        StackId,
        LogicalResourceId,
        PhysicalResourceId: event.RequestType === 'Create' ? expect.stringMatching(/^Cancel-\w{8}$/) : 'Cancel-1234',
      },
    });
    expect([...outside.places]).toEqual([[name, RESPONSE_URL]]);
    expect(outside.calls.filter((call) => !call.startsWith('status'))).toEqual([`put ${name}`, `start ${name}`]);
  });

  test('that is delivered three times, one after the other, starts one execution', async () => {
    for (let i = 0; i < 3; i++) await ask(event);
    expect([...outside.started.keys()]).toEqual([name]);
    expect(outside.places.has(name)).toBe(true);
    expect(outside.answers).toEqual([]);
  });

  test('that is delivered three times at once starts one execution', async () => {
    await Promise.all([ask(event), ask(event), ask(event)]);
    expect([...outside.started.keys()]).toEqual([name]);
    expect(outside.places.has(name)).toBe(true);
  });

  test('that is delivered again after it was answered starts nothing, answers nothing, and leaves no place behind', async () => {
    await ask(event);
    await handleResult(resultEvent(event), outside);
    outside.runningExecutions.clear();
    await ask(event);
    expect(outside.started.size).toBe(1);
    expect(outside.answers).toHaveLength(1);
    expect(outside.places.size).toBe(0);
  });

  test('that CloudFormation makes anew with an old request id starts another execution', async () => {
    await ask(event);
    await ask(makeEvent({ ResponseURL: `${RESPONSE_URL}&again` }));
    expect(outside.started.size).toBe(2);
    expect([...outside.places.values()]).toEqual([RESPONSE_URL, `${RESPONSE_URL}&again`]);
  });

  test.each<[Operation, string, string]>([
    ['put', 'ThrottlingException', 'ssm:PutParameter'],
    ['put', 'AccessDeniedException', 'ssm:PutParameter'],
    ['start', 'ThrottlingException', 'states:StartExecution'],
    ['start', 'AccessDeniedException', 'states:StartExecution'],
    ['start', 'StateMachineDoesNotExist', 'states:StartExecution'],
  ])(
    'whose %s fails with %s is answered as failed at once, with the reason, and leaves nothing behind',
    async (operation, error, action) => {
      outside.failing.set(operation, failure(error));
      await ask(event);
      expect(outside.answer).toMatchObject({
        Status: 'FAILED',
        Reason: `the workflow that cancels could not be started: ${action} failed with ${error}; allow it to the role of the cloudformation function if it was denied, and deploy again`,
        RequestId: event.RequestId,
      });
      expect(outside.started.size).toBe(0);
      expect(outside.places.size).toBe(0);
    },
  );

  test.each<Operation>(['put', 'start'])(
    'whose %s fails is answered as failed although nothing else works either',
    async (operation) => {
      for (const other of ['running', 'stop', 'delete', 'get'] as const) outside.failing.set(other, failure('Error'));
      outside.failing.set(operation, failure('ServiceUnavailable'));
      await ask(event);
      expect(outside.answer).toMatchObject({ Status: 'FAILED' });
    },
  );

  test('whose start was taken although its answer was lost is left to the execution to answer', async () => {
    outside.losingAnswers.set('start', failure('TimeoutError'));
    await ask(event);
    expect(outside.answers).toEqual([]);
    expect(outside.runningExecutions.has(name)).toBe(true);
    await handleResult(resultEvent(event), outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each<Operation>(['put', 'start'])(
    'that is delivered again while %s fails does no harm to the execution that is on its way',
    async (operation) => {
      await ask(event);
      outside.failing.set(operation, failure('ThrottlingException'));
      await ask(event);
      expect(outside.operations).not.toContain('stop');
      expect(outside.answers).toEqual([]);
      expect(outside.places.has(name)).toBe(true);
      await handleResult(resultEvent(event), outside);
      expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    },
  );

  test('that is not valid is answered as failed, with nothing called', async () => {
    await ask(makeEvent({ ResourceProperties: { ...PROPERTIES, deployment: { kind: 'toaster', identifiers: {} } } }));
    expect(outside.answer).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^nothing was cancelled: deployment.kind must be one of .*, not "toaster"$/),
    });
    expect(outside.operations.filter((operation) => operation !== 'status')).toEqual(['send']);
  });
});

test('a Delete does not look at the status of the stack', async () => {
  await ask(deleteEvent());
  expect(outside.operations).not.toContain('status');
});

test.each(['ROLLBACK_IN_PROGRESS', 'CREATE_COMPLETE', 'DELETE_IN_PROGRESS'])(
  'a Create that comes late, when the stack is %s already, starts nothing',
  async (status) => {
    outside.stackStatus = status;
    await ask(createEvent());
    expect(outside.started.size).toBe(0);
    expect(outside.answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(status) });
  },
);

test('a request that is delivered again, when the stack has gone on to something else, does nothing more', async () => {
  await ask(updateEvent());
  outside.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
  await ask(updateEvent());
  expect(outside.runningExecutions.size).toBe(1);
  expect(outside.answers).toEqual([]);
});

describe('an Update that is rolled back', () => {
  test('cancels nothing, ends what the update had started, and succeeds saying so', async () => {
    await ask(updateEvent());
    outside.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    await ask(updateEvent({ RequestId: 'request-2', ResponseURL: `${RESPONSE_URL}&back` }));
    expect(outside.started.size).toBe(1);
    expect(outside.runningExecutions.size).toBe(0);
    expect(outside.places.size).toBe(0);
    expect(outside.answers[0]?.url).toBe(`${RESPONSE_URL}&back`);
    expect(outside.answer).toMatchObject({
      Status: 'SUCCESS',
      RequestId: 'request-2',
      PhysicalResourceId: 'Cancel-1234',
      Data: { outcome: 'NOT_ATTEMPTED', deploymentStatus: 'UNKNOWN', executionArn: '' },
    });
  });
});

describe('an Update in a stack whose status', () => {
  test.each([
    ['cannot be read', () => outside.failing.set('status', failure('AccessDenied'))],
    ['is not told', () => Object.assign(outside, { stackStatus: undefined })],
  ])('%s is answered as failed: it might be a rollback, and nothing was called', async (_what, prepare) => {
    prepare();
    await ask(updateEvent());
    expect(outside.answer).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('allow cloudformation:DescribeStacks on the stack'),
    });
    expect(outside.operations).toEqual(['status', 'send']);
  });
});

describe('a Delete', () => {
  const own = executionName(createEvent());
  const others = [
    executionName(createEvent({ LogicalResourceId: 'Cancel2' })),
    executionName(createEvent({ StackId: 'stack/2' })),
    'started-by-a-person',
  ];

  test('ends what this resource has running, and nothing else, and succeeds', async () => {
    running(own, ...others);
    await ask(deleteEvent());
    expect([...outside.runningExecutions.keys()]).toEqual(others);
    expect([...outside.places.keys()]).toEqual(others);
    expect(outside.answers).toEqual([
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

  test('ends every execution that this resource has running', async () => {
    running(own, executionName(updateEvent()), executionName(updateEvent({ RequestId: 'request-2' })));
    await ask(deleteEvent());
    expect(outside.runningExecutions.size).toBe(0);
    expect(outside.places.size).toBe(0);
  });

  test('never starts, keeps or looks up anything', async () => {
    running(own);
    await ask(deleteEvent());
    expect(new Set(outside.operations)).toEqual(new Set(['running', 'stop', 'delete', 'send']));
  });

  test('that comes while the execution is about to answer keeps it from doing so', async () => {
    await ask(createEvent());
    const late = resultEvent(createEvent());
    await ask(deleteEvent({ RequestId: 'request-2', ResponseURL: `${RESPONSE_URL}&delete` }));
    await handleResult(late, outside);
    expect(outside.answers.map(({ url }) => url)).toEqual([`${RESPONSE_URL}&delete`]);
  });

  const failures: [string, Operation[]][] = [
    ...OPERATIONS.filter((operation) => operation !== 'send').map((operation): [string, Operation[]] => [
      operation,
      [operation],
    ]),
    ['everything', OPERATIONS.filter((operation) => operation !== 'send')],
  ];
  test.each(failures)('succeeds although %s fails', async (_what, operations) => {
    running(own);
    for (const operation of operations) outside.failing.set(operation, failure('AccessDeniedException'));
    await ask(deleteEvent());
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'Cancel-1234' });
  });

  test.each<[string, unknown]>([
    ['no properties at all', undefined],
    ['null for properties', null],
    ['no state machine', { ...PROPERTIES, stateMachineArn: undefined }],
    ['another contract', { ...PROPERTIES, contractVersion: '99' }],
    ['the state machine of a stranger', { ...PROPERTIES, stateMachineArn: 'arn:aws:lambda:us-east-1:1:function:x' }],
  ])('succeeds with %s', async (_what, properties) => {
    await ask(deleteEvent({ ResourceProperties: properties as typeof PROPERTIES }));
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  });

  test('stays without an answer, for Lambda to try again, only if there is no way to put one', async () => {
    outside.failing.set('send', failure('TypeError'));
    await expect(ask(deleteEvent())).rejects.toThrow(ResponseDeliveryError);
  });
});

describe('a result', () => {
  const event = createEvent();
  beforeEach(() => ask(event));

  test('that is good is a success with what is known, and where it came from', async () => {
    const result = resultEvent(event);
    await handleResult(result, outside);
    expect(outside.answers[0]?.url).toBe(RESPONSE_URL);
    expect(outside.answer).toMatchObject({
      ...result.request.cloudFormation,
      Status: 'SUCCESS',
      Reason: '',
      Data: {
        outcome: 'CANCELLED',
        deploymentStatus: 'CANCELLED',
        deploymentId: '1',
        executionArn: result.executionArn,
        deploymentStatusMessage: '',
      },
    });
  });

  test('that is bad is a failure, cause first, with where to see more', async () => {
    const result = resultEvent(event, { outcome: 'TIMED_OUT', failed: true, reason: 'it was CANCELLING\nin the end' });
    await handleResult(result, outside);
    expect(outside.answer).toMatchObject({
      ...result.request.cloudFormation,
      Status: 'FAILED',
      Reason: `it was CANCELLING in the end; see https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${result.executionArn}`,
      Data: { executionArn: result.executionArn },
    });
  });

  test('is answered before the place is forgotten, and then it is forgotten', async () => {
    outside.calls.length = 0;
    await handleResult(resultEvent(event), outside);
    expect(outside.operations).toEqual(['get', 'send', 'delete', 'delete']);
    expect(outside.places.size).toBe(0);
  });

  test('is not answered twice when the machine asks again', async () => {
    await handleResult(resultEvent(event), outside);
    await handleResult(resultEvent(event), outside);
    expect(outside.answers).toHaveLength(1);
  });

  test('that nobody waits for is dropped', async () => {
    outside.places.clear();
    await handleResult(resultEvent(event), outside);
    expect(outside.answers).toEqual([]);
    expect(printed()).toContain('response-url-missing');
  });

  test('is answered by the machine asking again when the place cannot be found out', async () => {
    outside.failing.set('get', failure('ThrottlingException'));
    await expect(handleResult(resultEvent(event), outside)).rejects.toThrow();
    outside.failing.clear();
    await handleResult(resultEvent(event), outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is answered by the machine asking again when it could not be put: the place is kept', async () => {
    outside.failing.set('send', failure('AnswerRefused500'));
    await expect(handleResult(resultEvent(event), outside)).rejects.toThrow(ResponseDeliveryError);
    expect(outside.places.get(executionName(event))).toBe(RESPONSE_URL);
    outside.failing.clear();
    await handleResult(resultEvent(event), outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is answered although the place cannot be forgotten', async () => {
    outside.failing.set('delete', failure('ThrottlingException'));
    await handleResult(resultEvent(event), outside);
    expect(outside.answer).toMatchObject({ Status: 'SUCCESS' });
    expect(printed()).toContain('state-not-deleted');
  });

  test('goes to the one who asked, while another request of the same resource waits', async () => {
    const another = updateEvent({ ResponseURL: `${RESPONSE_URL}&another` });
    await ask(another);
    await handleResult(resultEvent(another), outside);
    expect(outside.answers.map(({ url }) => url)).toEqual([`${RESPONSE_URL}&another`]);
    expect([...outside.places.keys()]).toEqual([executionName(event)]);
  });
});
