import type { PlannedStack } from '../../../local/cloudformation/planned-stacks';
import { PlannedStacks } from '../../../local/cloudformation/planned-stacks';
import { answerQuery, callOf, queryFault } from '../../../local/cloudformation/query';
import { type FaultRule, faultsOf } from '../../../local/scenarios';
import { Wire } from '../../../local/wire';
import { HeldClock, whenOver } from '../harness';

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
