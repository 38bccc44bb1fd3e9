import { type App, CfnResource, Stack } from 'aws-cdk-lib';
import type { Fault, ServiceCall } from '../../../emulator/core/http-server';
import { type InitialState, MINUTES, SECONDS } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, scenario, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import type { SynthesizedStack } from '../../../emulator/simulation/assembly';
import { DEPLOYMENT_TYPE } from '../../../emulator/simulation/test-resources';
import { CancelOnRollback } from '../../../lib/index';
import { assemble, cancellationStack, check, EmulatorFixture, stackOf, WEB_PROD } from '../emulator-fixture';
import { expectNoSecrets } from '../recorder';

/** An operation on a stack, and its result without faults. */
export interface FaultCase {
  readonly stack: SynthesizedStack;
  readonly seed: InitialState;
  /** The index of the deployment that may be cancelled. The first one created the service instance. */
  readonly cancellable: number;
  readonly ending: Ending;
}

/** The final status of the stack and of the deployments. */
export interface Ending {
  readonly stack: string;
  readonly output?: string;
  readonly deployments: readonly string[];
}

const assembly = cancellationStack();

const guarded = (scope: Stack) => {
  const started = new CfnResource(scope, 'Release', {
    type: DEPLOYMENT_TYPE,
    properties: { ...WEB_PROD._toContract() },
  });
  const checked = check(scope, { afterSeconds: 30, fails: true });
  checked.addResourceDependency(started);
  new CancelOnRollback(scope, 'Guard', { deployment: WEB_PROD, trigger: '1' }).protect(started, checked);
};

/** Together, these cover every call that the functions make for one deployment. */
export const FAULT_CASES = {
  'a stack cancels': {
    stack: stackOf(assembly),
    seed: serviceInstanceSeed(DEFAULT_NAMES, {
      at: -2 * MINUTES,
      onCancel: { steps: [{ after: 10 * SECONDS, status: 'CANCELLED' }] },
    }),
    cancellable: 1,
    ending: { stack: 'CREATE_COMPLETE', output: 'CANCELLED', deployments: ['CANCELLED'] },
  },
  'a newer deployment comes while the first is cancelled': {
    stack: stackOf(assembly),
    seed: serviceInstanceSeed(DEFAULT_NAMES, {
      at: -2 * MINUTES,
      onCancel: {
        steps: [
          { after: 3 * SECONDS, start: {} },
          { after: 7 * SECONDS, status: 'CANCELLED' },
        ],
      },
    }),
    cancellable: 1,
    ending: { stack: 'CREATE_COMPLETE', output: 'CANCELLED', deployments: ['CANCELLED', 'IN_PROGRESS'] },
  },
  'a creation is given up while it waits': {
    stack: stackOf(cancellationStack({}, (_cancellation, scope) => check(scope, { afterSeconds: 20, fails: true }))),
    seed: scenario('slow').seed,
    cancellable: 1,
    ending: { stack: 'ROLLBACK_COMPLETE', deployments: ['CANCELLING'] },
  },
  'a guard cancels': {
    stack: stackOf(assemble((app: App) => guarded(new Stack(app, 'Stack')))),
    seed: serviceInstanceSeed(DEFAULT_NAMES, {
      at: -60 * MINUTES,
      steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }],
    }),
    cancellable: 2,
    ending: { stack: 'ROLLBACK_COMPLETE', deployments: ['SUCCEEDED', 'CANCELLED'] },
  },
} as const satisfies Readonly<Record<string, FaultCase>>;

/** Every kind of fault of a call. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'a ThrottlingException': { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' },
  'an InternalServerException': { kind: 'error', type: 'InternalServerException', statusCode: 500 },
  'a connection that is reset': { kind: 'reset' },
  'a response that is lost': { kind: 'lost-answer' },
  'a response that is cut off': { kind: 'half-answer' },
  'a page of HTML': { kind: 'page', statusCode: 503, body: '<html><body><h1>503</h1></body></html>' },
  'no response': { kind: 'hang' },
};

/** Tells whether a call has the fault. @param before the number of earlier calls of the operation */
export type IsFaulty = (call: string, before: number) => boolean;

/** The result of a case. */
export interface CaseResult {
  readonly fixture: EmulatorFixture;
  readonly ending: Ending;
  /** The duration. */
  readonly seconds: number;
  /** The number of calls, by service and operation. */
  readonly calls: ReadonlyMap<string, number>;
}

/** The default timeout with its margin, in seconds. */
const SERVICE_TIMEOUT = 45 * 60;

/** The time for the other resources, and for the deletion of a guard by one invocation, in seconds. */
const OTHER_RESOURCES = 60;
const INVOCATION_TIMEOUT = 5 * 60;

/**
 * Runs a case with faults, and checks what must hold in spite of them.
 *
 * @param leftovers whether parameters may be left behind
 */
export async function runCase(
  { stack, seed, cancellable }: FaultCase,
  fault?: Fault,
  isFaulty: IsFaulty = () => false,
  leftovers = false,
): Promise<CaseResult> {
  // The faults of single calls need the same calls in each run.
  const fixture = await EmulatorFixture.start({ consistency: 'strong', assembly, seed });
  const calls = new Map<string, number>();
  fixture.faults = ({ service, operation }: ServiceCall) => {
    const call = `${service} ${operation}`;
    const before = calls.get(call) ?? 0;
    calls.set(call, before + 1);
    return isFaulty(call, before) ? fault : undefined;
  };
  const start = fixture.clock.now();
  const { status, outputs } = await fixture.create(stack);
  const seconds = (fixture.clock.now() - start) / 1000;
  const ending = { stack: status, output: outputs[0]?.value, deployments: fixture.deployments };
  // Retries may still run.
  await fixture.pass(10 * 60);
  const { deployments } = fixture.emulator.proton.resource('service/web/service-instance/web-prod');
  const services = deployments.filter((_deployment, index) => index !== cancellable).map(({ id }) => id);
  expect(fixture.recorder.cancelled.filter((id) => services.includes(id))).toEqual([]);
  expect(fixture.recorder.answers.length).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(SERVICE_TIMEOUT + INVOCATION_TIMEOUT + OTHER_RESOURCES);
  if (!leftovers) {
    deleteUsedResponseUrls(fixture);
    expectNoSecrets(fixture.recorder);
  }
  return { fixture, ending, seconds, calls };
}

/** A function may be deleted after the response to the deletion of a guard, before it deletes the response URL. */
function deleteUsedResponseUrls({ emulator: { ssm } }: EmulatorFixture): void {
  for (const { name } of ssm.parameters) {
    if (!/\/response-urls\/Guard[\w-]+-Delete-\w+$/.test(name)) continue;
    ssm.call({ service: 'ssm', operation: 'DeleteParameter', input: { Name: name } });
  }
}

/** Calls a function for each name, some at a time, and returns the results by name. */
export async function forEach<T>(
  names: readonly string[],
  what: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const results: Record<string, T> = {};
  const remaining = names.values();
  const worker = async () => {
    for (const name of remaining) results[name] = await what(name);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

/** Each case has its own threads, and waits in real time for responses that never arrive. */
const CONCURRENCY = 6;
