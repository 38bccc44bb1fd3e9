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
import { type HeldClock, stopAll } from '../../emulator/serve-service';
import { atMost } from '../../helpers/at-most';

/** The end of a scenario. */
export interface End<Cancelled> {
  readonly outcome: Outcome;
  readonly deploymentStatus: string;
  readonly failed?: true;
  /** The deployment that the service has cancelled, or is cancelling; left out if there is none. */
  readonly cancelled?: Cancelled;
}

const AWS = awsContextOf({
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:deployment',
});

/** Sets credentials and a region for the clients, silences the log, and stops the services after each test. */
export function setUp(): void {
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
  readonly deployment: { readonly kind: Deployment['kind']; readonly identifiers: object; readonly options?: object };
  readonly settings?: object;
  /** Other fields of the request. */
  readonly otherFields?: object;
  readonly service: Service;
  /** The declared APIs, by their digests. */
  readonly apis?: readonly string[];
  /** How often each step runs. Only the last result is kept, as after a function that was interrupted. Default: once. */
  readonly attempts?: number;
}

/** Runs the steps of a cancellation as the state machine does. */
export async function runToEnd(cancellation: Cancellation) {
  const { clock, url, deployment, settings, otherFields, service, apis, attempts = 1 } = cancellation;
  const request = {
    contractVersion: CONTRACT_VERSION,
    deployment,
    settings: { timeoutSeconds: 1800, endpoint: url, ...settings },
    ...otherFields,
  };
  const start = clock.now();
  const startTime = new Date(start).toISOString();
  const countStep = atMost(1_000);
  let progress: Progress | undefined;
  while (!progress?.result) {
    countStep();
    const event: StepEvent = { request, startTime, progress };
    const step = () =>
      run(event, {
        clock: { now: () => clock.now(), sleep: (ms) => clock.pass(ms), random: () => 0.5 },
        remaining: () => 300_000,
        endpoints: [url],
        apis,
        driverFor: (parsed) =>
          service.connect(parsed.settings, { ...AWS, now: () => clock.now() }).driverFor(parsed.deployment),
      });
    for (let attempt = 1; attempt < attempts; attempt++) await step();
    progress = await step();
    await clock.pass(progress.waitSeconds * 1000);
  }
  const result: Result = progress.result;
  return { result, seconds: (clock.now() - start) / 1000 };
}
