import { STACK_TYPE } from '../../emulator/aws/cloudformation/engine';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { EVENTUAL } from '../../emulator/core/consistency';
import { latestStart } from '../../lambda/deployment/engine/skip';
import type { CancellationInput } from '../../lib/contract/cancellation';
import { optionalRequests } from './allowed-requests';
import type { RunRecord } from './perform';
import { cancelsWhatIsInFlight } from './simulated-kinds';
import { STACK_NAME } from './stack-lifecycles';
import { isMember, isStackFleet, pathOf, targetAt, targetsOf } from './targets';

/** The invariant of cancellations: nothing is cancelled but what was meant. */

/**
 * Checks that each cancelled deployment is pinned by a running execution, which was requested in a status of the stack in which
 * it may cancel.
 */
export function* wrongCancellations(record: RunRecord): Generator<string> {
  const { cancels, executions, changes } = record;
  for (const request of [...cancels, ...optionalRequests(record)]) {
    const { at, deploymentId, resource } = request;
    const startedAt = changes.find((change) => change.deploymentId === deploymentId)?.at ?? 0;
    // A cancellation that names no ID reaches a deployment that the read before did not show yet.
    const isUnseen = at - startedAt <= (record.schedule.consistency === 'eventual' ? EVENTUAL.reads.max : 0);
    const isCancel = cancels.includes(request);
    if (isCancel && isUnseen && cancelsWhatIsInFlight(targetAt(record.schedule, resource)?.kind ?? '')) continue;
    const reasons = executions
      // A function continues when the execution that invoked it is stopped.
      .filter(({ startDate, stopDate = at }) => startDate <= at && at <= stopDate + FUNCTION_TIMEOUT)
      .map((execution) => reasonAgainst(execution, resource, deploymentId, startedAt, record));
    if (reasons.includes(undefined)) continue;
    yield `${deploymentId} of ${resource}: ${reasons.join(', ') || 'no execution was running'}`;
  }
  yield* cancellationsOfOthers(record);
}

/**
 * Checks that no request to cancel is about a stack that is not in the fleet, such as the stack that waits. IAM denies most
 * of them, so it does not count whether the request is accepted.
 */
function* cancellationsOfOthers({ schedule, calls }: RunRecord): Generator<string> {
  if (!isStackFleet(schedule)) return;
  const members = targetsOf(schedule).flatMap((target, index) => {
    const behavior = schedule.behaviors[index];
    return behavior && isMember(behavior) ? [pathOf(target)] : [];
  });
  const requested = calls.flatMap(({ call: { operation, input } }) => {
    const stack = String(input.StackName);
    return operation === 'CancelUpdateStack' ? [/:stack\/([^/]+)/.exec(stack)?.[1] ?? stack] : [];
  });
  for (const name of new Set(requested)) {
    if (!members.includes(name)) yield `${name} is not in the fleet`;
  }
}

/** In milliseconds. */
const FUNCTION_TIMEOUT = 5 * 60_000;

/** Returns why an execution may not cancel a deployment; undefined if it may. */
function reasonAgainst(
  execution: Execution,
  resource: string,
  deploymentId: string,
  startedAt: number,
  record: RunRecord,
): string | undefined {
  const input = JSON.parse(execution.input) as Partial<CancellationInput> & { readonly fleet?: unknown };
  const { guard, LogicalResourceId: guardId = '' } = input.cloudFormation ?? {};
  if (input.deployment === undefined && input.fleet === undefined) return `${execution.name} is no cancellation`;
  const status = record.startedIn.get(execution.arn) ?? '';
  if (guard?.action === 'ARM' || input.observeOnly) return `${execution.name} only observes`;
  const statuses = guard ? CANCELLING_STATUSES : FORWARD_STATUSES;
  // Faults can delay the start, while the stack goes on. Then the status at the request counts.
  const isStartDelayed = record.schedule.callFaults.some(({ call }) => /^(ssm|sfn|cloudformation):/.test(call));
  const isRightRequest = isStartDelayed && statuses.includes(stackStatusAt(input.requestedAt, record));
  // What CloudFormation did not request depends on no status.
  if (input.cloudFormation && !statuses.includes(status) && !isRightRequest)
    return `${execution.name} was started in ${status}`;
  // A clock that differs may make a deployment older than it is.
  const isOlder = record.schedule.skewSeconds !== 0 || startedAt <= latestStart(Date.parse(input.requestedAt ?? ''));
  if (input.requestedAt !== undefined && !isOlder)
    return `${execution.name} was requested before the deployment started`;
  if (input.fleet !== undefined) {
    const found = execution.history.find(({ type }) => type === 'MapStateStarted')?.timestamp ?? 0;
    return startedAt <= found ? undefined : `${execution.name} listed the fleet before the deployment started`;
  }
  if (!input.deployment || pathOf(input.deployment) !== resource) return `${execution.name} cancels another resource`;
  const pinned = pinOf(execution);
  // Without IDs, no deployment can be pinned.
  const withholdsAnyId = record.schedule.behaviors.some(({ withholdsIds }) => withholdsIds);
  if (pinned !== deploymentId && !(pinned === undefined && withholdsAnyId))
    return `${execution.name} has pinned ${pinned}`;
  if (!guard || record.schedule.lifecycle === 'guard-cancels-earlier') return undefined;
  const armed = record.executions.filter(({ input: text, startDate }) => {
    const { cloudFormation } = JSON.parse(text) as CancellationInput;
    const { LogicalResourceId, guard: other } = cloudFormation ?? {};
    return LogicalResourceId === guardId && other?.action === 'ARM' && startDate <= execution.startDate;
  });
  const armedAt = armed.at(-1)?.startDate ?? Number.POSITIVE_INFINITY;
  return startedAt >= armedAt ? undefined : `${execution.name} of a guard that was armed later`;
}

/** The status of the stack at the time of a request, which is rounded down to a second; empty if it is unknown. */
function stackStatusAt(requestedAt: string | undefined, { stackEvents }: RunRecord): string {
  const end = Date.parse(requestedAt ?? '') + 1_000;
  const events = stackEvents.filter(({ resourceType, logicalId }) => {
    return resourceType === STACK_TYPE && logicalId === STACK_NAME;
  });
  return events.findLast(({ timestamp }) => timestamp < end)?.status ?? '';
}

const FORWARD_STATUSES: readonly string[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];
const CANCELLING_STATUSES: readonly string[] = [
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
];

/** The first deployment that the execution pinned. */
function pinOf({ history }: Execution): string | undefined {
  for (const { type, details } of history) {
    if (type !== 'TaskStateExited') continue;
    const { progress } = JSON.parse(String(details?.output)) as { progress?: { pinnedDeploymentId?: string } };
    if (progress?.pinnedDeploymentId !== undefined) return progress.pinnedDeploymentId;
  }
  return undefined;
}
