import { seededRandom } from '../../../../emulator/core/seeded-random';
import type { CallError, Driver, Found, Phase, ReadResult } from '../../../../lambda/deployment/engine/driver';
import { run } from '../../../../lambda/deployment/engine/run';
import { CLOCK_TOLERANCE } from '../../../../lambda/deployment/engine/skip';
import { type Progress, STEPS } from '../../../../lib/contract/cancellation';
import { atMost } from '../../../helpers/at-most';
import { callError, found } from '../fleet/fixtures';
import { deps, eventOf, START, TestClock } from './run-fixtures';

beforeEach(() => {
  jest.spyOn(console, 'info').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

/** A service with one resource and one deployment after the other. All faults of a driver occur at random. */
class SimulatedService implements Driver {
  readonly displayName = 'service instance web/web-prod';
  readonly unavailableHint = 'a hint';
  /** The read right before each cancel request, and the deployment that was pinned. */
  readonly sent: { readonly read?: Found; readonly pinned?: string }[] = [];
  readonly deployments: { readonly id: string; readonly startedAt: number; phase: Phase; cancelTaken: boolean }[] = [];
  deleted = false;
  private last?: Found;

  constructor(
    private readonly random: () => number,
    private readonly clock: TestClock,
    private readonly ids: 'always' | 'never' | 'sometimes',
    private readonly hasStarts: boolean,
  ) {
    this.deploy();
  }

  get current() {
    return this.deployments.at(-1)!;
  }

  async describe(): Promise<ReadResult> {
    this.last = undefined;
    this.passTime();
    const fault = this.fault();
    if (fault) return fault;
    if (this.deleted) return { kind: 'not-found', deploymentStatus: 'DELETE_COMPLETE' };
    this.last = this.report();
    this.crash();
    return this.last;
  }

  async describeById(id: string): Promise<ReadResult> {
    this.passTime();
    const fault = this.fault();
    if (fault) return fault;
    const deployment = this.deployments.find((candidate) => candidate.id === id);
    if (!deployment) return { kind: 'not-found', deploymentStatus: 'UNKNOWN' };
    return { ...found(deployment.phase, id), startedAt: this.hasStarts ? deployment.startedAt : undefined };
  }

  async cancel(): Promise<Found | CallError> {
    this.sent.push({ read: this.last });
    this.last = undefined;
    if (this.random() < 0.3) this.passTime();
    const before = this.fault();
    if (before) return before;
    if (this.deleted || this.current.phase !== 'IN_PROGRESS' || this.random() < 0.1) return callError('rejected');
    this.current.phase = 'CANCELLING';
    this.current.cancelTaken = true;
    this.crash();
    if (this.random() < 0.1) return callError(this.random() < 0.5 ? 'unreachable' : 'server-error');
    return this.report();
  }

  private report(): Found {
    const hasId = this.ids === 'always' || (this.ids === 'sometimes' && this.random() < 0.7);
    const { id, phase, startedAt } = this.current;
    return { ...found(phase), deploymentId: hasId ? id : undefined, startedAt: this.hasStarts ? startedAt : undefined };
  }

  private deploy(): void {
    const phase =
      this.random() < 0.85 ? 'IN_PROGRESS' : this.draw<Phase>(['COMPLETED', 'CANCELLING', 'DELETING', 'UNKNOWN']);
    const startedAt = this.deployments.length === 0 ? START - 60_000 : this.clock.now();
    const id = `d${this.deployments.length}`;
    this.deployments.push({ id, startedAt, phase, cancelTaken: phase === 'CANCELLING' });
  }

  /** Something happens between two calls, or nothing. */
  private passTime(): void {
    this.clock.pass(Math.floor(this.random() * 500));
    if (this.deleted || this.random() > 0.12) return;
    const { current } = this;
    const ends: Partial<Record<Phase, Phase[]>> = {
      IN_PROGRESS: ['COMPLETED', 'FAILED', 'CANCELLED'],
      UNKNOWN: ['IN_PROGRESS', 'COMPLETED'],
      CANCELLING: ['CANCELLED', 'CANCELLED', 'FAILED', 'COMPLETED'],
      DELETING: ['DELETION_OVER'],
    };
    const next = ends[current.phase];
    if (next) current.phase = this.draw(next);
    else if (this.random() < 0.2) this.deleted = true;
    if (!ends[current.phase] && this.random() < 0.3) this.deploy();
  }

  private fault(): CallError | undefined {
    if (this.random() > 0.15) return undefined;
    return callError(this.draw(['throttled', 'server-error', 'unreachable']));
  }

  /** The function is killed at random. */
  private crash(): void {
    if (this.random() < 0.05) throw new Error('killed');
  }

  private draw<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)]!;
  }
}

