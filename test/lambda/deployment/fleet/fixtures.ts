import type { Clock } from '../../../../lambda/clock';
import type { CallError, Found, Phase } from '../../../../lambda/deployment/engine/driver';
import { atMost } from '../../../helpers/at-most';

/**
 * A clock that advances only when everything waits. Sleepers wake in order, and each runs until it waits again before the
 * next one wakes.
 */
export class TestClock implements Clock {
  readonly sleeps: number[] = [];
  private readonly countSleep = atMost(50_000);
  private readonly sleepers: { readonly due: number; readonly wake: () => void }[] = [];

  constructor(
    private time: number,
    readonly random: () => number = () => 0.5,
  ) {}

  now(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    this.countSleep();
    this.sleeps.push(ms);
    return new Promise((resolve) => {
      this.sleepers.push({ due: this.time + ms, wake: resolve });
      if (this.sleepers.length === 1) setImmediate(() => this.wakeNext());
    });
  }

  private wakeNext(): void {
    this.sleepers.sort((a, b) => a.due - b.due);
    const next = this.sleepers.shift();
    if (!next) return;
    this.time = Math.max(this.time, next.due);
    next.wake();
    setImmediate(() => this.wakeNext());
  }
}

export function found(phase: Phase, deploymentId: string | undefined = 'x'): Found {
  return { kind: 'found', phase, deploymentStatus: phase, deploymentId, attributes: {} };
}

export function callError(kind: CallError['errorType']): CallError {
  return {
    kind: 'error',
    errorType: kind,
    action: 'proton:Some',
    resourceArn: 'arn',
    endpoint: 'https://proton.example',
    errorName: 'SomeException',
    message: 'a message',
  };
}
