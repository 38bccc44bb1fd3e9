import { ECSClient } from '@aws-sdk/client-ecs';
import type { embeddedEcs } from '../../../local/ecs/service';
import type { EcsWorld } from '../../../local/ecs/world';
import { type FaultRule, faultsOf } from '../../../local/scenarios';
import type { Populate } from '../../../local/service';
import { Wire } from '../../../local/wire';
import { HeldClock } from '../proton/harness';

export interface Running {
  readonly clock: HeldClock;
  readonly world: EcsWorld;
  readonly client: ECSClient;
  readonly url: string;
  readonly iamRequests: ReturnType<typeof embeddedEcs>['iamRequests'];
}

const running: { wire: Wire; world: EcsWorld; client: ECSClient }[] = [];

/** Amazon ECS on a socket, and the real client at the other end, which asks once. */
export async function runEcs(populate: Populate, rules: readonly FaultRule[] = []): Promise<Running> {
  const clock = new HeldClock();
  const { world, api, iamRequests } = populate(clock) as ReturnType<typeof embeddedEcs>;
  const wire = await Wire.listen({ services: [api], faults: faultsOf(rules) });
  const client = new ECSClient({
    endpoint: wire.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  running.push({ wire, world, client });
  return { clock, world, client, url: wire.url, iamRequests };
}

/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const { wire, world, client } of running.splice(0)) {
    client.destroy();
    world.stop();
    await wire.close();
  }
}
