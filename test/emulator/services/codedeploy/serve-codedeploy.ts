import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { Clock } from '../../../../emulator/core/clock';
import type { ServiceFactory } from '../../../../emulator/core/service';
import type { emulateCodeDeploy } from '../../../../emulator/services/codedeploy/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { serve } from '../../serve-service';

/** Starts the service of a scenario. */
export const runCodeDeploy = (populate: ServiceFactory, rules?: readonly FaultRule[]) =>
  serve(populate as (clock: Clock) => ReturnType<typeof emulateCodeDeploy>, CodeDeployClient, rules);
