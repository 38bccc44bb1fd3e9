import { run } from '../../../lambda/deployment/engine/run';
import { awsContextOf } from '../../../lambda/deployment/services/aws-context';
import type { Service } from '../../../lambda/deployment/services/service';
import {
  CONTRACT_VERSION,
  type Deployment,
  type Outcome,
  type Progress,
  type Result,
  type StepEvent,
} from '../../../lib/contract/cancellation';
import { type HeldClock, stopAll } from '../../emulator/harness';

/** How a scenario ends. */
export interface End<Hit> {
  readonly outcome: Outcome;
  readonly deploymentStatus: string;
  readonly failed?: true;
  /** Which one the service has cancelled, or begun to; none where it is left out. */
  readonly hit?: Hit;
}

const AWS = awsContextOf({
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment',
});

/** Has the clients find credentials and a region, keeps the log quiet, and stops what was served. */
export function prepare(): void {
  const savedEnvironment = { ...process.env };
  beforeAll(() => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any', AWS_REGION: 'us-east-1' });
  });
  afterAll(() => {
    process.env = savedEnvironment;
  });
  beforeEach(() => {
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await stopAll();
  });
}

interface Cancellation {
  readonly clock: HeldClock;
  readonly url: string;
  readonly deployment: { readonly kind: Deployment['kind']; readonly identifiers: object };
  readonly settings?: object;
  /** What else the request says. */
  readonly more?: object;
  readonly service: Service;
}

/** Takes a cancellation from step to step, as the state machine does. */
export async function cancelStepByStep({ clock, url, deployment, settings, more, service }: Cancellation) {
  const request = {
    contractVersion: CONTRACT_VERSION,
    deployment,
    settings: { timeoutSeconds: 1800, endpoint: url, ...settings },
    ...more,
  };
  const begin = clock.now();
  const startTime = new Date(begin).toISOString();
  let progress: Progress | undefined;
  while (!progress?.result) {
    const event: StepEvent = { request, startTime, progress };
    progress = await run(event, {
      clock: { now: () => clock.now(), sleep: (ms) => clock.pass(ms), random: () => 0.5 },
      remaining: () => 300_000,
      driverFor: (parsed) =>
        service.connect(parsed.settings, { ...AWS, now: () => clock.now() }).driverFor(parsed.deployment),
    });
    await clock.pass(progress.waitSeconds * 1000);
  }
  const result: Result = progress.result;
  return { result, seconds: (clock.now() - begin) / 1000 };
}
