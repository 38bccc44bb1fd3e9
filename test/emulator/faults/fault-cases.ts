import { type App, CfnResource, Stack } from 'aws-cdk-lib';
import type { Fault, ServiceCall } from '../../../emulator/core/http-server';
import { type InitialState, MINUTES, SECONDS } from '../../../emulator/services/proton/plan';
import { DEFAULT_NAMES, scenario, serviceInstanceSeed } from '../../../emulator/services/proton/scenarios';
import type { SynthesizedStack } from '../../../emulator/simulation/assembly';
import { DEPLOYMENT_TYPE } from '../../../emulator/simulation/test-resources';
import { CancelOnRollback } from '../../../lib/index';
import { assemble, CloudFixture, cancellationStack, check, stackOf, WEB_PROD } from '../emulator-fixture';
import { expectDiscretion } from '../recorder';

/** What happens to a stack while something goes wrong, and how it ends when nothing does. */
export interface Situation {
  readonly stack: SynthesizedStack;
  readonly seed: InitialState;
  /** Which of the deployments it is that may be cancelled; the first one of all has created the service instance. */
  readonly meant: number;
  readonly ending: Ending;
}

/** How it ended, for CloudFormation and for the deployments. */
export interface Ending {
  readonly stack: string;
  readonly output?: string;
  readonly deployments: readonly string[];
}

const assembly = cancellationStack();

const guarded = (scope: Stack) => {
  const started = new CfnResource(scope, 'Release', { type: DEPLOYMENT_TYPE, properties: { ...DEFAULT_NAMES } });
  const checked = check(scope, { afterSeconds: 30, fails: true });
  checked.addResourceDependency(started);
  new CancelOnRollback(scope, 'Guard', { deployment: WEB_PROD, trigger: '1' }).protect(started, checked);
};

/** Together these make every call of a service that the functions ever make for one deployment. */
export const SITUATIONS = {
  'a stack cancels': {
    stack: stackOf(assembly),
    seed: serviceInstanceSeed(DEFAULT_NAMES, {
      at: -2 * MINUTES,
      onCancel: { steps: [{ after: 10 * SECONDS, status: 'CANCELLED' }] },
    }),
    meant: 1,
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
    meant: 1,
    ending: { stack: 'CREATE_COMPLETE', output: 'CANCELLED', deployments: ['CANCELLED', 'IN_PROGRESS'] },
  },
  'a creation is given up while it waits': {
    stack: stackOf(cancellationStack({}, (_cancellation, scope) => check(scope, { afterSeconds: 20, fails: true }))),
    seed: scenario('slow').seed,
    meant: 1,
    ending: { stack: 'ROLLBACK_COMPLETE', deployments: ['CANCELLING'] },
  },
  'a guard cancels': {
    stack: stackOf(assemble((app: App) => guarded(new Stack(app, 'Stack')))),
    seed: serviceInstanceSeed(DEFAULT_NAMES, {
      at: -60 * MINUTES,
      steps: [{ after: 6 * MINUTES, status: 'SUCCEEDED' }],
    }),
    meant: 2,
    ending: { stack: 'ROLLBACK_COMPLETE', deployments: ['SUCCEEDED', 'CANCELLED'] },
  },
} as const satisfies Readonly<Record<string, Situation>>;

/** Every kind of fault that a call can meet. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'a ThrottlingException': { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' },
  'an InternalServerException': { kind: 'error', type: 'InternalServerException', statusCode: 500 },
  'a connection that is reset': { kind: 'reset' },
  'an answer that is lost': { kind: 'lost-answer' },
  'an answer that breaks off': { kind: 'half-answer' },
  'a page of HTML': { kind: 'page', statusCode: 503, body: '<html><body><h1>503</h1></body></html>' },
  'no answer at all': { kind: 'hang' },
};

/** Of a call: its service and operation, and how many there were of it before. Says whether it goes wrong. */
export type Hit = (call: string, before: number) => boolean;

/** What came of a situation. */
export interface Played {
  readonly fixture: CloudFixture;
  readonly ending: Ending;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** How many calls there were, by service and operation. */
  readonly calls: ReadonlyMap<string, number>;
}

/** Longer than the default timeout and its margin nothing may take, but for what the stack does besides. */
const SERVICE_TIMEOUT = 45 * 60;
const BESIDES = 60;

/**
 * Plays a situation in which some calls go wrong, and checks what holds whatever goes wrong.
 *
 * @param leftovers whether what the functions have noted may stay behind
 */
export async function play(
  { stack, seed, meant }: Situation,
  fault?: Fault,
  hit: Hit = () => false,
  leftovers = false,
): Promise<Played> {
  const fixture = await CloudFixture.start({ assembly, seed });
  const calls = new Map<string, number>();
  fixture.faults = ({ service, operation }: ServiceCall) => {
    const call = `${service} ${operation}`;
    const before = calls.get(call) ?? 0;
    calls.set(call, before + 1);
    return hit(call, before) ? fault : undefined;
  };
  const begun = fixture.clock.now();
  const { status, outputs } = await fixture.create(stack);
  const seconds = (fixture.clock.now() - begun) / 1000;
  const ending = { stack: status, output: outputs[0]?.value, deployments: fixture.deployments };
  // Whatever is still tried again.
  await fixture.pass(10 * 60);
  const { deployments } = fixture.emulator.proton.resource('service/web/service-instance/web-prod');
  const services = deployments.filter((_deployment, index) => index !== meant).map(({ id }) => id);
  expect(fixture.recorder.cancelled.filter((id) => services.includes(id))).toEqual([]);
  expect(fixture.recorder.answers.length).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(SERVICE_TIMEOUT + BESIDES);
  if (!leftovers) {
    forgetUsedPlaces(fixture);
    expectDiscretion(fixture.recorder);
  }
  return { fixture, ending, seconds, calls };
}

/** When a guard has answered for its own deletion, its function may be gone before it can forget where it has answered to. */
function forgetUsedPlaces({ emulator: { ssm } }: CloudFixture): void {
  for (const { name } of ssm.parameters) {
    if (!/\/response-urls\/Guard[\w-]+-Delete-\w+$/.test(name)) continue;
    ssm.call({ service: 'ssm', operation: 'DeleteParameter', input: { Name: name } });
  }
}

/** Does the same for each of many, some at a time, and says what came of each by its name. */
export async function forEach<T>(
  names: readonly string[],
  what: (name: string) => Promise<T>,
): Promise<Record<string, T>> {
  const results: Record<string, T> = {};
  const left = names.values();
  const lane = async () => {
    for (const name of left) results[name] = await what(name);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** Each has threads of its own, and waits in real time where a call is never answered. */
const LANES = 6;
