import { scenario } from '../../../../emulator/services/proton/scenarios';
import { SCENARIO_NAMES, type ScenarioName } from '../../../../emulator/simulation/scenarios';
import { protonDriver } from '../../../../lambda/deployment/services/proton/driver';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { PROTON_KINDS, type ProtonKindName } from '../../../../lib/deployments/proton/kinds';
import { runProton } from '../../../emulator/services/proton/harness';
import { cancelStepByStep, type End, prepare } from '../run-to-end';

const KINDS = Object.keys(PROTON_KINDS) as ProtonKindName[];

/** Each kind as the handlers are told of it, and where the world has it. */
const OF: Readonly<
  Record<ProtonKindName, { identifiers: Deployment['identifiers']; path: string; displayName: string }>
> = {
  'proton-service-instance': {
    identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' },
    path: 'service/web/service-instance/web-prod',
    displayName: 'service instance web/web-prod',
  },
  'proton-service-pipeline': {
    identifiers: { serviceName: 'web' },
    path: 'service/web/pipeline',
    displayName: 'service pipeline web',
  },
  'proton-environment': {
    identifiers: { environmentName: 'prod' },
    path: 'environment/prod',
    displayName: 'environment prod',
  },
  'proton-component': {
    identifiers: { componentName: 'bucket' },
    path: 'component/bucket',
    displayName: 'component bucket',
  },
};

/** `hit`: the deployment that was in flight at first, or a newer one. */
const ENDS: Readonly<Record<ScenarioName, End<'pinned' | 'newer'>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'FAILED', hit: 'pinned' },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCEEDED', hit: 'pinned' },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'SUCCEEDED' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCEEDED' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'IN_PROGRESS', failed: true },
  superseded: { outcome: 'SUPERSEDED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
  // What cannot be closed from outside.
  overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'SUCCEEDED', hit: 'newer' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'DELETE_COMPLETE', hit: 'pinned' },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'CANCELLING', failed: true, hit: 'pinned' },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', hit: 'pinned' },
};

// Half an hour of looks takes a second or two, or more where the machine has other things to do.
jest.setTimeout(30_000);

prepare();

async function cancel(kind: ProtonKindName, name: ScenarioName, settings: object = {}) {
  const { seed, faults } = scenario(name, { kind });
  const { clock, world, url } = await runProton(seed, faults);
  const deployment = { kind, identifiers: OF[kind].identifiers } as const;
  const [pinned] = world.resources
    .filter(({ path }) => path === OF[kind].path)
    .map(({ deployments }) => deployments.at(-1)?.id);
  const { result } = await cancelStepByStep({ clock, url, deployment, settings, driver: protonDriver });
  return { result, world, pinned };
}

describe.each(KINDS)('the deployment of one of the kind %s', (kind) => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, hit } = ENDS[name];
    const { result, world, pinned } = await cancel(kind, name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.reason).toContain(OF[kind].displayName);
    // Who cannot read it does not know which it is.
    if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(pinned);
    const hits = world.acceptedCancels.map(({ resource, deploymentId }) => {
      expect(resource).toBe(OF[kind].path);
      return deploymentId === pinned ? 'pinned' : 'newer';
    });
    expect(hits).toEqual(hit ? [hit] : []);
  });

  test('that is not there is a result where it may be', async () => {
    const { result } = await cancel(kind, 'not-found', { onNotFound: 'succeed' });
    expect(result).toEqual({
      outcome: 'NOT_FOUND',
      failed: false,
      reason: `${OF[kind].displayName} was not found`,
      attributes: { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', deploymentId: undefined },
    });
  });
});
