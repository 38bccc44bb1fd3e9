import { STEPS, type StepEvent } from '../../../lib/contract';
import type { Invocation, LambdaFault } from '../../../local/lambda/function';
import { MINUTES, SECONDS, type WorldSeed } from '../../../local/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../../local/proton/scenarios';
import type { Fault } from '../../../local/wire';
import { Bench, cancellationStack, checkedStack, deployedAt, stackOf } from './bench';
import { expectDiscretion } from './witness';

const assembly = cancellationStack();
const stack = stackOf(assembly);

/** As soon as the deployment is cancelled, a newer one takes its place. */
const CONTESTED: WorldSeed = serviceInstanceSeed(DEFAULT_NAMES, {
  at: -2 * MINUTES,
  onCancel: {
    steps: [
      { after: 0, status: 'CANCELLED' },
      { after: 0, start: {} },
    ],
  },
});

/** What a function is asked to do: a request of CloudFormation, a step of the cancellation, or to answer. */
function taskOf({ event }: Invocation): string {
  if (Object.hasOwn(event as object, 'RequestType')) return 'request';
  if (Object.hasOwn(event as object, 'result')) return 'answer';
  return (event as StepEvent).progress?.next ?? STEPS.FIND;
}

/** Once, when the task comes up for the first time. */
function once(task: string, fault: LambdaFault) {
  let left = 1;
  return (invocation: Invocation) => (taskOf(invocation) === task && left-- > 0 ? fault : undefined);
}

describe('a function that dies once changes nothing about the end, and harms no newer deployment', () => {
  const faults: LambdaFault[] = [
    { kind: 'crash', when: 'before' },
    { kind: 'crash', when: 'after' },
    { kind: 'timeout', when: 'after' },
    { kind: 'throttle' },
  ];
  const tasks = ['request', STEPS.FIND, STEPS.CANCEL, STEPS.AWAIT, 'answer'];
  const cases = tasks.flatMap((task) =>
    faults.map((fault) => [`${fault.kind} ${'when' in fault ? fault.when : ''}`.trim(), task, fault] as const),
  );

  test.each(cases)('%s, %s', async (_what, task, fault) => {
    const bench = await Bench.start({ assembly, seed: CONTESTED });
    bench.lambdaFaults = once(task, fault);
    const { status, outputs } = await bench.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expect(bench.cloud.stepFunctions.executions).toHaveLength(1);
    // Whatever Lambda still tries again.
    await bench.pass(10 * 60);
    expect(bench.witness.invocations.filter((invocation) => taskOf(invocation) === task).length).toBeGreaterThan(1);
    expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectDiscretion(bench.witness);
  });

  test('crash as it sleeps between two looks', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    bench.lambdaFaults = once(STEPS.AWAIT, { kind: 'crash', when: { sleep: 2 } });
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(bench.deployments).toEqual(['CANCELLED']);
    expectDiscretion(bench.witness);
  });
});

describe('a request that is delivered twice starts nothing twice', () => {
  test.each([
    ['together', 0],
    ['while the cancellation waits', 20 * SECONDS],
    ['after it was answered', 5 * MINUTES],
  ])('%s', async (_when, afterMs) => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2, 3) });
    bench.lambdaFaults = once('request', { kind: 'duplicate', afterMs });
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    await bench.pass(10 * 60);
    const [request, again] = bench.witness.requests;
    expect(again).toEqual(request);
    expect(bench.cloud.stepFunctions.executions).toHaveLength(1);
    expect(bench.witness.answers).toHaveLength(1);
    expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectDiscretion(bench.witness);
  });

  test('a new one with the id of an old one is started, once', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2, 10, 14) });
    await bench.create(stack);
    await bench.pass(10 * 60);
    const elsewhere = `${bench.cloud.url}/elsewhere?X-Amz-Signature=${'e'.repeat(64)}`;
    const askAgain = () => {
      const update = bench.witness.requests.find(({ RequestType }) => RequestType === 'Update');
      bench.cloud.lambda.invokeAsync(update?.ServiceToken ?? '', { ...update, ResponseURL: elsewhere });
    };
    bench.answerFaults = ({ path }) =>
      path.startsWith('/elsewhere') ? { kind: 'page', statusCode: 200, body: '' } : undefined;
    bench.clock.schedule(5 * MINUTES, askAgain);
    bench.clock.schedule(7 * MINUTES, askAgain);

    expect(await bench.update(checkedStack({ trigger: 'two' }, { afterSeconds: 10 * 60 }))).toMatchObject({
      status: 'UPDATE_COMPLETE',
    });
    expect(bench.requests).toEqual(['Create Cancellation', ...Array(3).fill('Update Cancellation')]);
    expect(bench.witness.results.map(({ outcome }) => outcome)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(bench.deployments).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(bench.witness.answers.map(({ path }) => path.startsWith('/elsewhere'))).toEqual([false, false, true]);
    expectDiscretion(bench.witness);
  });

  test('one that is delivered for the first time when the stack is done is refused', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2, 10) });
    await bench.create(stack);
    await bench.pass(10 * 60);
    const [request] = bench.witness.requests;
    const late = { ...request, ResponseURL: `${bench.cloud.url}/elsewhere?X-Amz-Signature=${'e'.repeat(64)}` };
    bench.answerFaults = () => ({ kind: 'page', statusCode: 200, body: '' });
    bench.cloud.lambda.invokeAsync(request?.ServiceToken ?? '', late);
    await bench.pass(60);
    expect(JSON.parse(bench.witness.answers.at(-1)?.body ?? '')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('nothing was cancelled: the stack is CREATE_COMPLETE'),
    });
    expect(bench.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectDiscretion(bench.witness);
  });
});

describe('an answer that cannot be put is put again', () => {
  const unavailable: Fault = { kind: 'page', statusCode: 503, body: 'slow down' };
  test.each([
    ['after a lost connection', 1, { kind: 'reset' } as const],
    ['after some refusals', 5, unavailable],
    ['after more refusals than one invocation has the patience for', 25, unavailable],
  ])('%s', async (_when, times, fault) => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    let left: number = times;
    bench.answerFaults = () => (left-- > 0 ? fault : undefined);
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(new Set(bench.witness.answers.map(({ body }) => body)).size).toBe(1);
    expect(bench.witness.answers).toHaveLength(times + 1);
    expectDiscretion(bench.witness);
  });

  test('though it had arrived, which does no harm', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    let left = 1;
    bench.answerFaults = (request) => {
      if (left-- <= 0) return undefined;
      bench.cloud.cloudFormation.takeAnswer(request);
      return { kind: 'reset' };
    };
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(bench.witness.answers).toHaveLength(2);
    expectDiscretion(bench.witness);
  });
});
