import { stopAll } from '../serve-service';
import { ACCOUNT, CALLER, deploy, READ_ACTIONS, ROLE, read, startEmulator, WORKER } from './start-emulator';

afterEach(stopAll);

const exactly = (ms: number) => ({ min: ms, max: ms });
const STARTS = 'arn:aws:states:us-east-1:123456789012:stateMachine:';

/** A state machine in a template. */
const machine = (name: string, states: Readonly<Record<string, object>>) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  DependsOn: ['Role'],
  Properties: {
    StateMachineName: name,
    RoleArn: ROLE,
    DefinitionString: JSON.stringify({ StartAt: Object.keys(states)[0], States: states }),
  },
});
const WAIT = machine('wait', { Wait: { Type: 'Wait', Seconds: 60, End: true } });

describe('permissions with a lag', () => {
  test.each(READ_ACTIONS)('%s is denied in the protocol of the service, until the lag has passed', async (action) => {
    const fixture = await startEmulator({ consistency: { permissions: exactly(10_000) } });
    await deploy(fixture);
    const isQuery = action.startsWith('cloudformation:');
    const denied = { name: isQuery ? 'AccessDenied' : 'AccessDeniedException', statusCode: isQuery ? 403 : 400 };
    expect(await read(fixture, action)).toMatchObject(denied);
    await fixture.clock.pass(9_999);
    expect(await read(fixture, action)).toMatchObject(denied);
    await fixture.clock.pass(1);
    expect(await read(fixture, action)).toEqual({ name: 'ok' });
  });

  test('Lambda denies an invocation by its API and by Step Functions', async () => {
    const fixture = await startEmulator({ consistency: { permissions: exactly(10_000) } });
    const { emulator, clock } = fixture;
    const task = { Type: 'Task', Resource: WORKER, End: true };
    await deploy(fixture, { ...CALLER, Invoke: machine('invoke', { Invoke: task }) });
    const { accessKeyId } = emulator.lambda.configuration(WORKER);
    const invoke = () =>
      fetch(`${emulator.url}/2015-03-31/functions/${encodeURIComponent(WORKER)}/invocations`, {
        method: 'POST',
        body: '{}',
        headers: { authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20260101/us-east-1/lambda/aws4_request` },
      });
    const start = async () => {
      const execution = emulator.stepFunctions.startExecution({ stateMachineArn: `${STARTS}invoke` });
      await clock.pass(1);
      return execution.error ?? execution.status;
    };
    const denied = await invoke();
    expect([denied.status, denied.headers.get('x-amzn-errortype')]).toEqual([403, 'AccessDeniedException']);
    expect(await start()).toBe('Lambda.AWSLambdaException');
    await clock.pass(10_000);
    expect((await invoke()).status).toBe(200);
    expect(await start()).toBe('SUCCEEDED');
  });

  test('EventBridge loses the events that it may not deliver yet', async () => {
    const fixture = await startEmulator({ consistency: { permissions: exactly(10_000) } });
    const { emulator, clock } = fixture;
    const ruleArn = `arn:aws:events:${ACCOUNT}:rule/alarm`;
    await deploy(fixture, {
      ...CALLER,
      Wait: WAIT,
      Rule: {
        Type: 'AWS::Events::Rule',
        DependsOn: ['Worker', 'Wait'],
        Properties: {
          Name: 'alarm',
          EventPattern: { source: ['alarm'] },
          Targets: [
            { Id: 'Function', Arn: WORKER },
            { Id: 'Machine', Arn: `${STARTS}wait`, RoleArn: ROLE },
          ],
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        DependsOn: ['Worker'],
        Properties: {
          FunctionName: 'worker',
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: ruleArn,
        },
      },
    });
    const publish = async () => {
      emulator.events.publish({ source: 'alarm', 'detail-type': 'Alarm', detail: {} });
      await clock.pass(1_000);
      return [emulator.lambda.invocations, emulator.stepFunctions.executions.length];
    };
    expect(await publish()).toEqual([0, 0]);
    expect(emulator.events.failedInvocations.map(({ reason }) => reason)).toEqual([
      `the policy of ${WORKER} does not allow ${ruleArn} to invoke it`,
      expect.stringContaining('is not authorized to perform: states:StartExecution'),
    ]);
    await clock.pass(10_000);
    expect(await publish()).toEqual([1, 1]);
    expect(emulator.events.failedInvocations).toHaveLength(2);
  });

  test('a rule without the permission of the function never invokes it', async () => {
    const fixture = await startEmulator();
    const { emulator, clock } = fixture;
    const Properties = { Name: 'alarm', EventPattern: { source: ['alarm'] }, Targets: [{ Id: 'F', Arn: WORKER }] };
    await deploy(fixture, { ...CALLER, Rule: { Type: 'AWS::Events::Rule', Properties } });
    emulator.events.publish({ source: 'alarm', 'detail-type': 'Alarm', detail: {} });
    await clock.pass(3_600_000);
    expect(emulator.lambda.invocations).toBe(0);
    expect(emulator.events.failedInvocations).toHaveLength(1);
  });
});

describe('quotas', () => {
  test.each(READ_ACTIONS)('%s over its quota is throttled in the protocol of the service', async (action) => {
    const service = action.slice(0, action.indexOf(':'));
    const fixture = await startEmulator({ quotas: { actions: { [`${service}:*`]: { perSecond: 2 } } } });
    await deploy(fixture);
    const outcomes = [await read(fixture, action), await read(fixture, action), await read(fixture, action)];
    expect(outcomes).toEqual([
      { name: 'ok' },
      { name: 'ok' },
      {
        name: service === 'cloudformation' ? 'Throttling' : 'ThrottlingException',
        errorType: 'THROTTLING',
        statusCode: 400,
      },
    ]);
    await fixture.clock.pass(500);
    expect(await read(fixture, action)).toEqual({ name: 'ok' });
    expect((await read(fixture, action)).errorType).toBe('THROTTLING');
  });

  test('Step Functions gets Lambda.TooManyRequestsException while all concurrent executions are in use', async () => {
    const fixture = await startEmulator({ quotas: { lambdaConcurrency: 1 } });
    const { emulator, clock } = fixture;
    await deploy(fixture, {
      ...CALLER,
      Invoke: machine('invoke', { Invoke: { Type: 'Task', Resource: WORKER, End: true } }),
      Patient: machine('patient', {
        Invoke: {
          Type: 'Task',
          Resource: WORKER,
          Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 20, MaxAttempts: 9 }],
          End: true,
        },
      }),
    });
    const start = (name: string, input: object) =>
      emulator.stepFunctions.startExecution({ stateMachineArn: `${STARTS}${name}`, input: JSON.stringify(input) });
    const first = start('invoke', { seconds: 60 });
    await clock.pass(1_000);
    const second = start('invoke', {});
    const patient = start('patient', {});
    await clock.pass(200_000);
    expect([first.status, second.status, patient.status]).toEqual(['SUCCEEDED', 'FAILED', 'SUCCEEDED']);
    expect([second.error, second.cause]).toEqual([
      'Lambda.TooManyRequestsException',
      expect.stringContaining('Status Code: 429'),
    ]);
    expect(emulator.lambda.usage(WORKER).throttles).toBeGreaterThan(1);
  });

  test('new-account allows ten concurrent executions, and asynchronous events wait for them', async () => {
    const fixture = await startEmulator({ quotas: 'new-account' });
    const { emulator, clock } = fixture;
    await deploy(fixture);
    for (let event = 0; event < 25; event++) emulator.lambda.invokeAsync(WORKER, { seconds: 30 });
    await clock.pass(10_000);
    expect(emulator.lambda.invocations).toBe(10);
    await clock.pass(600_000);
    expect(emulator.lambda.usage(WORKER)).toMatchObject({ invocations: 25, dropped: 0 });
  });

  test('a start of an execution by a task is throttled, and one by a rule is retried', async () => {
    const fixture = await startEmulator({
      quotas: { actions: { 'states:StartExecution': { perSecond: 0.1, burst: 1 } } },
    });
    const { emulator, clock } = fixture;
    const nested = {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: `${STARTS}wait`, Input: {} },
      End: true,
    };
    const Targets = [{ Id: 'Machine', Arn: `${STARTS}wait`, RoleArn: ROLE }];
    const Properties = { Name: 'alarm', EventPattern: { source: ['alarm'] }, Targets };
    await deploy(fixture, {
      ...CALLER,
      Wait: WAIT,
      Nested: machine('nested', { Start: nested }),
      Rule: { Type: 'AWS::Events::Rule', DependsOn: ['Role'], Properties },
    });
    emulator.events.publish({ source: 'alarm', 'detail-type': 'Alarm', detail: {} });
    emulator.events.publish({ source: 'alarm', 'detail-type': 'Alarm', detail: {} });
    const execution = emulator.stepFunctions.startExecution({ stateMachineArn: `${STARTS}nested` });
    await clock.pass(1);
    expect(execution.error).toBe('StepFunctions.ThrottlingException');
    const started = () => emulator.stepFunctions.executions.filter(({ arn }) => arn.includes(':wait:')).length;
    expect(started()).toBe(1);
    await clock.pass(60_000);
    expect(started()).toBe(2);
    expect(emulator.events.failedInvocations).toEqual([]);
  });

  test('a call that is throttled does not reach the service', async () => {
    const calls: string[] = [];
    const fixture = await startEmulator({
      quotas: { actions: { 'ecs:*': { perSecond: 0 } } },
      onCall: ({ operation }, answer) => calls.push(`${operation}: ${answer}`),
    });
    await deploy(fixture);
    await read(fixture, 'ecs:ListServiceDeployments');
    expect(calls).toEqual(['ListServiceDeployments: ThrottlingException']);
  });
});

describe('AWS::Lambda::EventInvokeConfig', () => {
  const withConfig = (Properties: object) => ({
    ...CALLER,
    Config: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      DependsOn: ['Worker'],
      Properties: { FunctionName: 'worker', Qualifier: '$LATEST', ...Properties },
    },
  });

  test('drops the events that are delivered too late, and no others', async () => {
    const delivery = { delay: exactly(90_000) };
    const fixture = await startEmulator({ delivery });
    const { emulator, clock } = fixture;
    await deploy(fixture, withConfig({ MaximumEventAgeInSeconds: 60 }));
    emulator.lambda.invokeAsync(WORKER, {});
    await clock.pass(3_600_000);
    expect(emulator.lambda.usage(WORKER)).toMatchObject({ invocations: 0, dropped: 1 });
    await emulator.cloudFormation.updateStack({ stackName: 'caller', template: { Resources: withConfig({}) } });
    emulator.lambda.invokeAsync(WORKER, {});
    await clock.pass(3_600_000);
    expect(emulator.lambda.usage(WORKER)).toMatchObject({ invocations: 1, dropped: 1 });
  });

  test('limits the retries, until it is deleted', async () => {
    const fixture = await startEmulator({ lambdaFaults: () => ({ kind: 'crash', when: 'before' }) });
    const { emulator, clock } = fixture;
    await deploy(fixture, withConfig({ MaximumRetryAttempts: 0 }));
    emulator.lambda.invokeAsync(WORKER, {});
    await clock.pass(3_600_000);
    expect(emulator.lambda.usage(WORKER)).toMatchObject({ invocations: 1, dropped: 1 });
    await emulator.cloudFormation.updateStack({ stackName: 'caller', template: { Resources: CALLER } });
    emulator.lambda.invokeAsync(WORKER, {});
    await clock.pass(3_600_000);
    expect(emulator.lambda.usage(WORKER)).toMatchObject({ invocations: 4, dropped: 2 });
  });

  test.each([
    [{ DestinationConfig: {} }, 'the emulator does not support DestinationConfig'],
    [{ Qualifier: '1' }, 'the emulator does not support the Qualifier 1'],
  ])('with %j is rejected', async (properties, message) => {
    const { emulator } = await startEmulator();
    const template = { Resources: withConfig(properties) };
    await emulator.cloudFormation.createStack({ stackName: 'caller', template });
    const failed = emulator.cloudFormation.stackEvents('caller').find(({ status }) => status === 'CREATE_FAILED');
    expect(failed?.statusReason).toContain(message);
  });
});

describe('defaults', () => {
  /** The moments at which a read of a new parameter finds it, in steps of 100 ms. */
  async function readsOf(options: Parameters<typeof startEmulator>[0]) {
    const { emulator, clock } = await startEmulator(options);
    const call = (operation: string, input: object) =>
      emulator.ssm.call({ service: 'ssm', operation, input: { Name: '/a', ...input } });
    call('PutParameter', { Value: 'a', Type: 'String' });
    const found: boolean[] = [];
    for (let step = 0; step < 40; step++) {
      try {
        call('GetParameter', {});
        found.push(true);
      } catch {
        found.push(false);
      }
      await clock.pass(100);
    }
    return found;
  }

  test('without a source of random numbers, the lags are the same in every run', async () => {
    const found = await readsOf({ consistency: 'eventual' });
    expect(new Set(found)).toEqual(new Set([true, false]));
    expect(found.slice(30)).toEqual(Array(10).fill(true));
    expect(await readsOf({ consistency: 'eventual' })).toEqual(found);
    expect(await readsOf({ consistency: 'eventual', random: () => 0.3 })).not.toEqual(found);
  });

  test('strong consistency has no lags', async () => {
    expect(await readsOf({ consistency: 'strong' })).toEqual(Array(40).fill(true));
  });
});
