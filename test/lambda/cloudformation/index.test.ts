import { inspect } from 'node:util';
import { Ssm } from '../../../emulator/aws/ssm';
import { VirtualClock } from '../../../emulator/core/clock';
import {
  type Fault,
  HttpServer,
  type HttpService,
  type RawRequest,
  type ServiceCall,
  ServiceError,
} from '../../../emulator/core/http-server';
import { jsonProtocol } from '../../../emulator/core/protocols';
import { systemClock } from '../../../lambda/clock';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import type { ExecutionEndedEvent, RespondEvent } from '../../../lib/contract/cancellation';
import { captureConsole, createEvent, deleteEvent, SECRET, STATE_MACHINE, updateEvent } from './fakes';

/** The Step Functions operations that the function calls. A page of ListExecutions has one execution. */
class StepFunctions {
  readonly executions = new Map<string, { input: string; status: string }>();
  readonly stops: unknown[] = [];

  call({ operation, input }: ServiceCall): object {
    switch (operation) {
      case 'StartExecution':
        return this.start(String(input.name), String(input.input));
      case 'ListExecutions':
        return this.page(Number(input.nextToken ?? 0), String(input.statusFilter));
      case 'DescribeExecution':
        return this.describe(String(input.executionArn));
      case 'StopExecution':
        this.stops.push(input);
        return { stopDate: 0 };
      default:
        throw new ServiceError('UnknownOperationException', operation);
    }
  }

  private start(name: string, input: string): object {
    const existing = this.executions.get(name);
    if (existing && (existing.status !== 'RUNNING' || existing.input !== input)) {
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${name}'`);
    }
    this.executions.set(name, { input, status: 'RUNNING' });
    return { executionArn: arnOf(name), startDate: 0 };
  }

  private describe(executionArn: string): object {
    const found = [...this.executions].find(([name]) => arnOf(name) === executionArn)?.[1];
    if (!found) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`);
    return { executionArn, stateMachineArn: STATE_MACHINE, status: found.status, startDate: 0 };
  }

  private page(from: number, status: string): object {
    const matching = [...this.executions].filter(([, execution]) => execution.status === status);
    const [found] = matching.slice(from, from + 1);
    const executions = found
      ? [{ name: found[0], executionArn: arnOf(found[0]), stateMachineArn: STATE_MACHINE, status, startDate: 0 }]
      : [];
    return { executions, ...(from + 1 < matching.length && { nextToken: String(from + 1) }) };
  }
}

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/0aa1';

function arnOf(name: string): string {
  return `${STATE_MACHINE.replace(':stateMachine:', ':execution:')}:${name}`;
}

let server: HttpServer;
let stepFunctions: StepFunctions;
let ssm: Ssm;
let stackStatus: string | undefined;
let stackTimes: string;
let calls: ServiceCall[];
let responses: { path: string; body: Record<string, unknown> }[];
let describes: URLSearchParams[];
let faults: Map<string, Fault>;
let logged: () => string;
let handle: typeof import('../../../lambda/cloudformation/index')['handler'];

/** Invokes the function. Its calls are attempted for a second and a half. */
const handler = (event: Parameters<typeof handle>[0]) =>
  handle(event, {
    getRemainingTimeInMillis: () => 106_500,
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:cloudformation',
  });

const NO_STACK = {
  statusCode: 400,
  contentType: 'text/xml',
  body: '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Stack does not exist</Message></Error></ErrorResponse>',
};

/** The CloudFormation API, which returns XML, and the response URL. */
function raw({ method, path, body }: RawRequest) {
  if (method === 'PUT') {
    responses.push({ path, body: JSON.parse(body) });
    return { statusCode: 200 };
  }
  describes.push(new URLSearchParams(body));
  if (stackStatus === undefined) return NO_STACK;
  const member = `<member><StackName>Stack</StackName><StackStatus>${stackStatus}</StackStatus>${stackTimes}</member>`;
  const result = `<DescribeStacksResult><Stacks>${member}</Stacks></DescribeStacksResult>`;
  return {
    statusCode: 200,
    contentType: 'text/xml',
    body: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${result}</DescribeStacksResponse>`,
  };
}

beforeAll(async () => {
  const lazily = (
    service: 'sfn' | 'ssm',
    target: string,
    version: '1.0' | '1.1',
    now: () => Pick<HttpService, 'call'>,
  ): HttpService => ({
    service,
    protocol: jsonProtocol(target, version),
    call: (call) => now().call(call),
  });
  server = await HttpServer.listen({
    services: [
      lazily('sfn', 'AWSStepFunctions', '1.0', () => stepFunctions),
      lazily('ssm', 'AmazonSSM', '1.1', () => ssm),
    ],
    raw,
    faults: ({ operation }) => faults.get(operation),
    onCall: (call) => calls.push(call),
  });
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: server.url,
    PARAMETER_PATH: '/deployment-cancellation/Stack',
    PARAMETER_KEY: KEY,
  });
  // The environment must be set before the module is loaded, as in Lambda.
  handle = jest.requireActual<typeof import('../../../lambda/cloudformation/index')>(
    '../../../lambda/cloudformation/index',
  ).handler;
});
afterAll(() => server.close());