describe('with a service in which everything goes wrong', () => {
  /** Runs the steps as the state machine does: a step that was killed is retried with what was kept. */
  async function runToEnd(seed: number) {
    const random = seededRandom(seed);
    const clock = new TestClock(START, random);
    const ids = (['always', 'never', 'sometimes'] as const)[seed % 3]!;
    const hasStarts = seed % 2 === 0;
    const service = new SimulatedService(random, clock, ids, hasStarts);
    const timeoutSeconds = 30 + Math.floor(random() * 300);
    const pins = new Set<string>();
    const countStep = atMost(10_000);
    let progress: Progress | undefined;
    while (progress?.next !== STEPS.END) {
      countStep();
      if (progress) await clock.sleep(progress.waitSeconds * 1000);
      const sent = service.sent.length;
      try {
        progress = await run(eventOf(progress, { timeoutSeconds }), deps(service, clock));
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
        clock.pass(1_000);
      }
      for (const one of service.sent.slice(sent)) Object.assign(one, { pinned: [...pins][0] });
      if (progress?.pinnedDeploymentId) pins.add(progress.pinnedDeploymentId);
    }
    return { seed, ids, hasStarts, service, clock, timeoutSeconds, pins, progress, result: progress.result! };
  }

  /** The violations of a run; empty if there are none. */
  function violationsOf({
    ids,
    hasStarts,
    service,
    clock,
    timeoutSeconds,
    pins,
    progress,
    result,
  }: Awaited<ReturnType<typeof runToEnd>>) {
    const { outcome, reason, attributes } = result;
    const pinned = service.deployments.find(({ id }) => id === progress.pinnedDeploymentId);
    const awaited = pinned ?? service.deployments[0]!;
    const found: string[] = [];
    const must = (holds: boolean, what: string) => holds || found.push(what);

    must(pins.size <= 1, 'one pin');
    for (const { read, pinned: pin } of service.sent) {
      must(read?.phase === 'IN_PROGRESS', 'a cancel request follows a read that finds it in progress');
      must(read?.deploymentId === pin, 'a cancel request follows a read of the pinned deployment');
      must(!hasStarts || read!.startedAt! <= START + CLOCK_TOLERANCE, 'what is cancelled started before the request');
    }
    must(/^[a-z](?!.*\.$)[^\n]*$/.test(reason) && !/undefined|NaN/.test(reason), `a well-formed reason, not ${reason}`);
    must(clock.now() - START <= timeoutSeconds * 1000 + 5_000, 'in time');
    must(attributes.deploymentId === progress.pinnedDeploymentId, 'the deployment that was pinned');
    // Without ids, one deployment cannot be distinguished from the next.
    if (ids === 'never') return found;
    switch (outcome) {
      case 'CANCELLED':
        must(awaited.phase === 'CANCELLED', outcome);
        break;
      case 'COMPLETED_FIRST':
        must(awaited.phase === 'COMPLETED', outcome);
        break;
      case 'CANCEL_FAILED':
        must(awaited.phase === 'FAILED' && (awaited.cancelTaken || service.sent.length > 0), outcome);
        break;
      case 'NOTHING_TO_CANCEL':
        must(service.deleted || ['COMPLETED', 'FAILED', 'CANCELLED', 'DELETION_OVER'].includes(awaited.phase), outcome);
        break;
      case 'SUPERSEDED':
        must(service.deleted || awaited.phase === 'DELETION_OVER' || service.current !== awaited, outcome);
        break;
      case 'NOT_FOUND':
        must(service.deleted, outcome);
        break;
      case 'TIMED_OUT':
        must(clock.now() - START >= timeoutSeconds * 1000, outcome);
        break;
      case 'REFUSED':
        must((progress.rejections ?? 0) >= 3, outcome);
        break;
      case 'UNAVAILABLE':
        break;
      case 'SKIPPED':
        must(service.sent.length === 0, outcome);
        must(!hasStarts || service.current.startedAt > START + CLOCK_TOLERANCE, outcome);
        break;
      default:
        found.push(`an outcome that cannot occur here: ${outcome}`);
    }
    return found;
  }

  test('nothing but the pinned deployment is cancelled knowingly, and every result is true', async () => {
    const seeds = Array.from({ length: 3_000 }, (_, seed) => seed);
    const outcomes = new Map<string, number>();
    const broken: unknown[] = [];
    for (const seed of seeds) {
      const finished = await runToEnd(seed);
      outcomes.set(finished.result.outcome, (outcomes.get(finished.result.outcome) ?? 0) + 1);
      const found = violationsOf(finished);
      if (found.length > 0)
        broken.push({ seed, found, result: finished.result, deployments: finished.service.deployments });
    }
    expect(broken.slice(0, 3)).toEqual([]);
    const reached = [
      'CANCELLED',
      'CANCEL_FAILED',
      'COMPLETED_FIRST',
      'NOTHING_TO_CANCEL',
      'NOT_FOUND',
      'REFUSED',
      'SKIPPED',
      'SUPERSEDED',
      'TIMED_OUT',
    ];
    expect([...outcomes.keys()].sort()).toEqual(expect.arrayContaining(reached));
  });
});
