import { randomUUID } from 'node:crypto';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { StepFunctions } from '../emulator/aws/step-functions/step-functions';
import { sleep, VirtualClock } from '../emulator/core/clock';
import { seededRandom } from '../emulator/core/seeded-random';
import type { CallError, Driver, Found } from '../lambda/deployment/engine/driver';
import { cancelBatch } from '../lambda/deployment/fleet/batch';
import { type FindDependencies, findFleet } from '../lambda/deployment/fleet/find';
import type { FleetLister, Listed, Page } from '../lambda/deployment/fleet/fleet-lister';
import { summarize } from '../lambda/deployment/fleet/summarize';
import { parseFleetRequest } from '../lambda/parse-fleet';
import { CONTRACT_VERSION } from '../lib/contract/cancellation';
import { FLEET_STEPS, type FleetEvent, type FleetResult, MAX_BATCHES } from '../lib/contract/fleet';
import { FleetCancellation, ProtonFleet } from '../lib/index';
import { RATE_LIMIT, type RateLimit, secondsOf, tokenBucket } from './fleet-service';
import { type Consumption, cost } from './prices';

/** The measurements of a fleet that is cancelled without an emulated service. */
export interface FleetModelled extends Consumption {
  readonly size: number;
  /** The time from the start to the end of the execution. */
  readonly seconds: number;
  readonly calls: number;
  readonly throttledCalls: number;
  readonly historyEvents: number;
  /** The size of the largest input or output of a state. */
  readonly largestStateBytes: number;
  /** The maximum number of functions that ran at the same time. */
  readonly functionsAtOnce: number;
  readonly dollars: number;
  /** The IDs of the deployments whose cancellation the service accepted, in order. */
  readonly cancelled: readonly string[];
  readonly result: FleetResult;
}

export interface FleetModelOptions {
  readonly size: number;
  readonly rate?: RateLimit;
  /** The number of deployments in progress at the same time, divided by 25. Default: all. */
  readonly concurrency?: number;
}

/** The number of service instances in a page of the service. */
const PAGE_SIZE = 100;
/** The time that a call of the service takes. */
const CALL_MS = 50;
/** The timeout of the deployment function. */
const FUNCTION_TIMEOUT_MS = 5 * 60_000;
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:deployment';
const THROTTLED: CallError = {
  kind: 'error',
  errorType: 'throttled',
  action: 'proton:GetServiceInstance',
  resourceArn: 'arn:aws:proton:us-east-1:123456789012:service/web',
  endpoint: 'https://proton.us-east-1.amazonaws.com',
  errorName: 'ThrottlingException',
  message: 'Rate exceeded',
};

/**
 * Cancels a fleet with the state machine and the deployment function of this library, on a service that exists only as a
 * rule: ten thousand deployments would take the emulator hours.
 */
