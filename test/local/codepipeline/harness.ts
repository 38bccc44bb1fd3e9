import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import type { embeddedCodePipeline } from '../../../local/codepipeline/service';
import type { CodePipelineWorld } from '../../../local/codepipeline/world';
import { type FaultRule, faultsOf } from '../../../local/scenarios';
import type { Populate } from '../../../local/service';
import { Wire } from '../../../local/wire';
import { HeldClock } from '../proton/harness';

export interface Running {
  readonly clock: HeldClock;
  readonly world: CodePipelineWorld;
  readonly client: CodePipelineClient;
  readonly url: string;
  readonly iamRequests: ReturnType<typeof embeddedCodePipeline>['iamRequests'];
}

const running: { wire: Wire; world: CodePipelineWorld; client: CodePipelineClient }[] = [];

/** AWS CodePipeline on a socket, and the real client at the other end, which asks once. */
export async function runCodePipeline(populate: Populate, rules: readonly FaultRule[] = []): Promise<Running> {
  const clock = new HeldClock();
  const { world, api, iamRequests } = populate(clock) as ReturnType<typeof embeddedCodePipeline>;
  const wire = await Wire.listen({ services: [api], faults: faultsOf(rules) });
  const client = new CodePipelineClient({
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
