import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import type { Clock } from '../../../local/clock';
import type { embeddedCodePipeline } from '../../../local/codepipeline/service';
import type { FaultRule } from '../../../local/scenarios';
import type { Populate } from '../../../local/service';
import { serve } from '../harness';

/** What a scenario of this service populates, served. */
export const runCodePipeline = (populate: Populate, rules?: readonly FaultRule[]) =>
  serve(populate as (clock: Clock) => ReturnType<typeof embeddedCodePipeline>, CodePipelineClient, rules);
