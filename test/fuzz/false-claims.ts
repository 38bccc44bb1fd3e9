import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { EVENTUAL } from '../../emulator/core/consistency';
import { uuidOf } from '../../emulator/core/ids';
import type { Change } from '../../emulator/core/simulated-service';
import { simulationOf } from '../../emulator/simulation/service-simulation';
import { CLOCK_TOLERANCE } from '../../lambda/deployment/engine/skip';
import {
  ASSUME_ROLE_ACTION,
  type CancellationInput,
  type Deployment,
  type Outcome,
  UNKNOWN_STATUS,
} from '../../lib/contract/cancellation';
import type { Options } from '../../lib/deployments/kind-definition';
import { serviceOf } from '../../lib/deployments/kinds';
import { isCancellable, optionsAt } from './allowed-requests';
import { declaredTarget } from './declared-apis';
import type { RunRecord } from './perform';
import type { FleetBehavior, Schedule } from './schedule';
import { isList } from './stack-lifecycles';
import { FLEET_SIZE, isMember, pathOf, targetAt } from './targets';

/** The invariants of a response or a result: whether its outcome is true. */

export interface Body {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly RequestId: string;
  readonly Data: Readonly<Record<string, string>>;
}

/** A response, and its request. */
export interface ReceivedResponse {
  readonly at: number;
  readonly body: Body;
  /** Whether the stack has rolled back what made the request. */
  readonly isRolledBack: boolean;
  readonly request: CustomResourceEvent;
  readonly execution?: Execution;
}

/** The outcome of a cancellation as it was reported: by a response, or by an execution that CloudFormation did not request. */
export interface Claim extends Pick<ReceivedResponse, 'at' | 'isRolledBack' | 'execution'> {
  readonly deployment: Deployment;
  readonly failed: boolean;
  readonly reason: string;
  readonly data: Readonly<Record<string, string | undefined>>;
}

/** The claim of a response to a cancellation. */
export function claimOf({ body, request, ...received }: ReceivedResponse): Claim {
  const deployment = request.ResourceProperties.deployment as Deployment;
  return { ...received, deployment, failed: body.Status === 'FAILED', reason: body.Reason, data: body.Data };
}

const FAILURES: readonly string[] = [
  'TIMED_OUT',
  'UNAVAILABLE',
  'ACCESS_DENIED',
  'REFUSED',
  'ERROR',
] satisfies Outcome[];

