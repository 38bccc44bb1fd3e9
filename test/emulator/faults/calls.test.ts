import type { Fault } from '../../../emulator/core/http-server';
import { MINUTES, SECONDS } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import { cancellationStack, deployedAt, EmulatorFixture, failureOf, stackOf } from '../emulator-fixture';
import { expectNoSecrets } from '../recorder';

const assembly = cancellationStack();
const stack = stackOf(assembly);

// calls.slow.test.ts affects each single call.
describe('2. a cancellation whose response is lost', () => {
  test.each<Fault>([{ kind: 'lost-answer' }, { kind: 'half-answer' }])(
    'is not asked for again, since it was taken: %j',
    async (fault) => {
      const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2) });
      fixture.faults = ({ operation }) => (operation === 'CancelServiceInstanceDeployment' ? fault : undefined);
      const { status, outputs } = await fixture.create(stack);
      expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
      expect(fixture.recorder.cancelled).toHaveLength(1);
      expectNoSecrets(fixture.recorder);
    },
  );

  test('is not repeated for a newer deployment', async () => {
    const steps = [
      { after: 0, status: 'CANCELLED' as const },
      { after: 0, start: {} },
    ];
    const fixture = await EmulatorFixture.start({
      assembly,
      seed: serviceInstanceSeed(DEFAULT_NAMES, { onCancel: { steps } }),
    });
    fixture.faults = ({ operation }) =>
      operation === 'CancelServiceInstanceDeployment' ? { kind: 'lost-answer' } : undefined;
    const { status, outputs } = await fixture.create(stack);
    expect([status, outputs[0]?.value]).toEqual(['CREATE_COMPLETE', 'CANCELLED']);
    expect(fixture.deployments).toEqual(['CANCELLED', 'IN_PROGRESS']);
    expect(fixture.recorder.results).toMatchObject([{ outcome: 'SUPERSEDED' }]);
    expectNoSecrets(fixture.recorder);
  });
});

describe('6. an execution that cannot be started fails the stack with the reason, at once or after the retries:', () => {
  /** The rollback lists the executions a second time. */
  const LIST_LAG = 5 * SECONDS;
  const FOR_THE_INVOCATION = [3 * MINUTES, 4 * MINUTES] as const;

  test.each([
    ['throttling', 'ThrottlingException', FOR_THE_INVOCATION, 'deploy again'],
    [
      'a missing permission',
      'AccessDeniedException',
      [55 * SECONDS, MINUTES + 10 * SECONDS],
      'allow it to the role of the cloudformation function, and deploy again',
    ],
    ['too many executions', 'ExecutionLimitExceeded', FOR_THE_INVOCATION, 'deploy again'],
    ['a state machine that is being deleted', 'StateMachineDeleting', [LIST_LAG, LIST_LAG + SECONDS], 'deploy again'],
  ] as const)('%s', async (_why, type, [least, most], remedy) => {
    const fixture = await EmulatorFixture.start({ assembly, seed: deployedAt(-2), consistency: 'strong' });
    fixture.faults = ({ operation }) => (operation === 'StartExecution' ? { kind: 'error', type } : undefined);
    const begun = fixture.clock.now();
    expect(await fixture.create(stack)).toMatchObject({ status: 'ROLLBACK_COMPLETE' });
    expect(fixture.clock.now() - begun).toBeGreaterThanOrEqual(least);
    expect(fixture.clock.now() - begun).toBeLessThan(most);
    const [, failure] = /Message returned: (.*) \(RequestId/.exec(failureOf(fixture) ?? '') ?? [];
    expect(failure?.replace(/arn:\S+/, 'ARN')).toBe(
      `the workflow that cancels could not be started: states:StartExecution on ARN failed with ${type}; ${remedy}`,
    );
    expect(fixture.recorder.callsOf('proton')).toEqual([]);
    expect(fixture.deployments).toEqual(['IN_PROGRESS']);
    expectNoSecrets(fixture.recorder);
  });
});
