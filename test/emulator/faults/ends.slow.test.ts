import type { Fault } from '../../../emulator/core/http-server';
import { MINUTES, SECONDS } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, scenario, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import { cancellationStack, deployedAt, EmulatorFixture, failureOf, stackOf } from '../emulator-fixture';
import { expectNoSecrets } from '../recorder';

const assembly = cancellationStack();
const stack = stackOf(assembly);

/** A deployment that never ends, also when it is cancelled. */
const ENDLESS = serviceInstanceSeed(DEFAULT_NAMES, { at: -2 * MINUTES, onCancel: { steps: [] } });

/** How long the function waits for the mark of a response that may have been sent a moment ago. */
const MARK_VISIBILITY = 30 * SECONDS;

/** The rollback lists the executions a second time. */
const LIST_LAG = 5 * SECONDS;

describe('7. an execution that ends without a response gets one within a minute, and not after an hour:', () => {
  test('an aborted execution', async () => {
    const fixture = await EmulatorFixture.start({ consistency: 'strong', assembly, seed: deployedAt(-2) });
    const { stepFunctions, ssm } = fixture.emulator;
    fixture.clock.schedule(20_000, () => stepFunctions.executions[0]?.stop('Person', 'enough of this'));
    const start = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - start).toBe(20 * SECONDS + MARK_VISIBILITY + LIST_LAG);
    expect(failureOf(fixture)).toContain('the execution of the cancellation ended as ABORTED before it could say');
    expect(ssm.parameters).toEqual([]);
    expectNoSecrets(fixture.recorder);
  });

  test('an execution that exceeds the quota of its history', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario('slow').seed, maxEvents: 30 });
    const start = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - start).toBeLessThan(15 * MINUTES);
    expect(failureOf(fixture)).toContain('the execution of the cancellation ended as FAILED before it could say');
    expect(fixture.recorder.results).toMatchObject([{ status: 'FAILED', outcome: 'States.Runtime' }]);
    expectNoSecrets(fixture.recorder);
  });

  test('also if the function fails twice', async () => {
    const fixture = await EmulatorFixture.start({ consistency: 'strong', assembly, seed: deployedAt(-2) });
    fixture.clock.schedule(20_000, () => fixture.emulator.stepFunctions.executions[0]?.stop());
    fixture.lambdaFaults = ({ event, attempt }) =>
      Object.hasOwn(event as object, 'source') && attempt < 3 ? { kind: 'crash', when: 'before' } : undefined;
    const start = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - start).toBe(20 * SECONDS + 3 * MINUTES + MARK_VISIBILITY + LIST_LAG);
    expectNoSecrets(fixture.recorder);
  });
});

describe('8. after the timeout, the stack fails with the last status:', () => {
  const THROTTLED: Fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' };
  const lastError = (action: string) => `last error: throttled, proton:${action}: ThrottlingException: Rate exceeded`;
  const passed = 'Message returned: the timeout of 1800 s has passed; ';
  const notAccepted = 'no cancellation is known to have been accepted; ';
  const deployment = 'deployment [0-9a-f-]{36} of service instance web/web-prod was last seen as';

  test.each<[string, string | undefined, number, string]>([
    [
      'if the deployment could not be found',
      'GetServiceInstance',
      0,
      `${notAccepted}${lastError('GetServiceInstance')}; the deployment of service instance web/web-prod was never seen`,
    ],
    [
      'if the cancellation failed',
      'CancelServiceInstanceDeployment',
      0,
      `${notAccepted}${lastError('CancelServiceInstanceDeployment')}; ${deployment} IN_PROGRESS`,
    ],
    [
      'if the read before the cancellation failed',
      'GetServiceInstance',
      1,
      `${notAccepted}${lastError('GetServiceInstance')}; ${deployment} IN_PROGRESS`,
    ],
    ['if the polls failed', 'GetServiceInstance', 4, `${lastError('GetServiceInstance')}; ${deployment} CANCELLING`],
    ['if the deployment did not end', undefined, 0, `${deployment} CANCELLING`],
  ])('%s', async (_when, operation, after, reason) => {
    const fixture = await EmulatorFixture.start({ consistency: 'strong', assembly, seed: ENDLESS });
    let succeeding = after;
    fixture.faults = (call) => (call.operation === operation && succeeding-- <= 0 ? THROTTLED : undefined);
    const start = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    const seconds = (fixture.clock.now() - start) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(1800 + LIST_LAG / SECONDS);
    expect(seconds).toBeLessThanOrEqual(1801 + LIST_LAG / SECONDS);
    expect(failureOf(fixture)).toMatch(new RegExp(`${passed}${reason}; see https://`));
    expectNoSecrets(fixture.recorder);
  });

  test('while every other invocation crashes', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: ENDLESS });
    const start = fixture.clock.now();
    let late = 0;
    fixture.lambdaFaults = () =>
      fixture.clock.now() - start > 25 * MINUTES && ++late % 2 === 1 ? { kind: 'crash', when: 'before' } : undefined;
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    // The rollback takes longer, because Lambda waits a minute before it retries a request.
    const failed = fixture.recorder.events.find((event) => event.status === 'CREATE_FAILED')?.timestamp ?? Infinity;
    expect((failed - start) / 1000).toBeLessThanOrEqual(1800 + 60);
    expect(failureOf(fixture)).toMatch(new RegExp(`${passed}${deployment} CANCELLING`));
    expectNoSecrets(fixture.recorder);
  });
});

describe('11. clocks with different times do not change the result:', () => {
  test.each([
    ["the service's is four minutes ahead", { proton: 4 }],
    ["the service's is four minutes behind", { proton: -4 }],
    ["the service's is an hour ahead, and signatures are rejected at first", { proton: 60 }],
    ["the functions' is four minutes ahead of all others", { lambda: 4 }],
    ["the functions' is four minutes behind all others", { lambda: -4 }],
    ["the state machine's is ten minutes ahead", { 'step-functions': 10 }],
    ["the state machine's is ten minutes behind", { 'step-functions': -10 }],
  ])('%s', async (_whose, minutes) => {
    // A clock that is set back hides earlier writes from reads with a lag.
    const fixture = await EmulatorFixture.start({ consistency: 'strong', assembly, seed: deployedAt(-2) });
    for (const [service, by] of Object.entries(minutes))
      fixture.skew[service as keyof typeof fixture.skew] = by * MINUTES;
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.recorder.cancelled).toHaveLength(1);
    expectNoSecrets(fixture.recorder);
  });

  // The deployment takes 20 minutes of a timeout of 30. A jump forwards shortens the wait.
  test.each([
    ['forwards by nine minutes', 9],
    ['backwards by ten minutes', -10],
  ])("the functions' jumps %s while the deployment is awaited", async (_how, minutes) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario('slow').seed });
    fixture.clock.schedule(5 * MINUTES, () => {
      fixture.skew.lambda = minutes * MINUTES;
    });
    const start = fixture.clock.now();
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.clock.now() - start).toBeLessThan(45 * MINUTES);
    expect(fixture.recorder.cancelled).toHaveLength(1);
    expectNoSecrets(fixture.recorder);
  });

  test('a jump past the timeout ends the wait, with the last status', async () => {
    const fixture = await EmulatorFixture.start({ assembly, seed: scenario('slow').seed });
    fixture.clock.schedule(5 * MINUTES, () => {
      fixture.skew.lambda = 60 * MINUTES;
    });
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(failureOf(fixture)).toContain('last seen as CANCELLING');
    expectNoSecrets(fixture.recorder);
  });
});
