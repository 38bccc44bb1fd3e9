import { EVENTUAL } from '../../emulator/core/consistency';
import type { AcceptedCancel } from '../../emulator/core/simulated-service';
import type { AcceptedRequest } from '../../emulator/services/cloudformation/simulated-stacks';
import { OnRollbackFailed } from '../../lib/contract/outcome';
import type { Options } from '../../lib/deployments/kind-definition';
import type { RunRecord } from './perform';
import type { FleetBehavior, Schedule } from './schedule';
import { pathOf, targetAt, targetsOf } from './targets';

/** The invariants of options: no request is sent that they do not allow. */

/** An accepted request that only an option allows. It is about one deployment, as a cancellation is. */
export function optionalRequests({ stackRequests, stops, changes }: RunRecord): readonly AcceptedCancel[] {
  return [
    ...stackRequests.map((request) => ({ ...request, resource: stackNameOf(request) })),
    ...stops.filter(({ abandon }) => abandon),
    ...changes.filter(({ status }) => status === 'REVERTED'),
  ];
}

export function* requestsWithoutOption(record: RunRecord): Generator<string> {
  yield* stackRequestsWithoutOption(record);
  yield* stopsWithoutOption(record);
  const { schedule, changes } = record;
  for (const { resource, deploymentId, status } of changes) {
    const { allowRevert, rollback } = optionsAt(schedule, resource);
    const isRefresh = targetAt(schedule, resource)?.kind === 'autoscaling-instance-refresh';
    const isAllowed =
      (status !== 'REVERTED' || allowRevert === true) &&
      (!isRefresh || status !== 'Cancelling' || rollback === false) &&
      (!isRefresh || status !== 'RollbackInProgress' || rollback !== false);
    if (!isAllowed) yield `deployment ${deploymentId} of ${resource} is ${status}`;
  }
}

function* stackRequestsWithoutOption({ schedule, stackRequests, changes }: RunRecord): Generator<string> {
  const continued = new Set<string>();
  for (const request of stackRequests) {
    const { operation, at, deploymentId, status, resourcesToSkip = [] } = request;
    const resource = stackNameOf(request);
    const options = optionsAt(schedule, resource);
    const what = `${operation} of ${resource} in ${status}`;
    if (behaviorAt(schedule, resource)?.hasNoRole) yield `${what}: the stack has no service role`;
    if (operation === 'DeleteStack') {
      if (options.deleteOnCreate !== true) yield `${what}: no option allows it`;
      const own = changes.filter((change) => change.deploymentId === deploymentId && change.resource === resource);
      const creation = own.findLast((change) => change.status === 'CREATE_IN_PROGRESS' && change.at <= at);
      const end = own.find((change) => change.status !== 'CREATE_IN_PROGRESS' && change.at <= at);
      // CloudFormation has no condition on a deletion, so that a creation which has just ended is deleted as well.
      const lag = schedule.consistency === 'eventual' ? EVENTUAL.reads.max : 0;
      if (!creation || (end && !end.status.startsWith('DELETE_') && at - end.at > lag)) {
        yield `${what}: no creation is in progress`;
      }
    } else {
      if (options.onRollbackFailed !== OnRollbackFailed.CONTINUE) yield `${what}: no option allows it`;
      const skipped = (options.resourcesToSkip ?? []) as readonly string[];
      if (String(resourcesToSkip) !== String(skipped)) yield `${what}: it skips ${resourcesToSkip}, not ${skipped}`;
      if (continued.has(deploymentId)) yield `${what}: it was continued before`;
      continued.add(deploymentId);
    }
  }
}

function* stopsWithoutOption({ schedule, stops, changes }: RunRecord): Generator<string> {
  for (const { at, resource, deploymentId, abandon } of stops) {
    const { abandon: atOnce, abandonAfterSeconds } = optionsAt(schedule, resource);
    const what = `execution ${deploymentId} of ${resource}`;
    if (!abandon) {
      if (atOnce === true) yield `${what} was stopped, but not abandoned`;
      continue;
    }
    if (atOnce === true) continue;
    const stoppingAt = changes.find((one) => one.deploymentId === deploymentId && one.status === 'Stopping')?.at ?? at;
    const passed = (at - stoppingAt) / 1000;
    if (typeof abandonAfterSeconds !== 'number') yield `${what} was abandoned: no option allows it`;
    else if (passed < abandonAfterSeconds)
      yield `${what} was abandoned after ${passed} s, not ${abandonAfterSeconds} s`;
  }
}

/** Whether the creation of a stack can be cancelled: an option allows it, and the stack has a service role. */
export function isCancellable({ first, hasNoRole }: FleetBehavior, { deleteOnCreate }: Options): boolean {
  return !first?.creates || (deleteOnCreate === true && !hasNoRole);
}

/** The options of the deployments of a resource: those of the kind of the schedule are drawn. */
export function optionsAt(schedule: Schedule, resource: string): Options {
  return targetAt(schedule, resource)?.kind === schedule.kind ? schedule.options : {};
}

/** The behavior of a resource with one deployment. */
function behaviorAt(schedule: Schedule, resource: string): FleetBehavior | undefined {
  return schedule.behaviors[targetsOf(schedule).findIndex((target) => pathOf(target) === resource)];
}

function stackNameOf({ stackId }: AcceptedRequest): string {
  return stackId.split('/')[1] ?? '';
}
