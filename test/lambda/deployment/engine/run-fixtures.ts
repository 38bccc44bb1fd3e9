import type { Clock } from '../../../../lambda/clock';
import type { Driver } from '../../../../lambda/deployment/engine/driver';
import type { StepDependencies } from '../../../../lambda/deployment/engine/run';
import {
  type CancellationSettings,
  CONTRACT_VERSION,
  type Progress,
  type StepEvent,
} from '../../../../lib/contract/cancellation';
import { atMost } from '../../../helpers/at-most';

export const START = Date.UTC(2026, 9, 1);
export const FUNCTION_TIMEOUT = 300_000;
export const NAMES = { serviceName: 'web', serviceInstanceName: 'web-prod' };
export const SETTINGS: CancellationSettings = {
  timeoutSeconds: 1800,
  failOn: [],
  onNotFound: 'fail',
  includeStatusMessage: false,
};

/** Time that passes only with waits and slow calls. */
export class TestClock implements Clock {
  readonly sleeps: number[] = [];
  private readonly countSleep = atMost(10_000);

  constructor(
    private time = START,
    readonly random: () => number = () => 0.5,
  ) {}

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    this.countSleep();
    this.sleeps.push(ms);
    this.time += ms;
  }

  pass(ms: number): void {
    this.time += ms;
  }
}

export function request(settings: Partial<CancellationSettings> = {}) {
  return {
    contractVersion: CONTRACT_VERSION,
    deployment: { kind: 'proton-service-instance', identifiers: NAMES },
    settings: { ...SETTINGS, ...settings },
  };
}

export function eventOf(progress?: Progress, settings: Partial<CancellationSettings> = {}): StepEvent {
  return { request: request(settings), startTime: new Date(START).toISOString(), progress };
}

export function deps(driver: Driver, clock: Clock, functionTimeout = FUNCTION_TIMEOUT): StepDependencies {
  const until = clock.now() + functionTimeout;
  return { clock, remaining: () => until - clock.now(), driverFor: () => driver, endpoints: [] };
}
