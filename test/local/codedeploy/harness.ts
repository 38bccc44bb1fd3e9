import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../../local/clock';
import type { embeddedCodeDeploy } from '../../../local/codedeploy/service';
import type { FaultRule } from '../../../local/scenarios';
import type { Populate } from '../../../local/service';
import { serve } from '../harness';

/** What a scenario of this service populates, served. */
export const runCodeDeploy = (populate: Populate, rules?: readonly FaultRule[]) =>
  serve(populate as (clock: Clock) => ReturnType<typeof embeddedCodeDeploy>, CodeDeployClient, rules);
