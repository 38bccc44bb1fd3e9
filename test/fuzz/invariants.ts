import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import { STACK_TYPE } from '../../emulator/aws/cloudformation/engine';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { EVENTUAL } from '../../emulator/core/consistency';
import { type CancellationInput, GUARD_RESOURCE_TYPE, RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import { serviceOf } from '../../lib/deployments/kinds';
import { isMark } from '../emulator/recorder';
import { delayOf } from './delay';
import { type Body, falseClaims, falseCounts, faultsOf, type ReceivedResponse } from './false-claims';
import type { RunRecord, SentResponse } from './perform';
import { type FleetBehavior, type OnCancel, SECRETS } from './schedule';
import { cancelsWhatIsInFlight, deploysTo } from './simulated-kinds';
import { isGuarded, type Lifecycle, STACK_NAME } from './stack-lifecycles';

/** The invariants of a run. The simulated service is the source of truth. */

export const VIOLATION_KINDS = [
  'missing response',
  'false response',
  'wrong deployment cancelled',
  'exposed secret',
  'nothing cancelled',
  'stack not deletable',
  'steps without a wait',
] as const;
export interface Violation {
  readonly kind: (typeof VIOLATION_KINDS)[number];
  readonly what: string;
}

/** CloudFormation waits 15 minutes longer than the timeout. Faults may delay a response by this part of it. */
const MAX_DELAY_SECONDS = 780;

/** The longest lag of permissions behind policies, in milliseconds, with some room. */
const MAX_PERMISSION_LAG = 15_000;

export function checkInvariants(record: RunRecord): Violation[] {
  const of = (kind: Violation['kind'], found: Iterable<string>) => [...found].map((what) => ({ kind, what }));
  return [
    ...of('missing response', missingResponses(record)),
    ...of('false response', falseResponses(record)),
    ...of('wrong deployment cancelled', wrongCancellations(record)),
    ...of('exposed secret', exposedSecrets(record)),
    ...of('nothing cancelled', missingCancellations(record)),
    ...of('stack not deletable', undeletableStacks(record)),
    ...of('steps without a wait', hastyExecutions(record)),
  ];
}

function* missingResponses(record: RunRecord): Generator<string> {
  const { stuck, schedule, stackEvents, executions, parameters, cannotDeleteParameters, steps } = record;
  if (stuck) yield 'the run did not end';
  const isExcused = delayOf(schedule) > MAX_DELAY_SECONDS;
  for (const { logicalId, status, statusReason = '' } of stackEvents) {
    if (/did not receive a response/.test(statusReason) && !isExcused)
      yield `${logicalId} is ${status}: ${statusReason}`;
  }
  for (const { name, status } of executions) if (status === 'RUNNING') yield `execution ${name} did not end`;
  // With faults, the stack may delete the function, or its permissions, before the function deletes the response URL: when
  // the response arrived and the function does not know, or while it handles the end of an execution or a repeated request.
  const isFunctionDeleted =
    /^(ROLLBACK|DELETE)_COMPLETE$/.test(steps.at(-1)?.status ?? '') && !faultsOf(schedule).faultless;
  // A Delete that cannot find running executions cannot delete their response URLs, and continues.
  const cannotFind = schedule.callFaults.some(({ call }) => call.startsWith('ssm:') || call === 'sfn:ListExecutions');
  if (isExcused || cannotDeleteParameters || isFunctionDeleted || cannotFind) return;
  // A mark holds no secret. It stays if the function is deleted, or fails, before it has handled the end of the execution.
  const mayLeaveMarks = !faultsOf(schedule).faultless || /ROLLBACK|DELETE/.test(steps.at(-1)?.status ?? '');
  // Until its permission is effective, EventBridge drops the event of the end.
  const invocableFrom = (stackEvents[0]?.timestamp ?? 0) + MAX_PERMISSION_LAG;
  for (const parameter of parameters) {
    if (!parameter.name.includes('/response-urls/')) continue;
    const { stopDate = 0 } = executions.find(({ name }) => parameter.name.endsWith(`/${name}`)) ?? {};
    if (isMark(parameter) && (mayLeaveMarks || stopDate < invocableFrom)) continue;
    yield `parameter ${parameter.name} was left behind`;
  }
}

/** The events of a step and of a wait of a second, and those of all steps that need no wait. */
const EVENTS = { perSecond: 10, withoutWait: 500 };

/** A history holds 25,000 events, and each step costs money: an execution that waits for nothing repeats no step. */
function* hastyExecutions({ executions }: RunRecord): Generator<string> {
  for (const { name, history, startDate, stopDate = startDate } of executions) {
    const most = EVENTS.withoutWait + (EVENTS.perSecond * (stopDate - startDate)) / 1000;
    if (history.length > most) yield `execution ${name} has ${history.length} events, more than ${Math.round(most)}`;
  }
}

function* falseResponses(record: RunRecord): Generator<string> {
  const { responses, stackEvents, executions, schedule } = record;
  for (const { body } of responses) {
    const bytes = Buffer.byteLength(body);
    if (bytes > 4096) yield `a response has ${bytes} bytes`;
  }
  for (const [id, count] of countBy(executions.map(requestIdOf))) {
    if (count > 1) yield `request ${id} has ${count} executions`;
  }
  for (const { logicalId, resourceType, status, statusReason = '' } of stackEvents) {
    if (!resourceType.startsWith('Custom::') || /did not receive a response/.test(statusReason)) continue;
    if (status === 'DELETE_FAILED') yield `the deletion of ${logicalId} failed: ${statusReason}`;
    if (status.endsWith('_FAILED') && resourceType === GUARD_RESOURCE_TYPE && !/cancelled/i.test(statusReason)) {
      yield `guard ${logicalId} failed: ${statusReason}`;
    }
  }
  for (const response of firstResponses(record)) {
    const { request, body } = response;
    if (request.RequestType === 'Delete') {
      if (body.Status !== 'SUCCESS') yield `the response to a delete is ${body.Status}: ${body.Reason}`;
    } else if (request.ResourceType === RESOURCE_TYPE) {
      for (const what of falseClaims(response, record)) yield `${what}: ${JSON.stringify(body)}`;
    } else if (request.ResourceType === FLEET_RESOURCE_TYPE) {
      for (const what of falseCounts(response, record)) yield `${what}: ${JSON.stringify(body)}`;
    }
  }
  for (const statuses of deliveredStatuses(record).values()) {
    if (statuses.size > 1) yield `a request has responses that contradict each other: ${[...statuses].join(', ')}`;
  }
  if (schedule.abortsAt.length === 0 && executions.some(({ error }) => error === 'Aborted')) {
    yield 'an execution was aborted, but not by the schedule';
  }
}

/** The statuses of all delivered responses to each request. */
function deliveredStatuses(record: RunRecord): Map<string, Set<string>> {
  const statuses = new Map<string, Set<string>>();
  for (const { body, delivered } of record.responses) {
    if (!delivered) continue;
    const { RequestId, Status } = JSON.parse(body) as Body;
    if (isDeliveredAgain(RequestId, record)) continue;
    statuses.set(RequestId, (statuses.get(RequestId) ?? new Set()).add(Status));
  }
  return statuses;
}

/** Excuses a known gap of the library: a late duplicate may get another response, which CloudFormation ignores. */
function isDeliveredAgain(requestId: string, { invocations }: RunRecord): boolean {
  return invocations.filter(({ event }) => (event as Partial<CustomResourceEvent>).RequestId === requestId).length > 1;
}

/** The first response to each request that was delivered. CloudFormation ignores later ones. */
function firstResponses({ responses, invocations, executions }: RunRecord): ReceivedResponse[] {
  const requests = new Map(
    invocations.flatMap(({ event }) => {
      const request = event as CustomResourceEvent;
      return request.RequestType === undefined ? [] : [[request.RequestId, request] as const];
    }),
  );
  const seen = new Set<string>();
  return responses.flatMap(({ at, body: text, delivered, stackStatus }: SentResponse) => {
    const body = JSON.parse(text) as Body;
    const request = requests.get(body.RequestId);
    if (!delivered || !request || seen.has(body.RequestId)) return [];
    seen.add(body.RequestId);
    return [
      { at, body, request, stackStatus, execution: executions.find(({ arn }) => arn === body.Data.executionArn) },
    ];
  });
}

/** Checks that each cancelled deployment is pinned by a running execution that a stack started while it moved forward. */
function* wrongCancellations(record: RunRecord): Generator<string> {
  const { cancels, executions, changes } = record;
  for (const { at, deploymentId, resource } of cancels) {
    const startedAt = changes.find((change) => change.deploymentId === deploymentId)?.at ?? 0;
    // A cancellation that names no ID reaches a deployment that the read before did not show yet.
    const isUnseen = at - startedAt <= (record.schedule.consistency === 'eventual' ? EVENTUAL.reads.max : 0);
    if (isUnseen && cancelsWhatIsInFlight(record.schedule.kind)) continue;
    const reasons = executions
      // A function continues when the execution that invoked it is stopped.
      .filter(({ startDate, stopDate = at }) => startDate <= at && at <= stopDate + FUNCTION_TIMEOUT)
      .map((execution) => reasonAgainst(execution, resource, deploymentId, startedAt, record));
    if (reasons.includes(undefined)) continue;
    yield `${deploymentId} of ${resource}: ${reasons.join(', ') || 'no execution was running'}`;
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
  const input = JSON.parse(execution.input) as CancellationInput & { readonly fleet?: unknown };
  const { guard, LogicalResourceId: guardId = '' } = input.cloudFormation ?? {};
  const status = record.startedIn.get(execution.arn) ?? '';
  if (guard?.action === 'ARM' || input.observeOnly) return `${execution.name} only observes`;
  const statuses = guard ? CANCELLING_STATUSES : FORWARD_STATUSES;
  // Faults can delay the start, while the stack goes on. Then the status at the request counts.
  const isStartDelayed = record.schedule.callFaults.some(({ call }) => /^(ssm|sfn|cloudformation):/.test(call));
  const isRightRequest = isStartDelayed && statuses.includes(stackStatusAt(input.requestedAt, record));
  if (!statuses.includes(status) && !isRightRequest) return `${execution.name} was started in ${status}`;
  if (input.fleet !== undefined) {
    const found = execution.history.find(({ type }) => type === 'MapStateStarted')?.timestamp ?? 0;
    return startedAt <= found ? undefined : `${execution.name} listed the fleet before the deployment started`;
  }
  if (!deploysTo(input.deployment, resource)) return `${execution.name} cancels another resource`;
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

/** The lifecycles that end before a cancellation must have been requested. */
const MAY_CANCEL_NOTHING: readonly Lifecycle[] = [
  'deleted-while-waiting',
  'guard-armed',
  'guard-removed',
  'guard-moved',
  'guard-ignores-earlier',
  'stack-deleted',
];

/** Checks that without faults, what is meant was cancelled: a deployment that is in flight for long, or that of a guard. */
function* missingCancellations({ schedule, cancels }: RunRecord): Generator<string> {
  const { lifecycle, behaviors } = schedule;
  if (!faultsOf(schedule).faultless || cancels.length > 0 || MAY_CANCEL_NOTHING.includes(lifecycle)) return;
  if (isGuarded(lifecycle)) yield `the guard of ${lifecycle} has cancelled nothing`;
  else if (behaviors.some(isInFlightForLong)) yield 'the deployment in flight was not cancelled';
}

/** The behaviors of a deployment that its service does not accept to cancel. */
const NOT_ACCEPTED: readonly OnCancel[] = ['refused', 'conflict', 'overtaken'];

/** Without faults, the cancellation is requested by then, in seconds. */
const REQUESTED_BY = 120;

function isInFlightForLong({ first, onCancel, startsAt, withholdsIds }: FleetBehavior): boolean {
  const isReplacedLater = startsAt.every((seconds) => seconds > REQUESTED_BY);
  return first?.seconds === 3000 && !NOT_ACCEPTED.includes(onCancel) && isReplacedLater && !withholdsIds;
}

/** Checks that the stack can be deleted at the end, unless the faults keep CloudFormation from an answer. */
function* undeletableStacks({ deletion, schedule }: RunRecord): Generator<string> {
  if (!deletion || deletion.status === 'DELETE_COMPLETE' || delayOf(schedule) > MAX_DELAY_SECONDS) return;
  yield `${deletion.status}: ${deletion.statusReason ?? 'no reason'}`;
}

function* exposedSecrets({ schedule, signatures, readable, logs, responses }: RunRecord): Generator<string> {
  const log = logs.join('\n');
  const response = responses.map(({ body }) => body).join('\n');
  if (signatures.length === 0) yield 'there is no response URL to search for';
  for (const signature of new Set(signatures)) {
    if (readable.includes(signature)) yield `a response URL: ${excerpt(readable, signature)}`;
  }
  for (const spec of [SECRETS.spec, 'ServiceSpec']) {
    for (const text of [readable, response]) if (text.includes(spec)) yield `a spec: ${excerpt(text, spec)}`;
  }
  if (log.includes(SECRETS.message)) yield `a status message in a log: ${excerpt(log, SECRETS.message)}`;
  if (log.includes(SECRETS.error)) yield `the message of an error in a log: ${excerpt(log, SECRETS.error)}`;
  if (!schedule.includeStatusMessage) {
    for (const text of [readable, response]) {
      if (text.includes(SECRETS.message)) yield `a status message: ${excerpt(text, SECRETS.message)}`;
    }
  }
  // A message of the service that deploys is part of the reason. Messages of other services are not.
  for (const service of ['sfn', 'ssm', 'cloudformation'].filter((other) => other !== serviceOf(schedule.kind))) {
    const message = `${SECRETS.error} from ${service}`;
    for (const text of [readable, response]) if (text.includes(message)) yield `an error: ${excerpt(text, message)}`;
  }
}

function excerpt(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 150), at + 80);
}

function requestIdOf({ input }: Execution): string {
  return (JSON.parse(input) as CancellationInput).cloudFormation?.RequestId ?? input;
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