export async function modelFleet(options: FleetModelOptions): Promise<FleetModelled> {
  const { size, rate = RATE_LIMIT, concurrency } = options;
  const random = seededRandom(1);
  const clock = new VirtualClock();
  const begin = clock.now();
  const service = new ModelledService(size, clock, rate);
  let [running, functionsAtOnce, invocations, billedMs] = [0, 0, 0, 0];

  async function invoke(event: FleetEvent): Promise<unknown> {
    const start = clock.now();
    const deps: FindDependencies = {
      clock: { now: () => clock.now(), sleep: (ms) => sleep(clock, ms), random },
      remaining: () => start + FUNCTION_TIMEOUT_MS - clock.now(),
      endpoints: [],
      load: { cancellations: MAX_BATCHES },
      listerFor: () => service,
      driverFor: ({ deployment }) => service.driverFor(deployment.identifiers.serviceInstanceName ?? ''),
      log: () => undefined,
    };
    functionsAtOnce = Math.max(functionsAtOnce, ++running);
    invocations++;
    try {
      if (event.fleetStep === FLEET_STEPS.FIND) return await findFleet(event, deps);
      if (event.fleetStep === FLEET_STEPS.CANCEL) return await cancelBatch(event, deps);
      return { result: summarize(parseFleetRequest(event.request).fleet, event.results) };
    } finally {
      running--;
      billedMs += clock.now() - start;
    }
  }

  const stepFunctions = new StepFunctions({
    clock,
    random,
    environment: { partition: 'aws', region: 'us-east-1', account: '123456789012' },
    lambda: {
      invoke: async (_arn, event) => ({
        requestId: randomUUID(),
        payload: JSON.stringify(await invoke(event as FleetEvent)),
      }),
    },
  });
  const stateMachineArn = stepFunctions.createStateMachine({
    name: 'fleet',
    definition: definitionOfFleet(),
    roleArn: 'arn:aws:iam::123456789012:role/fleet',
    accessKeyId: 'AKIAFLEET',
  });
  const settings = { timeoutSeconds: 1800, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
  const fleet = { kind: 'proton-service-instances', identifiers: { serviceName: 'web' } };
  const input = JSON.stringify({ contractVersion: CONTRACT_VERSION, fleet, settings, concurrency });
  const execution = stepFunctions.startExecution({ stateMachineArn, input, name: 'run' });
  await execution.ended;
  const { status, output, cause, history, transitions, stopDate = Number.NaN } = execution;
  if (status !== 'SUCCEEDED') throw new Error(`the execution is ${status}: ${cause}`);
  const texts = history.flatMap(({ details }) => [details?.input, details?.output]);
  const consumption = { stateTransitions: transitions, lambdaInvocations: invocations, billedMs };
  return {
    ...consumption,
    size,
    seconds: (stopDate - begin) / 1000,
    calls: service.calls,
    throttledCalls: service.throttledCalls,
    historyEvents: history.length,
    largestStateBytes: Math.max(...texts.map((text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0))),
    functionsAtOnce,
    dollars: cost(consumption),
    cancelled: service.cancelled,
    result: JSON.parse(output ?? ''),
  };
}

/** The definition of the state machine of a fleet, as it is synthesized. */
function definitionOfFleet(): string {
  const stack = new Stack(new App(), 'Stack');
  new FleetCancellation(stack, 'Fleet', { fleet: ProtonFleet.fromServiceName('web') });
  const machines = Object.entries(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'));
  const found = machines.find(([id]) => id.startsWith('FleetCancellation'));
  if (!found) throw new Error('the template has no state machine of a fleet');
  const [, parts]: [string, unknown[]] = found[1].Properties.DefinitionString['Fn::Join'];
  const text = parts.map((part) => (typeof part === 'string' ? part : FUNCTION)).join('');
  return text.replaceAll(/"Resource":"[^"]+"/g, `"Resource":"${FUNCTION}"`);
}

/** The row of the measurements in docs/cost.md. */
export function rowOf(fleet: FleetModelled): string {
  const share = `${((100 * fleet.throttledCalls) / fleet.calls).toFixed(0)}%`;
  const cells = [
    fleet.size.toLocaleString('en-US'),
    `${Math.round(fleet.seconds)} s`,
    `${(fleet.calls / fleet.size).toFixed(1)}, ${share} throttled`,
    fleet.stateTransitions.toLocaleString('en-US'),
    fleet.lambdaInvocations.toLocaleString('en-US'),
    fleet.historyEvents.toLocaleString('en-US'),
    `${Math.round(fleet.largestStateBytes / 1024)} KiB`,
    `$${fleet.dollars.toFixed(3)}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The service instances of a service, each with a deployment in flight. */
class ModelledService implements FleetLister {
  readonly displayName = 'service instances of web';
  readonly unavailableHint = '';
  readonly cancelled: string[] = [];
  calls = 0;
  throttledCalls = 0;
  private readonly takeToken: () => boolean;
  private readonly instances: readonly Listed[];
  private readonly cancelledAt = new Map<string, number>();

  constructor(
    size: number,
    private readonly clock: VirtualClock,
    rate: RateLimit,
  ) {
    this.takeToken = tokenBucket(rate, () => clock.now());
    const random = seededRandom(2);
    const startedAt = () => clock.now() - Math.floor(2 * 60_000 + random() * 3_600_000);
    const hex = (length: number) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
    this.instances = Array.from({ length: size }, (_, index) => ({
      key: `web/instance-${Math.floor(random() * 1e9).toString(36)}-${index}`,
      phase: 'IN_PROGRESS',
      deploymentId: [8, 4, 4, 4, 12].map(hex).join('-'),
      startedAt: startedAt(),
    }));
  }

  async page(from = '0'): Promise<Page | CallError> {
    if (!(await this.call())) return THROTTLED;
    const start = Number(from);
    const listed = this.instances.slice(start, start + PAGE_SIZE);
    return {
      kind: 'page',
      listed,
      next: start + PAGE_SIZE < this.instances.length ? `${start + PAGE_SIZE}` : undefined,
    };
  }

  driverFor(name: string): Driver {
    const index = Number(name.split('-').at(-1));
    const describe = async () => ((await this.call()) ? this.read(index) : THROTTLED);
    return {
      displayName: name,
      unavailableHint: '',
      describe,
      describeById: describe,
      cancel: async () => {
        if (!(await this.call())) return THROTTLED;
        const { deploymentId = '' } = this.at(index);
        this.cancelled.push(deploymentId);
        this.cancelledAt.set(deploymentId, this.clock.now());
        return this.read(index);
      },
    };
  }

  private at(index: number): Listed {
    const instance = this.instances[index];
    if (!instance) throw new Error(`there is no service instance ${index}`);
    return instance;
  }

  private read(index: number): Found {
    const { deploymentId = '', startedAt } = this.at(index);
    const cancelledAt = this.cancelledAt.get(deploymentId);
    const isOver = cancelledAt !== undefined && this.clock.now() >= cancelledAt + secondsOf(index) * 1_000;
    const phase = isOver ? 'CANCELLED' : cancelledAt === undefined ? 'IN_PROGRESS' : 'CANCELLING';
    return { kind: 'found', phase, deploymentStatus: phase, deploymentId, startedAt, attributes: {} };
  }

  /** Whether the service accepts a call. */
  private async call(): Promise<boolean> {
    this.calls++;
    await sleep(this.clock, CALL_MS);
    if (this.takeToken()) return true;
    this.throttledCalls++;
    return false;
  }
}
