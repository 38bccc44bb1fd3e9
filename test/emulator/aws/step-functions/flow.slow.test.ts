import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { StepFunctions } from '../../../../emulator/aws/step-functions/step-functions';
import { sleep, VirtualClock } from '../../../../emulator/core/clock';
import { type ServiceCall, ServiceError } from '../../../../emulator/core/http-server';
import { chain, endOf, FUNCTION, fixture, machine, ROLE, START, TASK } from './machines';

const INVOKE = 'arn:aws:states:::lambda:invoke';

describe('waits', () => {
  test('of twenty minutes take less than a second, and twenty minutes on the clock', async () => {
    const { sfn, clock } = fixture();
    const stateMachineArn = machine(sfn, chain({ Wait: { Type: 'Wait', Seconds: 1200 } }));
    const began = performance.now();
    await endOf(sfn.startExecution({ stateMachineArn }));
    expect(performance.now() - began).toBeLessThan(500);
    expect(clock.now()).toBe(START + 1_200_000);
  });

  test.each([
    ['Seconds', { Seconds: 7 }, 7],
    ['SecondsPath', { SecondsPath: '$.seconds' }, 9],
    ['SecondsPath of none', { SecondsPath: '$.none' }, 0],
    ['Timestamp', { Timestamp: '2026-01-01T00:01:00Z' }, 60],
    ['TimestampPath', { TimestampPath: '$.until' }, 120],
    ['a Timestamp that is past', { Timestamp: '2025-01-01T00:00:00Z' }, 0],
  ])('last as long as %s says', async (_, fields, seconds) => {
    const { start } = fixture();
    const execution = start(chain({ Wait: { Type: 'Wait', ...fields } }), {
      seconds: 9,
      none: 0,
      until: '2026-01-01T00:02:00Z',
    });
    await execution.ended;
    expect(execution.status).toBe('SUCCEEDED');
    expect((execution.stopDate ?? 0) - execution.startDate).toBe(seconds * 1000);
  });
});

describe('a function', () => {
  test('that is named by its ARN gets the input and returns the result', async () => {
    const { start, invoked } = fixture((event: { n: number }) => ({ twice: event.n * 2 }));
    expect(await endOf(start(chain({ Do: { ...TASK, ResultPath: '$.result' } }), { n: 4 }))).toEqual({
      n: 4,
      result: { twice: 8 },
    });
    expect(invoked).toEqual([{ at: 0, event: { n: 4 } }]);
  });

  test('that is invoked by the integration gets the Payload and returns the response', async () => {
    const { start, invoked } = fixture(() => 'done');
    const state = { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: FUNCTION, 'Payload.$': '$.inner' } };
    expect(await endOf(start(chain({ Do: state }), { inner: [1] }))).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: 'done',
      StatusCode: 200,
    });
    expect(invoked).toMatchObject([{ event: [1] }]);
  });

  test('may take longer than a minute: AWS has no default timeout', async () => {
    const { start, clock } = fixture((_, clock) => sleep(clock, 600_000).then(() => 'late'));
    expect(await endOf(start(chain({ Do: TASK })))).toBe('late');
    expect(clock.now()).toBe(START + 600_000);
  });

  test('sees the context object', async () => {
    const { start, invoked } = fixture();
    const Parameters = {
      'context.$': '$$',
      'state.$': '$$.State.Name',
      'text.$': "States.Format('{}', $$.State.Name)",
    };
    const execution = start(chain({ First: { ...TASK, Parameters }, Second: { ...TASK, Parameters } }), { a: 1 });
    await execution.ended;
    const { arn, stateMachineArn } = execution;
    const name = stateMachineArn.split(':').at(-1);
    expect(arn).toBe(`arn:aws:states:eu-west-1:123456789012:execution:${name}:run`);
    expect(invoked.map(({ event }) => event)).toEqual(
      ['First', 'Second'].map((state) => ({
        state,
        text: state,
        context: {
          Execution: {
            Id: arn,
            Input: { a: 1 },
            Name: 'run',
            RoleArn: ROLE,
            StartTime: '2026-01-01T00:00:00.000Z',
            RedriveCount: 0,
          },
          StateMachine: { Id: stateMachineArn, Name: name },
        },
      })),
    );
  });

  test('needs a permission of the role of the machine', async () => {
    const asked: unknown[] = [];
    const { start, invoked } = fixture(() => null, {
      authorize: (...question) => {
        asked.push(question);
        return 'User: x is not authorized';
      },
    });
    expect(await endOf(start(chain({ Do: TASK })))).toEqual({
      status: 'FAILED',
      error: 'Lambda.AWSLambdaException',
      cause: expect.stringMatching(/^User: x is not authorized \(Service: Lambda, Status Code: 403, Request ID: .*\)$/),
    });
    expect(asked).toEqual([['AKIAMACHINE', { action: 'lambda:InvokeFunction', resource: FUNCTION }]]);
    expect(invoked).toEqual([]);
  });
});

