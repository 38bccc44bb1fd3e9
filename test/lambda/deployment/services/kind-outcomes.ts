import type { Clock } from '../../../../emulator/core/clock';
import type { HttpService } from '../../../../emulator/core/http-server';
import type { Observable, ServiceFactory } from '../../../../emulator/core/service';
import type { FaultRule } from '../../../../emulator/simulation/faults';
import { scenarioOf } from '../../../../emulator/simulation/find-scenario';
import type { ScenarioName } from '../../../../emulator/simulation/scenarios';
import { service as amplify } from '../../../../lambda/deployment/services/amplify';
import { service as appconfig } from '../../../../lambda/deployment/services/appconfig';
import { service as autoscaling } from '../../../../lambda/deployment/services/autoscaling';
import { service as codebuild } from '../../../../lambda/deployment/services/codebuild';
import { service as elasticbeanstalk } from '../../../../lambda/deployment/services/elasticbeanstalk';
import { service as imagebuilder } from '../../../../lambda/deployment/services/imagebuilder';
import { service as sagemaker } from '../../../../lambda/deployment/services/sagemaker';
import type { Service } from '../../../../lambda/deployment/services/service';
import { service as ssm } from '../../../../lambda/deployment/services/ssm';
import { service as stackSets } from '../../../../lambda/deployment/services/stack-sets';
import type { Deployment } from '../../../../lib/contract/cancellation';
import { type DeploymentKind, sampleIdentifiers } from '../../../../lib/deployments/kinds';
import { serve } from '../../../emulator/serve-service';
import { type End, runToEnd } from '../run-to-end';

/** The statuses of a kind, and the ends that differ from those of most kinds. */
export interface KindEnds {
  readonly service: Service;
  readonly inProgress: string;
  readonly cancelling: string;
  readonly cancelled: string;
  /** Left out if the service has none, so that a cancellation that fails never ends. */
  readonly failed?: string;
  readonly succeeded: string;
  readonly changes?: Readonly<Partial<Record<ScenarioName, KindEnd>>>;
}

/** The index of the deployment that was cancelled: 0 is the one that was in flight first. */
type KindEnd = End<0 | 1>;

function endsOf(kind: KindEnds): Readonly<Record<ScenarioName, KindEnd>> {
  const { inProgress, cancelling, cancelled: stopped, failed: ended, succeeded } = kind;
  const timeout: KindEnd = { outcome: 'TIMED_OUT', deploymentStatus: cancelling, failed: true, cancelled: 0 };
  const cancelled: KindEnd = { outcome: 'CANCELLED', deploymentStatus: stopped, cancelled: 0 };
  return {
    cancelled,
    throttled: cancelled,
    slow: cancelled,
    // The pinned deployment is read by its id, even if a newer one follows.
    superseded: cancelled,
    'cancel-fails': ended === undefined ? timeout : { outcome: 'CANCEL_FAILED', deploymentStatus: ended, cancelled: 0 },
    'finishes-first': { outcome: 'COMPLETED_FIRST', deploymentStatus: succeeded, cancelled: 0 },
    'nothing-to-cancel': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: succeeded },
    'already-cancelling': { outcome: 'CANCELLED', deploymentStatus: stopped },
    conflict: { outcome: 'COMPLETED_FIRST', deploymentStatus: succeeded },
    refused: { outcome: 'REFUSED', deploymentStatus: inProgress, failed: true },
    'not-found': { outcome: 'NOT_FOUND', deploymentStatus: 'UNKNOWN', failed: true },
    'access-denied': { outcome: 'ACCESS_DENIED', deploymentStatus: inProgress, failed: true },
    // The request names the pinned one, so the newer one is not cancelled.
    overtaken: { outcome: 'COMPLETED_FIRST', deploymentStatus: succeeded },
    vanishes: { outcome: 'SUPERSEDED', deploymentStatus: 'UNKNOWN', cancelled: 0 },
    unavailable: { outcome: 'UNAVAILABLE', deploymentStatus: 'UNKNOWN', failed: true },
    timeout,
    ...kind.changes,
  };
}

