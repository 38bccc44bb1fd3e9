import { answerQuery, callOf, queryFault } from '../../../../emulator/aws/cloudformation/query';
import type { Consistency } from '../../../../emulator/core/consistency';
import { HttpServer } from '../../../../emulator/core/http-server';
import type { SimulatedStack } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { SimulatedStacks } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { type FaultRule, faultsOf } from '../../../../emulator/simulation/faults';
import { HeldClock, onStop } from '../../serve-service';

/** Serves simulated stacks, with a clock that the test moves. */
export async function runStacks(
  stacks: readonly SimulatedStack[],
  rules: readonly FaultRule[] = [],
  consistency?: Consistency,
) {
  const clock = new HeldClock();
  const simulated = new SimulatedStacks(stacks, clock, {}, consistency);
  const faults = faultsOf(rules);
  const server = await HttpServer.listen({
    services: [],
    raw: (request) => answerQuery(simulated, request),
    rawFaults: (request) => {
      const call = callOf(request);
      return call && queryFault(faults(call));
    },
  });
  onStop(async () => {
    simulated.stop();
    await server.close();
  });
  return { clock, simulated, url: server.url };
}
