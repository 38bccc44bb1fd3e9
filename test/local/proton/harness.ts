import { ProtonClient } from '@aws-sdk/client-proton';
import type { WorldSeed } from '../../../local/proton/plan';
import type { FaultRule } from '../../../local/proton/scenarios';
import { protonService } from '../../../local/proton/service';
import { ProtonWorld } from '../../../local/proton/world';
import { serve } from '../harness';

export type Running = Awaited<ReturnType<typeof runProton>>;

export const runProton = (seed: WorldSeed, rules?: readonly FaultRule[]) =>
  serve(
    (clock) => {
      const world = new ProtonWorld(seed, clock);
      return { world, api: protonService(world) };
    },
    ProtonClient,
    rules,
  );