beforeEach(() => {
  stepFunctions = new StepFunctions();
  ssm = new Ssm({
    clock: new VirtualClock(),
    hasKey: (arn) => arn === KEY,
    environment: { partition: 'aws', region: 'us-east-1', account: '111122223333' },
  });
  stackStatus = 'UPDATE_IN_PROGRESS';
  stackTimes = '';
  calls = [];
  responses = [];
  describes = [];
  faults = new Map();
  logged = captureConsole();
  // Nothing waits in real time: a wait only moves the clock.
  let waited = 0;
  jest.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + waited);
  jest.spyOn(systemClock, 'sleep').mockImplementation(async (ms) => {
    waited += ms;
  });
});
afterEach(() => {
  expect(logged()).not.toContain(SECRET);
  jest.restoreAllMocks();
});

const withUrl = () => ({ ResponseURL: `${server.url}/response?${SECRET}` });

function endOf(name: string, status: string): ExecutionEndedEvent {
  const detail = { executionArn: arnOf(name), name, status };
  return { source: 'aws.states', time: new Date().toISOString(), detail };
}

function resultOf(name: string): RespondEvent {
  return {
    request: JSON.parse(stepFunctions.executions.get(name)?.input ?? ''),
    executionArn: arnOf(name),
    result: { outcome: 'CANCELLED', failed: false, reason: 'it is', attributes: { deploymentStatus: 'CANCELLED' } },
  };
}

test('a request starts an execution and stores its response URL encrypted, and the result is sent to that URL', async () => {
  const event = createEvent(withUrl());
  const name = executionName(event);
  await handler(event);
  expect(ssm.parameters).toEqual([
    expect.objectContaining({
      name: `/deployment-cancellation/Stack/response-urls/${name}`,
      type: 'SecureString',
      keyId: KEY,
      value: expect.stringContaining(event.ResponseURL),
    }),
  ]);
  expect(stepFunctions.executions.get(name)?.status).toBe('RUNNING');
  expect(stepFunctions.executions.get(name)?.input).not.toContain(SECRET);

  await handler(resultOf(name));
  expect(responses).toEqual([
    { path: `/response?${SECRET}`, body: expect.objectContaining({ Status: 'SUCCESS', RequestId: 'request-1' }) },
  ]);
  expect(ssm.parameters).toEqual([expect.objectContaining({ keyId: KEY, value: '{"mark":"answered"}' })]);

  await handler(endOf(name, 'SUCCEEDED'));
  expect(ssm.parameters).toEqual([]);
});

test('a request delivered twice starts one execution, while it runs and after it has ended', async () => {
  const event = createEvent(withUrl());
  const execution = () => stepFunctions.executions.get(executionName(event));
  await handler(event);
  await handler(event);
  expect(stepFunctions.executions.size).toBe(1);
  expect(ssm.parameters).toHaveLength(1);
  await handler(resultOf(executionName(event)));
  stepFunctions.executions.set(executionName(event), { input: execution()?.input ?? '', status: 'SUCCEEDED' });
  await handler(endOf(executionName(event), 'SUCCEEDED'));
  await handler(event);
  expect(stepFunctions.executions.size).toBe(1);
  expect(ssm.parameters).toEqual([]);
  expect(responses).toHaveLength(1);
});

test('a request delivered again while its execution runs with another input keeps the response URL', async () => {
  const event = createEvent(withUrl());
  await handler(event);
  stepFunctions.executions.set(executionName(event), { input: '{}', status: 'RUNNING' });
  // No DescribeExecution is allowed, so the duplicate is noticed only at the start.
  faults.set('DescribeExecution', { kind: 'error', type: 'AccessDeniedException' });
  await handler(event);
  expect(ssm.parameters).toHaveLength(1);
  expect(responses).toEqual([]);
});

test('a request delivered again after its execution has ended leaves no response URL behind', async () => {
  const event = createEvent(withUrl());
  const name = executionName(event);
  await handler(event);
  await handler(resultOf(name));
  stepFunctions.executions.set(name, { input: '{}', status: 'SUCCEEDED' });
  await handler(endOf(name, 'SUCCEEDED'));
  // No DescribeExecution is allowed, so the duplicate is noticed only at the start.
  faults.set('DescribeExecution', { kind: 'error', type: 'AccessDeniedException' });
  await handler(event);
  expect(ssm.parameters).toEqual([]);
  expect(responses).toHaveLength(1);
});

test('an Update reads the status of its own stack', async () => {
  stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
  const event = updateEvent(withUrl());
  await handler(event);
  expect(describes.map((query) => [query.get('Action'), query.get('StackName')])).toEqual([
    ['DescribeStacks', event.StackId],
  ]);
  expect(responses[0]?.body).toMatchObject({ Status: 'SUCCESS', Data: { outcome: 'NOT_ATTEMPTED' } });
});

