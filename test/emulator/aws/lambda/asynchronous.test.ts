import type { LambdaFault } from '../../../../emulator/aws/lambda/function';
import type { Lambda } from '../../../../emulator/aws/lambda/lambda';
import { ARN, configuration, inOrder, lambdaWith, START, until } from './lambda-fixture';

describe('an asynchronous event', () => {
  const FAILING = `exports.handler = async (event, { awsRequestId }) => {
    console.log(awsRequestId);
    if (event.fail) throw new Error('no');
  };`;

  function deliveries(lambda: Lambda, requestId: string): number[] {
    return lambda
      .logs(ARN)
      .filter(({ text }) => text.endsWith(`INFO\t${requestId}`))
      .map(({ timestamp }) => (timestamp - START) / 1000);
  }

  test('is delivered once if the function succeeds', async () => {
    const { lambda, clock } = lambdaWith(FAILING);
    const { requestId } = lambda.invokeAsync(ARN, {});
    await until(clock, 600_000);
    expect(deliveries(lambda, requestId)).toEqual([0]);
    expect(lambda.usage(ARN).dropped).toBe(0);
  });

  test.each([
    [undefined, [0, 60, 180]],
    [1, [0, 60]],
    [0, [0]],
  ])('is retried after function errors, with maximumRetryAttempts %p', async (maximumRetryAttempts, expected) => {
    const { lambda, clock } = lambdaWith(FAILING);
    lambda.configureEvents(ARN, { maximumRetryAttempts });
    const { requestId } = lambda.invokeAsync(ARN, { fail: true });
    await until(clock, 3_600_000);
    expect(deliveries(lambda, requestId)).toEqual(expected);
    expect(lambda.usage(ARN).dropped).toBe(1);
  });

  test('is retried until its maximum age while the function is throttled', async () => {
    const throttle: LambdaFault = { kind: 'throttle' };
    const { lambda, clock } = lambdaWith(FAILING, {}, { faults: inOrder(throttle, throttle, throttle) });
    const { requestId } = lambda.invokeAsync(ARN, {});
    await until(clock, 60_000);
    expect(deliveries(lambda, requestId)).toEqual([1 + 2 + 4]);

    const hopeless = lambdaWith(FAILING, {}, { faults: () => throttle });
    hopeless.lambda.configureEvents(ARN, { maximumEventAge: 60 });
    hopeless.lambda.invokeAsync(ARN, {});
    await until(hopeless.clock, 3_600_000);
    expect(hopeless.lambda.usage(ARN)).toMatchObject({ invocations: 0, throttles: 6, dropped: 1 });
  });

  test('is delivered twice by a fault', async () => {
    const { lambda, clock } = lambdaWith(FAILING, {}, { faults: () => ({ kind: 'duplicate', afterMs: 90_000 }) });
    const { requestId } = lambda.invokeAsync(ARN, {});
    await until(clock, 600_000);
    expect(deliveries(lambda, requestId)).toEqual([0, 90]);
  });

  test('is dropped with its function', async () => {
    const { lambda, clock } = lambdaWith(FAILING);
    const { requestId } = lambda.invokeAsync(ARN, { fail: true });
    await until(clock, 30_000);
    expect(deliveries(lambda, requestId)).toEqual([0]);
    lambda.deregister(ARN);
    lambda.register(configuration(FAILING));
    await until(clock, 600_000);
    expect(deliveries(lambda, requestId)).toEqual([]);
  });
});

describe('with two concurrent executions', () => {
  const SLEEPING = `const { setTimeout: sleep } = require('node:timers/promises');
    exports.handler = async () => { await sleep(10_000); return 'done'; };`;

  test('a third synchronous invocation is rejected until one has ended', async () => {
    const { lambda, clock } = lambdaWith(SLEEPING, {}, { concurrency: 2 });
    const running = [lambda.invoke(ARN, {}), lambda.invoke(ARN, {})];
    await expect(lambda.invoke(ARN, {})).rejects.toMatchObject({ name: 'TooManyRequestsException', statusCode: 429 });
    expect(lambda.usage(ARN)).toMatchObject({ throttles: 1 });
    await Promise.all(running);
    expect(clock.now() - START).toBe(10_000);
    await expect(lambda.invoke(ARN, {})).resolves.toMatchObject({ payload: '"done"' });
  });

  test('functions share them', async () => {
    const { lambda } = lambdaWith(SLEEPING, {}, { concurrency: 2 });
    const other = `${ARN}-2`;
    lambda.register(configuration(SLEEPING, { arn: other, functionName: 'worker-2' }));
    const running = [lambda.invoke(ARN, {}), lambda.invoke(other, {})];
    await expect(lambda.invoke(other, {})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
    await Promise.all(running);
  });

  test('asynchronous events wait, and all are delivered', async () => {
    const { lambda, clock } = lambdaWith(SLEEPING, {}, { concurrency: 2 });
    for (let event = 0; event < 6; event++) lambda.invokeAsync(ARN, {});
    await until(clock, 600_000);
    expect(lambda.usage(ARN)).toMatchObject({ invocations: 6, dropped: 0 });
    expect(lambda.usage(ARN).throttles).toBeGreaterThan(4);
  });
});