/** Checks the outcome of a cancellation. */
export function* falseClaims(
  { at, deployment, failed, reason, data, execution, isRolledBack }: Claim,
  record: RunRecord,
): Generator<string> {
  const { schedule, cancels } = record;
  const { outcome = '', deploymentId = '' } = data;
  const { faultless, service } = faultsOf(schedule);
  const path = pathOf(deployment);
  const { kind } = declaredTarget(deployment);
  const options = optionsAt(schedule, path);
  const ends = endsOf(kind, options);
  const changes = record.changes.filter(({ resource, at: when }) => resource === path && when <= at);
  const pinned = changes.filter((change) => isOf(change, deploymentId));
  const status = pinned.at(-1)?.status ?? '';
  const deploymentStatus = simulatedStatus(data.deploymentStatus ?? '', kind, ends, pinned);
  const isDeleted = changes.some((change) => change.kind === 'vanished' || change.status === 'DELETE_COMPLETE');

  if (deploymentId !== '' && pinned.length === 0) yield `deployment ${deploymentId} does not exist`;
  if (outcome === '') {
    if (!failed) yield 'SUCCESS without an outcome';
    if (faultless) yield 'there is no outcome, although there were no faults';
    return;
  }
  const fails =
    FAILURES.includes(outcome) ||
    schedule.failOn.some((named) => named === outcome) ||
    (outcome === 'NOT_FOUND' && schedule.onNotFound === 'fail');
  if (fails !== failed) yield `${outcome} is ${failed ? 'FAILED' : 'SUCCESS'}`;
  if (failed && reason.trim() === '') yield 'FAILED without a reason';

  const hasNewer = changes.some(({ deploymentId: id, kind, at: when }) => {
    return kind === 'started' && id !== deploymentId && when >= (pinned[0]?.at ?? 0);
  });
  // An API whose read returns the newest deployment does not show the end of an older one.
  const isEndUnknown = deployment.kind === 'aws-api-deployment' && deploymentStatus === UNKNOWN_STATUS && hasNewer;

  const claim = (what: string, holds: boolean) => (holds ? [] : [`${outcome}, but ${what}`]);
  const isStatus = (...expected: readonly string[]) =>
    deploymentId === ''
      ? claim(
          `no deployment is ${expected.join(' or ')}`,
          changes.some((change) => expected.includes(change.status)),
        )
      : claim(
          `the deployment is ${status}`,
          [status, ...revertedStatus(pinned, record, execution)].some(
            (each) => expected.includes(each) && deploymentStatus === each,
          ),
        );
  switch (outcome) {
    case 'CANCELLED':
      yield* isStatus(...ends.CANCELLED);
      return;
    case 'COMPLETED_FIRST':
      yield* isStatus(...ends.SUCCEEDED);
      return;
    case 'CANCEL_FAILED': {
      yield* isStatus(...ends.FAILED);
      const requested = cancels.length > 0 || record.stackRequests.length > 0;
      yield* claim('no cancellation was requested', requested || service.length > 0);
      return;
    }
    case 'NOTHING_TO_CANCEL':
      if (isEndUnknown) return;
      // A deleted resource has no status that could say so. Most services have no word for it.
      if (deploymentId !== '' && !(isDeleted && ['DELETE_COMPLETE', 'UNKNOWN'].includes(deploymentStatus)))
        yield* isStatus(deploymentStatus);
      yield* claim(
        'the deployment has not ended',
        isDeleted || changes.length === 0 || isTerminal(ends, deploymentStatus),
      );
      return;
    case 'SUPERSEDED': {
      yield* claim('there is no newer deployment', hasNewer || isDeleted || /^DELETE/.test(deploymentStatus));
      yield* claim(
        `the deployment was never ${deploymentStatus}`,
        isDeleted || deploymentStatus === 'UNKNOWN' || pinned.some((change) => change.status === deploymentStatus),
      );
      return;
    }
    case 'NOT_FOUND':
      yield* claim('the resource exists', isDeleted || changes.length === 0);
      return;
    case 'TIMED_OUT': {
      const passed = (at - (execution?.startDate ?? at)) / 1000;
      yield* claim(`${passed} s have passed`, passed >= schedule.timeoutSeconds);
      yield* claim('the last status is missing', deploymentStatus !== '');
      return;
    }
    case 'UNAVAILABLE':
      // A service rejects the signature of a clock that differs too much.
      yield* claim(
        'the service has responded',
        Math.abs(schedule.skewSeconds) > 300 || service.some((fault) => fault !== 'throttled' && fault !== 'denied'),
      );
      return;
    case 'ACCESS_DENIED':
      yield* claim('no call was denied', service.includes('denied'));
      return;
    case 'REFUSED':
      yield* claim(
        'no cancellation was refused',
        schedule.behaviors.some(
          (behavior) => ['refused', 'conflict'].includes(behavior.onCancel) || isRefusedCreation(behavior, options),
        ),
      );
      return;
    case 'ERROR':
      yield* claim('no function failed', schedule.functionFaults.length > 0);
      return;
    case 'SKIPPED': {
      // By the clock of the service, which is what the start time is from.
      const started = changes.findLast(({ kind, deploymentId: id }) => {
        return kind === 'started' && (deploymentId === '' || id === deploymentId);
      });
      const { requestedAt } = JSON.parse(execution?.input ?? '{}') as Partial<CancellationInput>;
      const asked = requestedAt === undefined ? (execution?.startDate ?? at) : Date.parse(requestedAt);
      const isLate = started !== undefined && started.at + schedule.skewSeconds * 1000 > asked + CLOCK_TOLERANCE;
      yield* claim('the deployment had started before the request', isLate);
      return;
    }
    case 'NOT_ATTEMPTED':
      yield* claim('the stack has not rolled back', isRolledBack);
      return;
    default:
      yield `${outcome} is not an outcome of a cancellation`;
  }
}

/** A creation that no option allows to delete, or that rolls back by itself. */
function isRefusedCreation(behavior: FleetBehavior, options: Options): boolean {
  const { first } = behavior;
  return first?.creates === true && (first.ends === 'FAILED' || !isCancellable(behavior, options));
}

/** Whether a change is one of a deployment. The deletion of a stack is an operation of its own, with an ID of its own. */
function isOf({ deploymentId, status }: Change, id: string): boolean {
  return deploymentId === id || (status.startsWith('DELETE_') && uuidOf(`DELETE_STACK of ${deploymentId}`) === id);
}

/** The end that another cancellation has reverted since, if this one may still have read it. */
function revertedStatus(pinned: readonly Change[], { schedule }: RunRecord, execution?: Execution): readonly string[] {
  const [end, revert] = pinned.slice(-2);
  const lag = schedule.consistency === 'eventual' ? EVENTUAL.reads.max : 0;
  const mayBeRead = revert?.status === 'REVERTED' && execution !== undefined && revert.at >= execution.startDate - lag;
  return end && mayBeRead ? [end.status] : [];
}

