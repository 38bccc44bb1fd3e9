import { join } from 'node:path';
import { VirtualClock } from '../emulator/core/clock';
import { seededRandom } from '../emulator/core/seeded-random';
import { Emulator } from '../emulator/emulator';
import { type InitialState, MINUTES } from '../emulator/services/proton/plan';
import type { Assembly } from '../emulator/simulation/assembly';
import { type Consumption, cost } from './prices';
import { INPUT_OUTPUT, instanceNames, ROOT, START_OUTPUT } from './stacks';

/** The measurements of one cancellation, from the request to the response. */
export interface Cancelled extends Consumption {
  readonly protonCalls: number;
  readonly dollars: number;
  /** The time between the terminal status of the service and the response, in seconds. */
  readonly lag: number;
  /** The times of the polls, in seconds since the cancellation. */
  readonly polls: readonly number[];
}

/** Cancels a deployment that ends so many seconds later, with the stack of an assembly, on an emulator. */
export async function cancel(assembly: Assembly, seconds: number, seed = 1): Promise<Cancelled> {
  const clock = new VirtualClock();
  const release = clock.hold();
  const polls: number[] = [];
  let protonCalls = 0;
  const emulator = await Emulator.start({
    clock,
    consistency: 'strong',
    assembly,
    seed: endsAfter(seconds),
    random: seededRandom(seed),
    runtimeModules: join(ROOT, 'node_modules'),
    onCall: ({ service, operation }) => {
      if (service !== 'proton') return;
      protonCalls++;
      if (operation.startsWith('Get')) polls.push(clock.now());
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
    const outputOf = (name: string) => outputs.find(({ key }) => key === name)?.value;
    // Not every design is a custom resource.
    const stateMachineArn = outputOf(START_OUTPUT);
    if (stateMachineArn) stepFunctions.startExecution({ stateMachineArn, input: outputOf(INPUT_OUTPUT) });
    await Promise.all(stepFunctions.executions.map(({ ended }) => ended));
    const [execution] = stepFunctions.executions;
    if (execution?.status !== 'SUCCEEDED')
      throw new Error(`the execution is ${execution?.status}: ${execution?.cause}`);
    if (!stateMachineArn && outputs[0]?.value !== 'CANCELLED') throw new Error(`it ended as ${outputs[0]?.value}`);
    const [cancelled] = proton.acceptedCancels;
    const end = proton.history.find(({ status: reached }) => reached === 'CANCELLED');
    if (!cancelled || !end || end.at - cancelled.at !== seconds * 1000) throw new Error('not cancelled as planned');
    const consumption = {
      stateTransitions: execution.transitions,
      lambdaInvocations: lambda.invocations,
      billedMs: lambda.functions.reduce((sum, { usage }) => sum + usage.billedMs, 0),
    };
    return {
      ...consumption,
      protonCalls,
      dollars: cost(consumption),
      lag: ((execution.stopDate ?? Number.NaN) - end.at) / 1000,
      polls: polls.map((at) => (at - cancelled.at) / 1000),
    };
  } finally {
    release();
    await emulator.close();
  }
}

function endsAfter(seconds: number): InitialState {
  const { serviceName, serviceInstanceName } = instanceNames(0);
  const deployment = {
    at: -2 * MINUTES,
    onCancel: { steps: [{ after: seconds * 1000, status: 'CANCELLED' as const }] },
  };
  const instances = [{ name: serviceInstanceName, environmentName: 'prod', deployments: [deployment] }];
  return { environments: [{ name: 'prod' }], services: [{ name: serviceName, instances }] };
}
