import { ECSClient } from '@aws-sdk/client-ecs';
import type { Clock } from '../../../local/clock';
import type { embeddedEcs } from '../../../local/ecs/service';
import type { FaultRule } from '../../../local/scenarios';
import type { Populate } from '../../../local/service';
import { serve } from '../harness';

/** What a scenario of this service populates, served. */
export const runEcs = (populate: Populate, rules?: readonly FaultRule[]) =>
  serve(populate as (clock: Clock) => ReturnType<typeof embeddedEcs>, ECSClient, rules);