test('a Delete finds its execution on any page of the running executions, and stops none of a name that begins alike', async () => {
  const own = executionName(createEvent());
  const ended = executionName(createEvent({ RequestId: 'request-0' }));
  const others = ['a', 'Cancel2', 'CancelOther'].map((LogicalResourceId) =>
    executionName(createEvent({ LogicalResourceId })),
  );
  for (const name of [...others, own]) stepFunctions.executions.set(name, { input: '{}', status: 'RUNNING' });
  stepFunctions.executions.set(ended, { input: '{}', status: 'FAILED' });
  await handler(deleteEvent(withUrl()));
  expect(calls.filter(({ operation }) => operation === 'ListExecutions').map(({ input }) => input)).toEqual(
    [undefined, '1', '2', '3'].map((nextToken) => ({
      stateMachineArn: STATE_MACHINE,
      statusFilter: 'RUNNING',
      maxResults: 1000,
      ...(nextToken && { nextToken }),
    })),
  );
  expect(stepFunctions.stops).toEqual([
    { executionArn: arnOf(own), error: 'NoLongerRequested', cause: 'Delete of Cancel' },
  ]);
  expect(responses.map(({ body }) => body.Status)).toEqual(['SUCCESS']);
});

test('a result is not sent again after it was answered, and a missing parameter counts as deleted', async () => {
  const event = createEvent(withUrl());
  await handler(event);
  const result = resultOf(executionName(event));
  await handler(result);
  await handler(result);
  expect(responses).toHaveLength(1);
  for (let i = 0; i < 2; i++) await handler(endOf(executionName(event), 'SUCCEEDED'));
  stepFunctions.executions.set(executionName(event), { input: '{}', status: 'RUNNING' });
  await handler(deleteEvent(withUrl()));
  expect(responses.map(({ body }) => body.Status)).toEqual(['SUCCESS', 'SUCCESS']);
  expect(logged()).not.toContain('state-not-deleted');
});

test('a request after whose execution nothing is stored leaves nothing stored either', async () => {
  const event = createEvent(withUrl());
  await handler(event);
  stepFunctions.executions.set(executionName(event), { input: '{}', status: 'SUCCEEDED' });
  await handler(endOf(executionName(event), 'SUCCEEDED'));
  faults.set('DescribeExecution', { kind: 'error', type: 'AccessDeniedException' });
  await handler(event);
  expect(ssm.parameters).toEqual([]);
  expect(responses).toEqual([]);
});

test('a stack that is not visible yet is read again', async () => {
  stackStatus = undefined;
  await handler(createEvent(withUrl()));
  expect(describes.length).toBeGreaterThan(1);
  expect(responses.map(({ body }) => body.Reason)).toEqual([expect.stringContaining('could not be read')]);
});

test('the times of a stack tell a late request', async () => {
  stackTimes = '<LastUpdatedTime>2099-01-01T00:00:00Z</LastUpdatedTime>';
  const { ResponseURL } = withUrl();
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  await handler(createEvent({ ResponseURL: `${ResponseURL}&X-Amz-Date=${date}&X-Amz-Expires=7200` }));
  expect(stepFunctions.executions.size).toBe(0);
  expect(responses.map(({ body }) => body.Reason)).toEqual([expect.stringContaining('nobody waits for it')]);
});

test('a URL that is not of CloudFormation is refused: nothing is called, stored or sent', async () => {
  const event = createEvent({ ResponseURL: `https://example.com/response?${SECRET}` });
  const error = await handler(event).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'RefusedResponseUrlError' });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(SECRET);
  expect([calls, describes, responses, ssm.parameters]).toEqual([[], [], [], []]);
});

test.each([
  ['PutParameter', 'ssm:PutParameter'],
  ['StartExecution', 'states:StartExecution'],
])('a denied %s is named in the response by its error, without the message', async (operation, action) => {
  const message = `not authorized, by the way ${SECRET}`;
  faults.set(operation, { kind: 'error', type: 'AccessDeniedException', message });
  await handler(createEvent(withUrl()));
  expect(responses.map(({ body }) => body.Reason)).toEqual([
    expect.stringMatching(
      new RegExp(
        `: ${action} on arn:aws:(ssm|states):us-east-1:111122223333:\\S+ failed with AccessDeniedException; allow it`,
      ),
    ),
  ]);
  expect(inspect(responses.map(({ body }) => body))).not.toContain(SECRET);
  expect(ssm.parameters).toEqual([]);
});

test('a denied GetParameter is an error without the response URL, so that the state machine retries', async () => {
  const event = createEvent(withUrl());
  await handler(event);
  faults.set('GetParameter', { kind: 'error', type: 'AccessDeniedException' });
  const error = await handler(resultOf(executionName(event))).catch((reason) => reason);
  const parameter = `parameter/deployment-cancellation/Stack/response-urls/${executionName(event)}`;
  expect(error.message).toBe(
    `ssm:GetParameter on arn:aws:ssm:us-east-1:111122223333:${parameter} failed with AccessDeniedException`,
  );
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain(SECRET);
  expect(ssm.parameters).toHaveLength(1);
});
