import { ProtonClient } from '@aws-sdk/client-proton';
import type { WorldSeed } from '../../../../emulator/services/proton/plan';
import type { FaultRule } from '../../../../emulator/services/proton/scenarios';
import { protonService } from '../../../../emulator/services/proton/service';
import { ProtonWorld } from '../../../../emulator/services/proton/simulated-service';
import { serve } from '../../harness';

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