export const KIND_ENDS = {
  'appconfig-deployment': {
    service: appconfig,
    inProgress: 'DEPLOYING',
    cancelling: 'ROLLING_BACK',
    cancelled: 'ROLLED_BACK',
    succeeded: 'COMPLETE',
  },
  'autoscaling-instance-refresh': {
    service: autoscaling,
    inProgress: 'InProgress',
    cancelling: 'RollbackInProgress',
    cancelled: 'RollbackSuccessful',
    failed: 'RollbackFailed',
    succeeded: 'Successful',
    // The request names the group, and so reaches the newer one.
    changes: { overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'Successful', cancelled: 1 } },
  },
  'elasticbeanstalk-environment-update': {
    service: elasticbeanstalk,
    inProgress: 'Updating',
    cancelling: 'Aborting',
    cancelled: 'Ready',
    failed: 'Ready',
    succeeded: 'Ready',
    changes: {
      // The request names the environment, and so reaches the newer one.
      overtaken: { outcome: 'SUPERSEDED', deploymentStatus: 'Ready', cancelled: 1 },
      // No event tells how an aborted update has ended.
      superseded: { outcome: 'SUPERSEDED', deploymentStatus: 'Ready', cancelled: 0 },
    },
  },
  'codebuild-build': {
    service: codebuild,
    inProgress: 'IN_PROGRESS',
    cancelling: 'IN_PROGRESS',
    cancelled: 'STOPPED',
    failed: 'FAILED',
    succeeded: 'SUCCEEDED',
    // There is no status of a build that is stopping, so it has stopped already.
    changes: { 'already-cancelling': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'STOPPED' } },
  },
  'ssm-automation-execution': {
    service: ssm,
    inProgress: 'InProgress',
    cancelling: 'Cancelling',
    cancelled: 'Cancelled',
    failed: 'Failed',
    succeeded: 'Success',
    // Executions are listed, and documents are not.
    changes: { 'not-found': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'UNKNOWN' } },
  },
  'cloudformation-stack-set-operation': {
    service: stackSets,
    inProgress: 'RUNNING',
    cancelling: 'STOPPING',
    cancelled: 'STOPPED',
    failed: 'FAILED',
    succeeded: 'SUCCEEDED',
  },
  'amplify-job': {
    service: amplify,
    inProgress: 'RUNNING',
    cancelling: 'CANCELLING',
    cancelled: 'CANCELLED',
    failed: 'FAILED',
    succeeded: 'SUCCEED',
  },
  'sagemaker-pipeline-execution': {
    service: sagemaker,
    inProgress: 'Executing',
    cancelling: 'Stopping',
    cancelled: 'Stopped',
    failed: 'Failed',
    succeeded: 'Succeeded',
  },
  'imagebuilder-image': {
    service: imagebuilder,
    inProgress: 'BUILDING',
    cancelling: 'BUILDING',
    cancelled: 'CANCELLED',
    failed: 'FAILED',
    succeeded: 'AVAILABLE',
    // There is no status of an image that is being cancelled, so it is cancelled already.
    changes: { 'already-cancelling': { outcome: 'NOTHING_TO_CANCEL', deploymentStatus: 'CANCELLED' } },
  },
} as const satisfies Readonly<Partial<Record<DeploymentKind, KindEnds>>>;

export const KINDS_WITH_ENDS = Object.keys(KIND_ENDS) as (keyof typeof KIND_ENDS)[];

/** A service of the emulator. */
interface Served {
  readonly api: HttpService;
  readonly simulated: Observable;
}

interface CancelOptions {
  readonly faults?: readonly FaultRule[];
  readonly settings?: object;
  readonly otherFields?: object;
  readonly apis?: readonly string[];
}

/** The client of no service. */
class NoClient {
  destroy(): void {}
}

/** Runs a cancellation of a kind with its sample identifiers to its end. */
export function cancelKind(
  kind: keyof typeof KIND_ENDS,
  populate: ServiceFactory,
  { identifiers, options, ...more }: CancelOptions & Partial<Pick<Deployment, 'identifiers' | 'options'>> = {},
) {
  const deployment = { kind, identifiers: { ...sampleIdentifiers(kind), ...identifiers }, options };
  return cancelDeployment(deployment, KIND_ENDS[kind].service, populate, more);
}

/** Runs the cancellation of a deployment of an emulated service to its end. */
export async function cancelDeployment(
  deployment: Deployment,
  service: Service,
  populate: ServiceFactory,
  { faults, ...others }: CancelOptions = {},
) {
  const { clock, simulated, url } = await serve(populate as (clock: Clock) => Served, NoClient, faults);
  const { result } = await runToEnd({ clock, url, deployment, service, ...others });
  const ids = simulated.history.flatMap((change) => (change.kind === 'started' ? [change.deploymentId] : []));
  const cancelled = simulated.acceptedCancels.map(({ deploymentId }) => ids.indexOf(deploymentId));
  return { result, ids, cancelled };
}

/** Expects the end of the table, and that nothing but the pinned deployment was cancelled. */
export async function expectKindEnd(kind: keyof typeof KIND_ENDS, name: ScenarioName): Promise<void> {
  const { outcome, deploymentStatus, failed = false, cancelled } = endsOf(KIND_ENDS[kind])[name];
  const { services = [], faults } = scenarioOf(kind, name);
  const ended = await cancelKind(kind, services[0] as ServiceFactory, { faults });
  expect(ended.result).toMatchObject({ outcome, failed, attributes: { outcome, deploymentStatus } });
  expect(ended.cancelled).toEqual(cancelled === undefined ? [] : [cancelled]);
  // Without a successful read, the id is unknown.
  if (name !== 'unavailable' && name !== 'not-found') expect(ended.result.attributes.deploymentId).toBe(ended.ids[0]);
}
