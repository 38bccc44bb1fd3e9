import { ECSClient } from '@aws-sdk/client-ecs';
import type { Clock } from '../../../../emulator/core/clock';
import type { ServiceFactory } from '../../../../emulator/core/service';
import type { emulateEcs } from '../../../../emulator/services/ecs/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { serve } from '../../serve-service';

/** Starts the service of a scenario. */
export const runEcs = (populate: ServiceFactory, rules?: readonly FaultRule[]) =>
  serve(populate as (clock: Clock) => ReturnType<typeof emulateEcs>, ECSClient, rules);
