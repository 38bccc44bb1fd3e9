import type { CustomResourceEvent } from '../../../emulator/aws/cloudformation/custom-resource';
import type { Invocation, LambdaFault } from '../../../emulator/aws/lambda/function';
import { type InitialState, MINUTES, SECONDS } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import type { SynthesizedStack } from '../../../emulator/simulation/assembly';
import { STEPS, type StepEvent } from '../../../lib/contract/cancellation';
import { cancellationStack, checkedStack, deployedAt, EmulatorFixture, failureOf, stackOf } from '../emulator-fixture';
import { expectNoSecrets } from '../recorder';

const assembly = cancellationStack();
const stack = stackOf(assembly);

/** A newer deployment starts as soon as the first one is cancelled. */
const CONTESTED: InitialState = serviceInstanceSeed(DEFAULT_NAMES, {
  at: -2 * MINUTES,
  onCancel: {
    steps: [
      { after: 0, status: 'CANCELLED' },
      { after: 0, start: {} },
    ],
  },
});

/** A task of a function: a request of CloudFormation, a step, a response, or the event of an execution that ended. */
function taskOf({ event }: Invocation): string {
  if (Object.hasOwn(event as object, 'RequestType')) return 'request';
  if (Object.hasOwn(event as object, 'result')) return 'answer';
  if (Object.hasOwn(event as object, 'source')) return 'end';
  return (event as StepEvent).progress?.next ?? STEPS.FIND;
}

/** The stack with a function whose handler does not exist, so that it fails when it starts. */
function withoutHandler(name: string): SynthesizedStack {
  const template = structuredClone(stack.template) as {
    Resources: Record<string, { Type: string; Properties: { Handler?: string } }>;
  };
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Lambda::Function' && id.includes(`${name}Function`))
      Properties.Handler = Properties.Handler?.replace('.handler', '.nothing');
  }
  return { ...stack, template };
}

/** A fault of the first invocation with a task. */
function once(task: string, fault: LambdaFault) {
  let left = 1;
  return (invocation: Invocation) => (taskOf(invocation) === task && left-- > 0 ? fault : undefined);
}

describe('3. a function that crashes once does not change the result, and cancels no newer deployment', () => {
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
    const fixture = await EmulatorFixture.start({ assembly, seed: CONTESTED });
    fixture.lambdaFaults = once(task, fault);
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expect(fixture.emulator.stepFunctions.executions).toHaveLength(1);
    // Lambda may still retry.
    await fixture.pass(10 * 60);
    expect(fixture.recorder.invocations.filter((invocation) => taskOf(invocation) === task).length).toBeGreaterThan(1);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectNoSecrets(fixture.recorder);
  });

  test('crash between two polls', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    fixture.lambdaFaults = once(STEPS.AWAIT, { kind: 'crash', when: { sleep: 2 } });
    expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(fixture.deployments).toEqual(['CANCELLED']);
    expectNoSecrets(fixture.recorder);
  });
});

describe('3. a function that always crashes', () => {
  const dies = (task: string, fault: LambdaFault) => (invocation: Invocation) =>
    taskOf(invocation) === task ? fault : undefined;
  const crash: LambdaFault = { kind: 'crash', when: 'before' };
  const silent: LambdaFault = { kind: 'timeout', when: 'before' };
  const failed = 'the deployment function of the cancellation failed with';

  test.each<[string, LambdaFault, string]>([
    [STEPS.FIND, crash, `${failed} Runtime.ExitError`],
    [STEPS.CANCEL, { kind: 'crash', when: 'after' }, `${failed} Runtime.ExitError`],
    [STEPS.AWAIT, silent, `${failed} Sandbox.Timedout`],
    ['answer', crash, 'the execution of the cancellation ended as FAILED before it could say'],
  ])('in the task %s, as %j, fails the stack before the timeout, with a reason', async (task, fault, reason) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: CONTESTED });
    fixture.lambdaFaults = dies(task, fault);
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - begun).toBeLessThan(30 * MINUTES);
    expect(failureOf(fixture)).toContain(reason);
    expect(fixture.deployments.slice(1).every((status) => status === 'IN_PROGRESS')).toBe(true);
    expectNoSecrets(fixture.recorder);
  });

  test('because of throttling, is awaited, and the stack fails when CloudFormation stops waiting', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: CONTESTED });
    fixture.lambdaFaults = dies(STEPS.AWAIT, { kind: 'throttle' });
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - begun).toBe(45 * MINUTES);
    expect(failureOf(fixture)).toContain('CloudFormation did not receive a response from your Custom Resource');
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    // The rollback withdraws the request.
    expect(fixture.recorder.results).toMatchObject([{ status: 'ABORTED' }]);
    expectNoSecrets(fixture.recorder);
  });

  test('before it handles a request, fails when CloudFormation stops waiting', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    fixture.lambdaFaults = dies('request', crash);
    const begun = fixture.clock.now();
    // The rollback gets no response either.
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_FAILED' });
    expect(fixture.clock.now() - begun).toBe(2 * 45 * MINUTES);
    expect(fixture.recorder.cancelled).toEqual([]);
    fixture.lambdaFaults = () => undefined;
    expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expectNoSecrets(fixture.recorder);
  });

  test('after it has handled a request, does not change the result', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    fixture.lambdaFaults = dies('request', { kind: 'crash', when: 'after' });
    expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    expect(fixture.deployments).toEqual(['CANCELLED']);
    expect(await fixture.delete()).toMatchObject({ status: 'DELETE_COMPLETE' });
    expectNoSecrets(fixture.recorder);
  });

  test.each([
    ['Deployment', 'ROLLBACK_COMPLETE', `${failed} Runtime.HandlerNotFound`],
    ['CloudFormation', 'ROLLBACK_FAILED', 'CloudFormation did not receive a response from your Custom Resource'],
  ])('because the %s function cannot start, ends as %s', async (name, status, reason) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
    expect(await fixture.create(withoutHandler(name))).toMatchObject({ status });
    expect(failureOf(fixture)).toContain(reason);
    expect(fixture.recorder.cancelled).toEqual([]);
  });
});

