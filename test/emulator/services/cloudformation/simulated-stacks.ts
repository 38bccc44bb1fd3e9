import { answerQuery, callOf, queryFault } from '../../../../emulator/aws/cloudformation/query';
import { Wire } from '../../../../emulator/core/http-server';
import type { PlannedStack } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { PlannedStacks } from '../../../../emulator/services/cloudformation/simulated-stacks';
import { type FaultRule, faultsOf } from '../../../../emulator/simulation/scenarios';
import { HeldClock, whenOver } from '../../harness';

/** Stacks on a socket, on a clock that stands still while a test is at work. */
export async function runStacks(stacks: readonly PlannedStack[], rules: readonly FaultRule[] = []) {
  const clock = new HeldClock();
  const world = new PlannedStacks(stacks, clock);
  const faults = faultsOf(rules);
  const wire = await Wire.listen({
    services: [],
    raw: (request) => answerQuery(world, request),
    rawFaults: (request) => {
      const call = callOf(request);
      return call && queryFault(faults(call));
    },
  });
  whenOver(async () => {
    world.stop();
    await wire.close();
  });
  return { clock, world, url: wire.url };
}
