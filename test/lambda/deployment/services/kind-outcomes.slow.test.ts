import { VirtualClock } from '../../../../emulator/core/clock';
import { MINUTES, SECONDS } from '../../../../emulator/core/plan';
import { SCENARIO_NAMES } from '../../../../emulator/simulation/scenarios';
import { serviceWith } from '../../../emulator/services/service-with';
import { setUp } from '../run-to-end';
import { cancelKind, expectKindEnd, KIND_ENDS, KINDS_WITH_ENDS } from './kind-outcomes';

// Half an hour of polling takes a second or two, or more if the machine is busy.
jest.setTimeout(60_000);

setUp();

describe.each(KINDS_WITH_ENDS)('%s', (kind) => {
  const { cancelled, succeeded } = KIND_ENDS[kind];
  const over = { at: -60 * MINUTES, steps: [{ after: MINUTES, status: succeeded }] };
  const running = { at: -MINUTES, onCancel: { steps: [{ after: 40 * SECONDS, status: cancelled }] } };

  test.each(SCENARIO_NAMES)('%s', (name) => expectKindEnd(kind, name));

  test('a deployment that started after the request is left alone', async () => {
    const late = { ...running, at: -30 * SECONDS };
    const requestedAt = new Date(new VirtualClock().now() - MINUTES).toISOString();
    const { result, cancelled: ids } = await cancelKind(kind, serviceWith(kind, over, late), {
      otherFields: { requestedAt },
    });
    expect(result.outcome).toBe('SKIPPED');
    expect(ids).toEqual([]);
  });

  test('a guard skips what was in flight when it was armed, and cancels what has started since', async () => {
    const armed = await cancelKind(kind, serviceWith(kind, over), { otherFields: { observeOnly: true } });
    expect(armed).toMatchObject({ result: { outcome: 'ARMED' }, cancelled: [] });
    const [ignoreDeploymentId] = armed.ids;
    const otherFields = { ignoreDeploymentId };
    const fired = await cancelKind(kind, serviceWith(kind, over, running), { otherFields });
    expect(fired).toMatchObject({ result: { outcome: 'CANCELLED' }, cancelled: [1] });
    const left = await cancelKind(kind, serviceWith(kind, running), { otherFields });
    expect(left).toMatchObject({ result: { outcome: 'SKIPPED' }, cancelled: [] });
  });
});

test('an instance refresh is only cancelled, without a rollback, if that is requested', async () => {
  const running = { at: -MINUTES, onCancel: { steps: [{ after: 40 * SECONDS, status: 'RollbackSuccessful' }] } };
  const { result } = await cancelKind(
    'autoscaling-instance-refresh',
    serviceWith('autoscaling-instance-refresh', running),
    { options: { rollback: false } },
  );
  expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'Cancelled' } });
});

test.each([true, false])(
  'a rollback of an instance refresh is awaited, and never cancelled: rollback %s',
  async (rollback) => {
    const rollingBack = {
      at: -2 * MINUTES,
      steps: [
        { after: MINUTES, status: 'RollbackInProgress' },
        { after: 3 * MINUTES, status: 'RollbackSuccessful' },
      ],
    };
    const service = serviceWith('autoscaling-instance-refresh', rollingBack);
    const { result, cancelled } = await cancelKind('autoscaling-instance-refresh', service, { options: { rollback } });
    expect({ outcome: result.outcome, cancelled }).toEqual({ outcome: 'CANCELLED', cancelled: [] });
  },
);