describe('4. a request that is delivered again starts no second execution', () => {
  test.each([
    ['twice, at the same time', [0]],
    ['three times, at the same time', [0, 0]],
    ['twice, while the cancellation waits', [20 * SECONDS]],
    ['twice, after the response', [5 * MINUTES]],
    ['three times, minutes apart', [2 * MINUTES, 9 * MINUTES]],
  ])('%s', async (_when, later) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 3) });
    const { lambda } = fixture.emulator;
    let asked = false;
    fixture.lambdaFaults = ({ event }) => {
      const request = event as Partial<CustomResourceEvent>;
      if (request.RequestType === undefined || asked) return undefined;
      asked = true;
      for (const ms of later) fixture.clock.schedule(ms, () => lambda.invokeAsync(request.ServiceToken ?? '', event));
      return undefined;
    };
    expect(await fixture.create(stack)).toMatchObject({ status: 'CREATE_COMPLETE' });
    await fixture.pass(15 * 60);
    const [request, ...again] = fixture.recorder.requests;
    expect(again).toEqual(later.map(() => request));
    expect(fixture.emulator.stepFunctions.executions).toHaveLength(1);
    expect(fixture.recorder.answers).toHaveLength(1);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectNoSecrets(fixture.recorder);
  });

  test('a new request with the ID of an old one starts one execution', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 10, 14) });
    await fixture.create(stack);
    await fixture.pass(10 * 60);
    const elsewhere = `${fixture.emulator.url}/elsewhere?X-Amz-Signature=${'e'.repeat(64)}`;
    const askAgain = () => {
      const update = fixture.recorder.requests.find(({ RequestType }) => RequestType === 'Update');
      fixture.emulator.lambda.invokeAsync(update?.ServiceToken ?? '', { ...update, ResponseURL: elsewhere });
    };
    fixture.answerFaults = ({ path }) =>
      path.startsWith('/elsewhere') ? { kind: 'page', statusCode: 200, body: '' } : undefined;
    fixture.clock.schedule(5 * MINUTES, askAgain);
    fixture.clock.schedule(7 * MINUTES, askAgain);

    expect(await fixture.update(checkedStack({ trigger: 'two' }, { afterSeconds: 10 * 60 }))).toMatchObject({
      status: 'UPDATE_COMPLETE',
    });
    expect(fixture.requests).toEqual(['Create Cancellation', ...Array(3).fill('Update Cancellation')]);
    expect(fixture.recorder.results.map(({ outcome }) => outcome)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(fixture.deployments).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(fixture.recorder.answers.map(({ path }) => path.startsWith('/elsewhere'))).toEqual([false, false, true]);
    expectNoSecrets(fixture.recorder);
  });

  test('a request that is first delivered after the operation on the stack is rejected', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2, 10) });
    await fixture.create(stack);
    await fixture.pass(10 * 60);
    const [request] = fixture.recorder.requests;
    const late = { ...request, ResponseURL: `${fixture.emulator.url}/elsewhere?X-Amz-Signature=${'e'.repeat(64)}` };
    fixture.answerFaults = () => ({ kind: 'page', statusCode: 200, body: '' });
    fixture.emulator.lambda.invokeAsync(request?.ServiceToken ?? '', late);
    await fixture.pass(60);
    expect(JSON.parse(fixture.recorder.answers.at(-1)?.body ?? '')).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringContaining('nothing was cancelled: the stack is CREATE_COMPLETE'),
    });
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expectNoSecrets(fixture.recorder);
  });
});