describe('limits', () => {
  const BIG = 'x'.repeat(256 * 1024);
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
  const Caught = { Type: 'Pass' };

  test('of 256 KB apply to the output of a task, and no Catch handles the error', async () => {
    const { start } = fixture(() => BIG);
    const definition = chain({ Do: { ...TASK, Catch }, Caught });
    expect(await endOf(start(definition))).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('of 256 KB apply to the output of a state, before the next state', async () => {
    const { start, invoked } = fixture();
    const half = 'x'.repeat(130 * 1024);
    const Double = { Type: 'Pass', Parameters: { 'a.$': '$.half', 'b.$': '$.half' } };
    const execution = start(chain({ Double, Do: { ...TASK, Parameters: {} } }), { half });
    expect(await endOf(execution)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(invoked).toEqual([]);
  });

  test('of 25,000 events end an endless execution', async () => {
    const { start } = fixture();
    const execution = start({
      StartAt: 'A',
      States: {
        A: { Type: 'Wait', Seconds: 1, Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'C' }], Default: 'A' },
        C: { Type: 'Succeed' },
      },
    });
    expect(await endOf(execution)).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(execution.history).toHaveLength(25_000);
  });
});

describe('real functions', () => {
  test('run in threads, sleep on the clock, and are retried after crashes', async () => {
    const codeDirectory = mkdtempSync(join(tmpdir(), 'function-'));
    writeFileSync(
      join(codeDirectory, 'index.js'),
      `const { setTimeout: sleep } = require('node:timers/promises');
       exports.handler = async ({ n }) => { await sleep(240_000); return { n: n + 1 }; };`,
    );
    const clock = new VirtualClock(START);
    const faults = [undefined, { kind: 'crash', when: { sleep: 1 } } as const, { kind: 'throttle' } as const];
    const lambda = new Lambda({ clock, faults: () => faults.shift() });
    lambda.register({
      functionName: 'worker',
      arn: FUNCTION,
      codeDirectory,
      handler: 'index.handler',
      environment: {},
      memorySize: 128,
      timeout: 300,
      accessKeyId: 'AKIAWORKER',
    });
    const sfn = new StepFunctions({
      clock,
      environment: { partition: 'aws', region: 'eu-west-1', account: '123456789012' },
      lambda,
    });
    const Retry = [{ ErrorEquals: ['Runtime.ExitError', 'Lambda.TooManyRequestsException'], IntervalSeconds: 10 }];
    const definition = chain({ One: { ...TASK, Retry }, Wait: { Type: 'Wait', Seconds: 60 }, Two: { ...TASK, Retry } });
    const began = performance.now();
    const execution = sfn.startExecution({ stateMachineArn: machine(sfn, definition), input: '{"n":0}' });
    expect(await endOf(execution)).toEqual({ n: 2 });
    expect(performance.now() - began).toBeLessThan(2_000);
    // One, the wait, Two that crashes, 10 s, Two that is throttled, 20 s, Two.
    expect((execution.stopDate ?? 0) - execution.startDate).toBe((240 + 60 + 0 + 10 + 20 + 240) * 1000);
    expect(execution.transitions).toBe(3 + 2);
    expect(lambda.usage(FUNCTION)).toMatchObject({ invocations: 3, errors: 1, throttles: 1, coldStarts: 2 });
    await lambda.close();
    rmSync(codeDirectory, { recursive: true });
  });
});

describe('a task of another service', () => {
  const answer = jest.fn<object, [ServiceCall]>();
  const call = (request: ServiceCall) => answer(request);
  const UPDATE = 'arn:aws:states:::aws-sdk:proton:updateServiceInstance';
  const running = (Resource: string, Parameters: object) =>
    fixture(undefined, { call }).start(chain({ Call: { Type: 'Task', Resource, Parameters } }), { text: 'hello' });

  test('publishes as the role of the machine', async () => {
    answer.mockReturnValueOnce({ MessageId: '1' });
    const parameters = { TopicArn: 'topic', 'Message.$': '$.text' };
    expect(await endOf(running('arn:aws:states:::sns:publish', parameters))).toEqual({ MessageId: '1' });
    expect(answer.mock.lastCall).toEqual([
      {
        service: 'sns',
        operation: 'Publish',
        input: { TopicArn: 'topic', Message: 'hello' },
        accessKeyId: 'AKIAMACHINE',
      },
    ]);
  });

  test('by the AWS SDK has names that begin with capital letters, unlike the API', async () => {
    answer.mockReturnValueOnce({ serviceInstance: { name: 'web-prod', spec: undefined } });
    expect(await endOf(running(UPDATE, { ServiceName: 'web', Name: 'web-prod' }))).toEqual({
      ServiceInstance: { Name: 'web-prod' },
    });
    expect(answer.mock.lastCall).toMatchObject([
      { service: 'proton', operation: 'UpdateServiceInstance', input: { serviceName: 'web', name: 'web-prod' } },
    ]);
  });

  test('fails with the error of the service, which can be caught', async () => {
    answer.mockImplementationOnce(() => {
      throw new ServiceError('ConflictException', 'There is a deployment in progress.');
    });
    expect(await endOf(running(UPDATE, {}))).toEqual({
      status: 'FAILED',
      error: 'Proton.ConflictException',
      cause: expect.stringMatching(/^There is a deployment in progress\. \(Service: Proton, Status Code: 400, /),
    });
  });
});
