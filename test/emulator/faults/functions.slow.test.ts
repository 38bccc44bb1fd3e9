import type { CustomResourceEvent } from '../../../emulator/aws/cloudformation/custom-resource';
import type { Invocation, LambdaFault } from '../../../emulator/aws/lambda/function';
import { MINUTES, SECONDS, type WorldSeed } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import type { SynthesisedStack } from '../../../emulator/simulation/assembly';
import { STEPS, type StepEvent } from '../../../lib/contract/cancellation';
import { Bench, cancellationStack, checkedStack, deployedAt, failureOf, stackOf } from '../cloud-fixture';
import { expectDiscretion } from '../recorder';

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

/** What a function is asked to do: a request of CloudFormation, a step of the cancellation, to answer, or to answer for an execution that has not. */
function taskOf({ event }: Invocation): string {
  if (Object.hasOwn(event as object, 'RequestType')) return 'request';
  if (Object.hasOwn(event as object, 'result')) return 'answer';
  if (Object.hasOwn(event as object, 'source')) return 'end';
  return (event as StepEvent).progress?.next ?? STEPS.FIND;
}

/** The stack as if the code of a function had no handler: it dies as it starts. */
function withoutHandler(name: string): SynthesisedStack {
  const template = structuredClone(stack.template) as {
    Resources: Record<string, { Type: string; Properties: { Handler?: string } }>;
  };
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Lambda::Function' && id.includes(`${name}Function`))
      Properties.Handler = Properties.Handler?.replace('.handler', '.nothing');
  }
  return { ...stack, template };
}

/** Once, when the task comes up for the first time. */
function once(task: string, fault: LambdaFault) {
  let left = 1;
  return (invocation: Invocation) => (taskOf(invocation) === task && left-- > 0 ? fault : undefined);
}

describe('3. a function that dies once changes nothing about the end, and harms no newer deployment', () => {
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

describe('3. a function that dies every time', () => {
  const dies = (task: string, fault: LambdaFault) => (invocation: Invocation) =>
    taskOf(invocation) === task ? fault : undefined;
  const crash: LambdaFault = { kind: 'crash', when: 'before' };
  const silent: LambdaFault = { kind: 'timeout', when: 'before' };
  const failed = 'the deployment function of the cancellation failed with';

  test.each<[string, LambdaFault, string]>([
    [STEPS.FIND, crash, `${failed} Runtime.ExitError`],
    [STEPS.CANCEL, { kind: 'crash', when: 'after' }, `${failed} Runtime.ExitError`],
    [STEPS.AWAIT, silent, `${failed} Sandbox.Timedout`],
    [STEPS.AWAIT, { kind: 'throttle' }, `${failed} Lambda.TooManyRequestsException`],
    ['answer', crash, 'the execution of the cancellation ended as FAILED before it could say'],
  ])('at %s, as %j, fails the stack within the deadline, and says why', async (task, fault, reason) => {
    const bench = await Bench.start({ assembly, seed: CONTESTED });
    bench.lambdaFaults = dies(task, fault);
    const begun = bench.clock.now();
    expect(await bench.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(bench.clock.now() - begun).toBeLessThan(30 * MINUTES);
    expect(failureOf(bench)).toContain(reason);
    expect(bench.deployments.slice(1).every((status) => status === 'IN_PROGRESS')).toBe(true);
    expectDiscretion(bench.witness);
  });

  test('before it takes a request, is ended by the time that CloudFormation waits', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    bench.lambdaFaults = dies('request', crash);
    const begun = bench.clock.now();
    // Not even the rollback can be told of.
    expect(await bench.create(stack)).toMatchObject({ status: 'ROLLBACK_FAILED' });
    expect(bench.clock.now() - begun).toBe(2 * 45 * MINUTES);
    expect(bench.witness.cancelled).toEqual([]);
    bench.lambdaFaults = () => undefined;
    expect(await bench.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expectDiscretion(bench.witness);
  });

  test('after it has taken a request, changes nothing about the end', async () => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    bench.lambdaFaults = dies('request', { kind: 'crash', when: 'after' });
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(bench.deployments).toEqual(['CANCELLED']);
    expect(await bench.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expectDiscretion(bench.witness);
  });

  test.each([
    ['Deployment', 'ROLLBACK_COMPLETE', `${failed} Runtime.HandlerNotFound`],
    ['CloudFormation', 'ROLLBACK_FAILED', 'CloudFormation did not receive a response from your Custom Resource'],
  ])('because the %s function cannot start, ends as %s', async (name, status, reason) => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2) });
    expect(await bench.create(withoutHandler(name))).toMatchObject({ status });
    expect(failureOf(bench)).toContain(reason);
    expect(bench.witness.cancelled).toEqual([]);
  });
});

describe('4. a request that is delivered again starts nothing again', () => {
  test.each([
    ['twice, together', [0]],
    ['three times, together', [0, 0]],
    ['twice, while the cancellation waits', [20 * SECONDS]],
    ['twice, after it was answered', [5 * MINUTES]],
    ['three times, each minutes after the other', [2 * MINUTES, 9 * MINUTES]],
  ])('%s', async (_when, later) => {
    const bench = await Bench.start({ assembly, seed: deployedAt(-2, 3) });
    const { lambda } = bench.cloud;
    let asked = false;
    bench.lambdaFaults = ({ event }) => {
      const request = event as Partial<CustomResourceEvent>;
      if (request.RequestType === undefined || asked) return undefined;
      asked = true;
      for (const ms of later) bench.clock.schedule(ms, () => lambda.invokeAsync(request.ServiceToken ?? '', event));
      return undefined;
    };
    expect(await bench.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    await bench.pass(15 * 60);
    const [request, ...again] = bench.witness.requests;
    expect(again).toEqual(later.map(() => request));
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
