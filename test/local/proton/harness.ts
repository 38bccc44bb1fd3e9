import { ProtonClient } from '@aws-sdk/client-proton';
import { sleep, VirtualClock } from '../../../local/clock';
import type { WorldSeed } from '../../../local/proton/plan';
import { type FaultRule, faultsOf } from '../../../local/proton/scenarios';
import { protonService } from '../../../local/proton/service';
import { ProtonWorld } from '../../../local/proton/world';
import { Wire } from '../../../local/wire';

/** A clock that moves when it is told to, and stands still while a test is at work. */
export class HeldClock extends VirtualClock {
  private release = this.hold();

  async pass(ms: number): Promise<void> {
    const passed = sleep(this, ms);
    this.release();
    await passed;
    this.release = this.hold();
  }
}

export interface Running {
  readonly clock: HeldClock;
  readonly world: ProtonWorld;
  readonly client: ProtonClient;
  readonly url: string;
}

const running: { wire: Wire; world: ProtonWorld; client: ProtonClient }[] = [];

/** Proton on a socket, and the real client at the other end, which asks once. */
export async function runProton(seed: WorldSeed, rules: readonly FaultRule[] = []): Promise<Running> {
  const clock = new HeldClock();
  const world = new ProtonWorld(seed, clock);
  const wire = await Wire.listen({ services: [protonService(world)], faults: faultsOf(rules) });
  const client = new ProtonClient({
    endpoint: wire.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  running.push({ wire, world, client });
  return { clock, world, client, url: wire.url };
}

/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const { wire, world, client } of running.splice(0)) {
    client.destroy();
    world.stop();
    await wire.close();
  }
}

/** What the client throws. */
export async function errorOf(answer: Promise<unknown>): Promise<Error> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('the call was expected to fail, and did not');
}
