import { type Clock, sleep, VirtualClock } from '../../emulator/core/clock';
import { HttpServer, type HttpService } from '../../emulator/core/http-server';
import { type FaultRule, faultsOf } from '../../emulator/simulation/faults';

/** A clock whose time passes only when the test calls `pass`. */
export class HeldClock extends VirtualClock {
  private release = this.hold();

  async pass(ms: number): Promise<void> {
    const passed = sleep(this, ms);
    this.release();
    await passed;
    this.release = this.hold();
  }
}

interface ServedService {
  readonly api: HttpService;
  readonly simulated: { stop(): void };
}

interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
}

const running: (() => Promise<void>)[] = [];

/** Registers a function that `stopAll` calls after the test. */
export function onStop(stop: () => Promise<void>): void {
  running.push(stop);
}

/** Serves an emulated service over HTTP, and creates an SDK client for it, which does not retry. */
export async function serve<S extends ServedService, C extends { destroy(): void }>(
  create: (clock: Clock) => S,
  Client: new (configuration: ClientConfiguration) => C,
  rules: readonly FaultRule[] = [],
) {
  const clock = new HeldClock();
  const service = create(clock);
  const server = await HttpServer.listen({ services: [service.api], faults: faultsOf(rules) });
  const client = new Client({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  onStop(async () => {
    client.destroy();
    service.simulated.stop();
    await server.close();
  });
  return { ...service, clock, client, url: server.url };
}

/** Stops everything that a test started. For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0)) await stop();
}

/** Returns the error that the client throws. */
export async function errorOf(answer: Promise<unknown>): Promise<Error> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('the call was expected to fail, but succeeded');
}
