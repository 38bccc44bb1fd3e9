import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import type { Clock } from '../../../../emulator/core/clock';
import type { ServiceFactory } from '../../../../emulator/core/service';
import type { emulateCodePipeline } from '../../../../emulator/services/codepipeline/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { serve } from '../../serve-service';

/** Starts the service of a scenario. */
export const runCodePipeline = (populate: ServiceFactory, rules?: readonly FaultRule[]) =>
  serve(populate as (clock: Clock) => ReturnType<typeof emulateCodePipeline>, CodePipelineClient, rules);
