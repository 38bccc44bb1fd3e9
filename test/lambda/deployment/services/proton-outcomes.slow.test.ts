import { scenario } from '../../../../emulator/services/proton/scenarios';
import { SCENARIO_NAMES, type ScenarioName } from '../../../../emulator/simulation/scenarios';
import { service } from '../../../../lambda/deployment/services/proton';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { PROTON_KINDS, type ProtonKindName } from '../../../../lib/deployments/proton/kinds';
import { runProton } from '../../../emulator/services/proton/serve-proton';
import { type End, runToEnd, setUp } from '../run-to-end';

const KINDS = Object.keys(PROTON_KINDS) as ProtonKindName[];

/** The identifiers of each kind, and its path in the simulated service. */
const TARGETS: Readonly<
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

/** `cancelled`: the deployment that was in flight first, or a newer one. */
const ENDS: Readonly<Record<ScenarioName, End<'pinned' | 'newer'>>> = {
  cancelled: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', cancelled: 'pinned' },
  'cancel-fails': { outcome: 'CANCEL_FAILED', deploymentStatus: 'FAILED', cancelled: 'pinned' },
  'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCEEDED', cancelled: 'pinned' },
  'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'SUCCEEDED' },
  'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED' },
  throttled: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', cancelled: 'pinned' },
  conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: 'SUCCEEDED' },
  refused: { outcome: 'REFUSED', deploymentStatus: 'IN_PROGRESS', failed: true },
  'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
  'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: 'IN_PROGRESS', failed: true },
  superseded: { outcome: 'SUPERSEDED', deploymentStatus: 'CANCELLED', cancelled: 'pinned' },
  // This cannot be prevented: the request does not name the deployment.
  overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'SUCCEEDED', cancelled: 'newer' },
  vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'DELETE_COMPLETE', cancelled: 'pinned' },
  unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
  timeout: { outcome: 'TIMED_OUT', deploymentStatus: 'CANCELLING', failed: true, cancelled: 'pinned' },
  slow: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', cancelled: 'pinned' },
};

// Half an hour of polling takes a second or two, or more if the machine is busy.
jest.setTimeout(30_000);

setUp();

async function cancel(kind: ProtonKindName, name: ScenarioName, settings: object = {}) {
  const { seed, faults } = scenario(name, { kind });
  const { clock, simulated, url } = await runProton(seed, faults);
  const deployment = { kind, identifiers: TARGETS[kind].identifiers } as const;
  const [pinned] = simulated.resources
    .filter(({ path }) => path === TARGETS[kind].path)
    .map(({ deployments }) => deployments.at(-1)?.id);
  const { result } = await runToEnd({ clock, url, deployment, settings, service });
  return { result, simulated, pinned };
}

describe.each(KINDS)('the deployment of kind %s', (kind) => {
  test.each(SCENARIO_NAMES)('%s', async (name) => {
    const { outcome, deploymentStatus, failed = false, cancelled: expected } = ENDS[name];
    const { result, simulated, pinned } = await cancel(kind, name);
    expect(result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
    expect(result.reason).toContain(TARGETS[kind].displayName);
    // Without a successful read, the id is unknown.
    if (name !== 'unavailable') expect(result.attributes.deploymentId).toBe(pinned);
    const cancelled = simulated.acceptedCancels.map(({ resource, deploymentId }) => {
      expect(resource).toBe(TARGETS[kind].path);
      return deploymentId === pinned ? 'pinned' : 'newer';
    });
    expect(cancelled).toEqual(expected ? [expected] : []);
  });

  test('that does not exist is no failure if onNotFound is succeed', async () => {
    const { result } = await cancel(kind, 'not-found', { onNotFound: 'succeed' });
    expect(result).toEqual({
      outcome: 'NOT_FOUND',
      failed: false,
      reason: `${TARGETS[kind].displayName} was not found`,
      attributes: { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', deploymentId: undefined },
    });
  });
});
