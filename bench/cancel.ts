import { join } from 'node:path';
import { VirtualClock } from '../emulator/core/clock';
import { seededRandom } from '../emulator/core/seeded-random';
import { Emulator } from '../emulator/emulator';
import { type InitialState, MINUTES } from '../emulator/services/proton/plan';
import type { Assembly } from '../emulator/simulation/assembly';
import { type Consumption, cost } from './prices';
import { instanceNames, LOOP_OUTPUT, ROOT } from './stacks';

/** What one cancellation took, from the request to the answer. */
export interface Cancelled extends Consumption {
  readonly protonCalls: number;
  readonly dollars: number;
  /** In seconds, from when the service had a terminal status to when whoever asked had the answer. */
  readonly lag: number;
  /** When the service was asked how far it is, in seconds since the cancellation. */
  readonly looks: readonly number[];
}

/** Cancels a deployment that is over so many seconds later, with the stack of an assembly, on a cloud of its own. */
export async function cancel(assembly: Assembly, seconds: number, seed = 1): Promise<Cancelled> {
  const clock = new VirtualClock();
  const release = clock.hold();
  const looks: number[] = [];
  let protonCalls = 0;
  const emulator = await Emulator.start({
    clock,
    assembly,
    seed: overAfter(seconds),
    random: seededRandom(seed),
    runtimeModules: join(ROOT, 'node_modules'),
    onCall: ({ service, operation }) => {
      if (service !== 'proton') return;
      protonCalls++;
      if (operation.startsWith('Get')) looks.push(clock.now());
    },
  });
  try {
    const [stack] = assembly.stacks;
    if (!stack) throw new Error('the assembly has no stack');
    const created = emulator.cloudFormation.createStack(stack);
    release();
    const { status, statusReason, outputs } = await created;
    if (status !== 'CREATE_COMPLETE') throw new Error(`the stack is ${status}: ${statusReason}`);
    const { stepFunctions, proton, lambda } = emulator;
    // What nobody asks through CloudFormation is asked by hand.
    const loop = outputs.find(({ key }) => key === LOOP_OUTPUT);
    if (loop) stepFunctions.startExecution({ stateMachineArn: loop.value });
    await Promise.all(stepFunctions.executions.map(({ ended }) => ended));
    const [execution] = stepFunctions.executions;
    if (execution?.status !== 'SUCCEEDED')
      throw new Error(`the execution is ${execution?.status}: ${execution?.cause}`);
    if (!loop && outputs[0]?.value !== 'CANCELLED') throw new Error(`it ended as ${outputs[0]?.value}`);
    const [cancelled] = proton.acceptedCancels;
    const over = proton.history.find(({ status: reached }) => reached === 'CANCELLED');
    if (!cancelled || !over || over.at - cancelled.at !== seconds * 1000) throw new Error('not cancelled as planned');
    const consumption = {
      stateTransitions: execution.transitions,
      lambdaInvocations: lambda.invocations,
      billedMs: lambda.functions.reduce((sum, { usage }) => sum + usage.billedMs, 0),
    };
    return {
      ...consumption,
      protonCalls,
      dollars: cost(consumption),
      lag: ((execution.stopDate ?? Number.NaN) - over.at) / 1000,
      looks: looks.map((at) => (at - cancelled.at) / 1000),
    };
  } finally {
    release();
    await emulator.close();
  }
}

function overAfter(seconds: number): InitialState {
  const { serviceName, serviceInstanceName } = instanceNames(0);
  const deployment = {
    at: -2 * MINUTES,
    onCancel: { steps: [{ after: seconds * 1000, status: 'CANCELLED' as const }] },
  };
  const instances = [{ name: serviceInstanceName, environmentName: 'prod', deployments: [deployment] }];
  return { environments: [{ name: 'prod' }], services: [{ name: serviceName, instances }] };
}
