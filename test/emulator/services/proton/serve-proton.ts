import { ProtonClient } from '@aws-sdk/client-proton';
import type { InitialState } from '../../../../emulator/services/proton/plan';

import { protonService } from '../../../../emulator/services/proton/service';
import { SimulatedProton } from '../../../../emulator/services/proton/simulated-service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { serve } from '../../serve-service';

export type Running = Awaited<ReturnType<typeof runProton>>;

export const runProton = (seed: InitialState, rules?: readonly FaultRule[]) =>
  serve(
    (clock) => {
      const simulated = new SimulatedProton(seed, clock);
      return { simulated, api: protonService(simulated) };
    },
    ProtonClient,
    rules,
  );
