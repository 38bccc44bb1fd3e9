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

/** Sends a body to an operation, as no client would, and returns the response as it is. */
export async function postTo({ url }: Running, operation: string, body: string, target?: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target ?? `AwsProton20200720.${operation}`,
    },
    body,
  });
  return {
    status: response.status,
    contentType: response.headers.get('content-type'),
    body: (await response.json()) as Record<string, unknown>,
  };
}
