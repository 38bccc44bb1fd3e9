import { addOutcome, NO_OUTCOMES } from '../../../../lambda/deployment/fleet/counts';
import { summarize } from '../../../../lambda/deployment/fleet/summarize';
import type { Outcome } from '../../../../lib/contract/cancellation';
import {
  BATCH_SIZE,
  type BatchResult,
  FLEET_COUNTS,
  type Fleet,
  MAX_BATCHES,
  type OutcomeCounts,
} from '../../../../lib/contract/fleet';

const FLEET: Fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
const LIST: Fleet = { kind: 'list', deployments: [] };

/** The counts of a number of each outcome. */
function countsOf(outcomes: Partial<Record<Outcome, number>>, failing: readonly Outcome[] = []): OutcomeCounts {
  let counts = NO_OUTCOMES;
  for (const [name, count] of Object.entries(outcomes)) {
    const outcome = name as Outcome;
    for (let index = 0; index < count; index++) {
      const failed = failing.includes(outcome);
      counts = addOutcome(counts, `web/${name.toLowerCase()}-${index}`, {
        outcome,
        failed,
        reason: `why ${name}`,
        attributes: {},
      });
    }
  }
  return counts;
}

describe('each outcome', () => {
  test.each<[Outcome, string, boolean]>([
    ['CANCELLED', 'cancelled', true],
    ['COMPLETED_FIRST', 'completedFirst', true],
    ['CANCEL_FAILED', 'failed', false],
    ['SUPERSEDED', 'superseded', true],
    ['NOTHING_TO_CANCEL', 'untouched', true],
    ['NOT_FOUND', 'untouched', true],
    ['TIMED_OUT', 'failed', false],
    ['UNAVAILABLE', 'failed', false],
    ['ACCESS_DENIED', 'failed', false],
    ['REFUSED', 'failed', false],
    ['ERROR', 'failed', false],
  ])('%s is counted once, as %s; not a failed deployment: %s', (outcome, count, isOk) => {
    const { attributes, failed } = summarize(FLEET, [{ counts: countsOf({ [outcome]: 1 }) }]);
    expect(failed).toBe(false);
    expect(FLEET_COUNTS.filter((name) => attributes[name] === '1')).toEqual([count]);
    expect(attributes.total).toBe('1');
    expect(attributes.failedDeployments).toBe(isOk ? '' : `web/${outcome.toLowerCase()}-0: ${outcome}`);
  });
});

describe('the summary', () => {
  test.each<[Partial<Record<Outcome, number>>, string]>([
    [{}, '0 deployments'],
    [{ CANCELLED: 1 }, '1 deployment: 1 cancelled'],
    [
      { NOTHING_TO_CANCEL: 4, CANCEL_FAILED: 1, TIMED_OUT: 1, CANCELLED: 985, COMPLETED_FIRST: 8, SUPERSEDED: 1 },
      '1000 deployments: 985 cancelled, 8 completed first, 2 failed, 1 superseded, 4 untouched',
    ],
  ])('of %j is one line', (outcomes, summary) => {
    expect(summarize(FLEET, [{ counts: countsOf(outcomes) }])).toMatchObject({
      failed: false,
      attributes: { summary },
    });
  });

  test('adds batches up', () => {
    const results = [{ counts: countsOf({ CANCELLED: 25 }) }, { counts: countsOf({ CANCELLED: 24, SUPERSEDED: 1 }) }];
    expect(summarize(FLEET, results).attributes).toMatchObject({ total: '50', cancelled: '49', superseded: '1' });
  });

  test('of a failed fleet has the number of failures, the first one with its reason, and all counts', () => {
    const results = [
      { counts: countsOf({ CANCELLED: 25 }) },
      { counts: countsOf({ CANCEL_FAILED: 2, COMPLETED_FIRST: 1 }, ['CANCEL_FAILED', 'COMPLETED_FIRST']) },
    ];
    expect(summarize(FLEET, results)).toMatchObject({
      failed: true,
      outcome: 'CANCEL_FAILED',
      reason:
        'of 28 service instances of web, 3 failed; the first, web/cancel_failed-0, as CANCEL_FAILED: why CANCEL_FAILED; 28 deployments: 25 cancelled, 1 completed first, 2 failed',
    });
  });

  test.each<[Fleet, string]>([
    [LIST, 'listed deployments'],
    [
      { kind: 'proton-environment-instances', identifiers: { environmentName: 'prod' } },
      'service instances in environment prod',
    ],
  ])('names the fleet %j', (fleet, displayName) => {
    const results = [{ counts: countsOf({ REFUSED: 1 }, ['REFUSED']) }];
    expect(summarize(fleet, results).reason).toMatch(`of 1 ${displayName}, 1 failed; `);
  });
});

describe('a batch whose function failed', () => {
  const unfinished: BatchResult = { counts: countsOf({ CANCELLED: 5 }), unfinished: 20, error: 'Sandbox.Timedout' };

  test('has failed for the unfinished deployments, and says with what', () => {
    expect(summarize(FLEET, [{ counts: countsOf({ CANCELLED: 25 }) }, unfinished])).toMatchObject({
      failed: true,
      outcome: 'ERROR',
      reason:
        'of 50 service instances of web, 20 failed; the deployment function failed with Sandbox.Timedout; look into its log and the execution; 50 deployments: 30 cancelled, 20 failed',
      attributes: { total: '50', failed: '20', failedDeployments: '20 more' },
    });
  });

  test('is named after the first failure of a deployment', () => {
    const { outcome, reason } = summarize(FLEET, [unfinished, { counts: countsOf({ REFUSED: 1 }, ['REFUSED']) }]);
    expect(outcome).toBe('REFUSED');
    expect(reason).toMatch(
      /21 failed; the first, web\/refused-0, as REFUSED: why REFUSED; the deployment function failed/,
    );
  });
});

describe('in the worst case, a thousand failures with the longest names and reasons,', () => {
  const name = `${'s'.repeat(100)}/${'i'.repeat(100)}`;
  const worst = { outcome: 'ACCESS_DENIED', failed: true, reason: '語'.repeat(2_000), attributes: {} } as const;
  const batch: BatchResult = {
    counts: Array.from({ length: BATCH_SIZE }).reduce<OutcomeCounts>((t) => addOutcome(t, name, worst), NO_OUTCOMES),
  };
  const results = Array.from({ length: MAX_BATCHES }, () => batch);

  test('the batches fit into one state', () => {
    expect(Buffer.byteLength(JSON.stringify(results))).toBeLessThan(200_000);
  });

  test('the attributes fit into a response, and each deployment is counted', () => {
    const { attributes } = summarize(FLEET, results);
    expect(Buffer.byteLength(JSON.stringify(attributes))).toBeLessThan(2_500);
    expect(attributes).toMatchObject({ total: '1000', failed: '1000' });
    const named = attributes.failedDeployments?.match(/ACCESS_DENIED/g)?.length ?? 0;
    expect(attributes.failedDeployments).toMatch(new RegExp(`, ${1000 - named} more$`));
  });
});
