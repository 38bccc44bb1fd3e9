import { randomInt } from 'node:crypto';
import type { Fault } from '../../../../emulator/core/http-server';
import { SECONDS } from '../../../../emulator/core/plan';
import { setUp } from '../run-to-end';
import {
  CONTINUE,
  cancelWith,
  creating,
  DELETE,
  eventual,
  faultOf,
  LAG,
  ROLLBACK_FAILS,
  SKIP_SERVICE,
} from './stack-options';

setUp();

/** Set it to the seed of a failure to run that one again. */
const { STACK_OPTIONS_SEED } = process.env;
const SEEDS =
  STACK_OPTIONS_SEED === undefined
    ? Array.from({ length: 12 }, () => randomInt(2 ** 31))
    : [Number(STACK_OPTIONS_SEED)];

describe.each(SEEDS)('a rollback that fails, where reads are behind, with seed %i', (seed) => {
  test('is continued once, and stale statuses decide nothing', async () => {
    const { result, requests, pinned, status } = await cancelWith(ROLLBACK_FAILS, SKIP_SERVICE, {
      consistency: eventual(seed),
    });
    expect(result).toMatchObject({
      outcome: 'CANCELLED',
      attributes: { deploymentStatus: 'UPDATE_ROLLBACK_COMPLETE' },
    });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(requests.map(({ deploymentId }) => deploymentId)).toEqual([pinned]);
  });

  test('and fails again is continued once', async () => {
    const { result, requests } = await cancelWith(ROLLBACK_FAILS, CONTINUE, { consistency: eventual(seed) });
    expect(result.outcome).toBe('CANCEL_FAILED');
    expect(requests).toHaveLength(1);
  });

  test.each<Fault>([{ kind: 'lost-answer' }, { kind: 'half-answer' }, { kind: 'reset' }])(
    'is continued once after %j',
    async (fault) => {
      const { result, requests } = await cancelWith(ROLLBACK_FAILS, SKIP_SERVICE, {
        consistency: eventual(seed),
        rules: faultOf('ContinueUpdateRollback', fault),
      });
      expect(result.outcome).toBe('CANCELLED');
      expect(requests).toHaveLength(1);
    },
  );

  test('is continued once by steps that run twice', async () => {
    const { result, requests } = await cancelWith(ROLLBACK_FAILS, SKIP_SERVICE, {
      consistency: eventual(seed),
      attempts: 2,
    });
    expect(result.outcome).toBe('CANCELLED');
    expect(requests).toHaveLength(1);
  });

  test('is not continued after somebody else has continued it, nor is that of the next update', async () => {
    const { requests, pinned } = await cancelWith(ROLLBACK_FAILS, SKIP_SERVICE, {
      consistency: eventual(seed),
      others: (simulated, clock) => {
        simulated.onChange(({ status, deploymentId }) => {
          if (deploymentId !== simulated.resources[0]?.deployments[0]?.id) return;
          if (status === 'UPDATE_ROLLBACK_FAILED') {
            clock.schedule(SECONDS, () => {
              if (simulated.describeStack('web')?.status !== 'UPDATE_ROLLBACK_FAILED') return;
              simulated.continueUpdateRollback('web', { resourcesToSkip: ['Service'], token: 'theirs' });
            });
          }
          if (status === 'UPDATE_ROLLBACK_COMPLETE') {
            clock.schedule(SECONDS, () =>
              simulated.deploy('web', { steps: [{ after: SECONDS, status: 'UPDATE_ROLLBACK_FAILED' }] }),
            );
          }
        });
      },
    });
    expect(requests.map(({ deploymentId }) => deploymentId)).toEqual([pinned]);
  });
});

describe.each(SEEDS)('a stack whose creation is in progress, where reads are behind, with seed %i', (seed) => {
  test('is deleted once, and stale statuses decide nothing', async () => {
    const { result, requests, status } = await cancelWith(creating(), DELETE, { consistency: eventual(seed) });
    expect(result).toMatchObject({ outcome: 'CANCELLED', attributes: { deploymentStatus: 'DELETE_COMPLETE' } });
    expect(status).toBe('DELETE_COMPLETE');
    expect(requests).toHaveLength(1);
  });

  test.each<Fault>([{ kind: 'lost-answer' }, { kind: 'half-answer' }, { kind: 'reset' }])(
    'is deleted once after %j',
    async (fault) => {
      const { result, requests } = await cancelWith(creating(), DELETE, {
        consistency: eventual(seed),
        rules: faultOf('DeleteStack', fault),
      });
      expect(result.outcome).toBe('CANCELLED');
      expect(requests).toHaveLength(1);
    },
  );

  test('is deleted once by steps that run twice', async () => {
    const { result, requests } = await cancelWith(creating(), DELETE, { consistency: eventual(seed), attempts: 2 });
    expect(result.outcome).toBe('CANCELLED');
    expect(requests).toHaveLength(1);
  });

  test('that completes at that time is CANCELLED if it was deleted, and COMPLETED_FIRST if not', async () => {
    const completesAt = ((seed * 997) % 9_000) + 1;
    const { result, requests, status } = await cancelWith(creating(completesAt), DELETE, {
      consistency: eventual(seed),
      rules: seed % 2 === 0 ? faultOf('DeleteStack', { kind: 'lost-answer' }) : [],
    });
    const deleted = requests.length > 0;
    expect(status).toBe(deleted ? 'DELETE_COMPLETE' : 'CREATE_COMPLETE');
    expect(result.attributes.deploymentStatus).toBe(status);
    expect(['CANCELLED', 'COMPLETED_FIRST', 'NOTHING_TO_CANCEL']).toContain(result.outcome);
    expect(result.outcome === 'CANCELLED').toBe(deleted);
  });

  test('that completes is never deleted later than the lag of the reads', async () => {
    const completesAt = ((seed * 1_301) % 9_000) + 1;
    const { requests } = await cancelWith(creating(completesAt), DELETE, {
      consistency: eventual(seed),
      others: (simulated, clock) => {
        const start = clock.now();
        simulated.onChange(({ status, at }) => {
          if (status === 'DELETE_IN_PROGRESS') expect(at - start).toBeLessThanOrEqual(completesAt + LAG);
        });
      },
    });
    expect(requests.length).toBeLessThanOrEqual(1);
  });
});
