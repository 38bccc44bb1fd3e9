import type { Fault } from '../../../emulator/core/http-server';
import { MINUTES } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, scenario, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import { CloudFixture, cancellationStack, deployedAt, failureOf, stackOf } from '../emulator-fixture';
import { expectDiscretion } from '../recorder';

const assembly = cancellationStack();
const stack = stackOf(assembly);

/** In flight for ever, and being cancelled for ever. */
const ENDLESS = serviceInstanceSeed(DEFAULT_NAMES, { at: -2 * MINUTES, onCancel: { steps: [] } });

describe('7. an execution that ends before it has answered is answered for at once, and not after the hour:', () => {
  test('one that a person aborts', async () => {
    const fixture = await CloudFixture.start({ assembly, seed: deployedAt(-2) });
    const { stepFunctions, ssm } = fixture.emulator;
    fixture.clock.schedule(20_000, () => stepFunctions.executions[0]?.stop('Person', 'enough of this'));
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - begun).toBeLessThan(30_000);
    expect(failureOf(fixture)).toContain('the execution of the cancellation ended as ABORTED before it could say');
    expect(ssm.parameters).toEqual([]);
    expectDiscretion(fixture.recorder);
  });

  test('one that meets the quota of its history', async () => {
    const fixture = await CloudFixture.start({ assembly, seed: scenario('slow').seed, maxEvents: 30 });
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - begun).toBeLessThan(15 * MINUTES);
    expect(failureOf(fixture)).toContain('the execution of the cancellation ended as FAILED before it could say');
    expect(fixture.recorder.results).toMatchObject([{ status: 'FAILED', outcome: 'States.Runtime' }]);
    expectDiscretion(fixture.recorder);
  });

  test('though whoever is told of it fails twice', async () => {
    const fixture = await CloudFixture.start({ assembly, seed: deployedAt(-2) });
    fixture.clock.schedule(20_000, () => fixture.emulator.stepFunctions.executions[0]?.stop());
    fixture.lambdaFaults = ({ event, attempt }) =>
      Object.hasOwn(event as object, 'source') && attempt < 3 ? { kind: 'crash', when: 'before' } : undefined;
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - begun).toBe(20_000 + 3 * MINUTES);
    expectDiscretion(fixture.recorder);
  });
});

describe('8. when the deadline passes, the stack fails with what was last seen:', () => {
  const THROTTLED: Fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' };
  const trouble = (action: string) => `last error: proton:${action}: ThrottlingException: Rate exceeded`;
  const passed = 'Message returned: the timeout of 1800 s has passed; ';
  const notAccepted = 'no cancellation is known to have been accepted; ';
  const deployment = 'deployment [0-9a-f-]{36} of service instance web/web-prod was last seen as';

  test.each<[string, string | undefined, number, string]>([
    [
      'when it could not be found',
      'GetServiceInstance',
      0,
      `${notAccepted}${trouble('GetServiceInstance')}; the deployment of service instance web/web-prod was never seen`,
    ],
    [
      'when it was to be cancelled',
      'CancelServiceInstanceDeployment',
      0,
      `${notAccepted}${trouble('CancelServiceInstanceDeployment')}; ${deployment} IN_PROGRESS`,
    ],
    [
      'when it was looked at before it was to be cancelled',
      'GetServiceInstance',
      1,
      `${notAccepted}${trouble('GetServiceInstance')}; ${deployment} IN_PROGRESS`,
    ],
    ['while it was awaited', 'GetServiceInstance', 4, `${trouble('GetServiceInstance')}; ${deployment} CANCELLING`],
    ['while it was seen to go on', undefined, 0, `${deployment} CANCELLING`],
  ])('%s', async (_when, operation, after, said) => {
    const fixture = await CloudFixture.start({ assembly, seed: ENDLESS });
    let left = after;
    fixture.faults = (call) => (call.operation === operation && left-- <= 0 ? THROTTLED : undefined);
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    const seconds = (fixture.clock.now() - begun) / 1000;
    expect(seconds).toBeGreaterThanOrEqual(1800);
    expect(seconds).toBeLessThanOrEqual(1801);
    expect(failureOf(fixture)).toMatch(new RegExp(`${passed}${said}; see https://`));
    expectDiscretion(fixture.recorder);
  });

  test('while the functions die every other time', async () => {
    const fixture = await CloudFixture.start({ assembly, seed: ENDLESS });
    const begun = fixture.clock.now();
    let late = 0;
    fixture.lambdaFaults = () =>
      fixture.clock.now() - begun > 25 * MINUTES && ++late % 2 === 1 ? { kind: 'crash', when: 'before' } : undefined;
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    // The rollback takes longer: Lambda lets a minute pass before it delivers a request again.
    const failed = fixture.recorder.events.find((event) => event.status === 'CREATE_FAILED')?.timestamp ?? Infinity;
    expect((failed - begun) / 1000).toBeLessThanOrEqual(1800 + 60);
    expect(failureOf(fixture)).toMatch(new RegExp(`${passed}${deployment} CANCELLING`));
    expectDiscretion(fixture.recorder);
  });
});

describe('11. clocks that disagree change nothing about the end:', () => {
  test.each([
    ["the service's is four minutes ahead", { proton: 4 }],
    ["the service's is four minutes behind", { proton: -4 }],
    ["the service's is an hour ahead, and signatures are refused until that is known", { proton: 60 }],
    ["the functions' is four minutes ahead of all others", { lambda: 4 }],
    ["the functions' is four minutes behind all others", { lambda: -4 }],
    ["the state machine's is ten minutes ahead", { 'step-functions': 10 }],
    ["the state machine's is ten minutes behind", { 'step-functions': -10 }],
  ])('%s', async (_whose, minutes) => {
    const fixture = await CloudFixture.start({ assembly, seed: deployedAt(-2) });
    for (const [service, by] of Object.entries(minutes))
      fixture.skew[service as keyof typeof fixture.skew] = by * MINUTES;
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.recorder.cancelled).toHaveLength(1);
    expectDiscretion(fixture.recorder);
  });

  test.each([
    ['forwards by ten minutes', 10],
    ['backwards by ten minutes', -10],
  ])("the functions' jumps %s while the deployment is awaited", async (_how, minutes) => {
    const fixture = await CloudFixture.start({ assembly, seed: scenario('slow').seed });
    fixture.clock.schedule(5 * MINUTES, () => {
      fixture.skew.lambda = minutes * MINUTES;
    });
    const begun = fixture.clock.now();
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.clock.now() - begun).toBeLessThan(45 * MINUTES);
    expect(fixture.recorder.cancelled).toHaveLength(1);
    expectDiscretion(fixture.recorder);
  });

  test('a jump past the deadline ends the wait, with what was last seen', async () => {
    const fixture = await CloudFixture.start({ assembly, seed: scenario('slow').seed });
    fixture.clock.schedule(5 * MINUTES, () => {
      fixture.skew.lambda = 60 * MINUTES;
    });
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(failureOf(fixture)).toContain('last seen as CANCELLING');
    expectDiscretion(fixture.recorder);
  });
});
