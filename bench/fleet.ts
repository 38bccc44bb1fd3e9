import { App, Stack } from 'aws-cdk-lib';
import { VirtualClock } from '../emulator/core/clock';
import type { Fault, Faults } from '../emulator/core/http-server';
import { seededRandom } from '../emulator/core/seeded-random';
import { Emulator } from '../emulator/emulator';
import { FLEET_NAMES, fleetSeed } from '../emulator/services/proton/fleet-scenarios';
import { MINUTES, SECONDS } from '../emulator/services/proton/plan';
import { Assembly } from '../emulator/simulation/assembly';
import { FleetCancellation, ProtonFleet } from '../lib/index';
import { RATE_LIMIT, SLOWEST, secondsOf, tokenBucket } from './fleet-service';

/** The measurements of the cancellation of a fleet. */
export interface FleetCancelled {
  readonly size: number;
  readonly protonCalls: number;
  /** The time from the start to the response. */
  readonly seconds: number;
  /** The time that the slowest deployment takes, in seconds. */
  readonly slowest: number;
  /** The size of the largest input or output of a state. */
  readonly largestStateBytes: number;
}

/** Cancels the deployments of so many service instances of one service at the same time, on an emulator. */
export async function cancelFleet(outdir: string, size: number): Promise<FleetCancelled> {
  const app = new App({ outdir });
  const fleet = ProtonFleet.fromServiceName(FLEET_NAMES.serviceName);
  new FleetCancellation(new Stack(app, 'Stack'), 'Fleet', { fleet });
  app.synth();
  const assembly = new Assembly(outdir);
  const clock = new VirtualClock();
  const release = clock.hold();
  const begin = clock.now();
  let protonCalls = 0;
  const emulator = await Emulator.start({
    clock,
    consistency: 'strong',
    assembly,
    random: seededRandom(1),
    seed: fleetSeed(
      Array.from({ length: size }, (_, index) => ({
        at: -2 * MINUTES,
        onCancel: { steps: [{ after: secondsOf(index) * SECONDS, status: 'CANCELLED' as const }] },
      })),
    ),
    faults: rateLimit(() => clock.now()),
    onCall: ({ service }) => {
      if (service === 'proton') protonCalls++;
    },
  });
  try {
    const [stack] = assembly.stacks;
    if (!stack) throw new Error('the assembly has no stack');
    const created = emulator.cloudFormation.createStack(stack);
    release();
    const { outputs } = await created;
    const executions = emulator.stepFunctions.executions;
    await Promise.all(executions.map(({ ended }) => ended));
    const expected = `${size} deployments: ${size} cancelled`;
    if (outputs[0]?.value !== expected) throw new Error(`the fleet ended as ${outputs[0]?.value}, not as ${expected}`);
    const texts = executions.flatMap(({ history, input, output }) => [
      input,
      output,
      ...history.flatMap(({ details }) => [details?.input, details?.output]),
    ]);
    return {
      size,
      protonCalls,
      seconds: (Math.max(...executions.map(({ stopDate = Number.NaN }) => stopDate)) - begin) / 1000,
      slowest: SLOWEST,
      largestStateBytes: Math.max(...texts.map((text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0))),
    };
  } finally {
    release();
    await emulator.close();
  }
}

const THROTTLED: Fault = { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' };

function rateLimit(now: () => number): Faults {
  const accepts = tokenBucket(RATE_LIMIT, now);
  return ({ service }) => (service === 'proton' && !accepts() ? THROTTLED : undefined);
}