type End = 'CANCELLED' | 'FAILED' | 'SUCCEEDED';

/** The statuses of the ends of the deployments of a kind, which depend on its options. */
function endsOf(kind: string, { deleteOnCreate, allowRevert, rollback }: Options): Readonly<Record<End, string[]>> {
  const { CANCELLED = '', FAILED = '', SUCCEEDED = '' } = simulationOf(kind).statuses;
  const ends = { CANCELLED: [CANCELLED], FAILED: [FAILED], SUCCEEDED: [SUCCEEDED] };
  switch (kind) {
    case 'appconfig-deployment':
      return allowRevert === true ? { ...ends, CANCELLED: [CANCELLED, 'REVERTED'] } : ends;
    case 'autoscaling-instance-refresh':
      return rollback === false ? { ...ends, CANCELLED: ['Cancelled'], FAILED: [FAILED, 'Failed'] } : ends;
    case 'cloudformation-stack-update':
      return {
        CANCELLED: deleteOnCreate === true ? [CANCELLED, 'DELETE_COMPLETE'] : [CANCELLED],
        FAILED: [FAILED, 'ROLLBACK_COMPLETE', 'DELETE_FAILED'],
        SUCCEEDED: [SUCCEEDED, 'CREATE_COMPLETE'],
      };
    default:
      return ends;
  }
}

/** The status of the emulator. An environment of Elastic Beanstalk is `Ready` after every end of an update. */
function simulatedStatus(
  read: string,
  kind: string,
  ends: ReturnType<typeof endsOf>,
  pinned: readonly Change[],
): string {
  if (kind !== 'elasticbeanstalk-environment-update' || read !== 'Ready') return read;
  return pinned.findLast(({ status }) => isTerminal(ends, status))?.status ?? read;
}

function isTerminal(ends: ReturnType<typeof endsOf>, status: string): boolean {
  return Object.values(ends).flat().includes(status) || /^DELETE_(COMPLETE|FAILED)$/.test(status);
}

/** Checks the counts of a fleet. */
export function* falseCounts(
  { at, body, isRolledBack }: ReceivedResponse,
  { changes, schedule }: RunRecord,
): Generator<string> {
  const { total, cancelled, completedFirst, failed, superseded, untouched } = body.Data;
  if (!total) {
    if (body.Status !== 'FAILED' && !isRolledBack) yield 'SUCCESS without counts';
    return;
  }
  const sum = [cancelled, completedFirst, failed, superseded, untouched].reduce((all, n) => all + Number(n), 0);
  if (sum !== Number(total)) yield 'the counts do not add up';
  if (isList(schedule.lifecycle)) {
    if (Number(total) !== FLEET_SIZE) yield `${FLEET_SIZE} deployments are listed`;
  } else {
    // Every execution of a pipeline in flight is one of the fleet.
    const started = changes.filter((change) => change.kind === 'started' && change.at <= at).length;
    const most = schedule.kind === 'codepipeline-execution' ? started : schedule.behaviors.filter(isMember).length;
    if (Number(total) > most) yield `there are only ${most} deployments`;
  }
  const last = new Map<string, Change>();
  for (const change of changes) if (change.at <= at) last.set(`${change.resource} ${change.deploymentId}`, change);
  const ended = (end: 'CANCELLED' | 'SUCCEEDED') =>
    [...last.values()].filter(({ resource, status }) => {
      const { kind } = targetAt(schedule, resource) ?? {};
      return kind !== undefined && endsOf(kind, optionsAt(schedule, resource))[end].includes(status);
    }).length;
  if (Number(cancelled) > ended('CANCELLED')) yield `only ${ended('CANCELLED')} are cancelled`;
  if (Number(completedFirst) > ended('SUCCEEDED')) yield `only ${ended('SUCCEEDED')} have succeeded`;
}

/** The faults of a schedule: whether there are none, and those of the service that deploys. */
export function faultsOf(schedule: Schedule) {
  const { callFaults, functionFaults, responseFaults, abortsAt, skewSeconds } = schedule;
  return {
    faultless:
      [callFaults, functionFaults, responseFaults, abortsAt].every(({ length }) => length === 0) && skewSeconds === 0,
    service: callFaults
      .filter(({ call }) => call.startsWith(`${serviceOf(schedule.kind)}:`) || call === ASSUME_ROLE_ACTION)
      .map(({ fault }) => fault),
  };
}
