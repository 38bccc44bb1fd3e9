import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import { STACK_TYPE } from '../../emulator/aws/cloudformation/engine';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { signedTimesOf } from '../../lambda/cloudformation/response-url';
import { type CancellationInput, GUARD_RESOURCE_TYPE, RESOURCE_TYPE } from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import { OnRollbackFailed } from '../../lib/contract/outcome';
import { serviceOf } from '../../lib/deployments/kinds';
import { isMark } from '../emulator/recorder';
import { isCancellable, optionalRequests, optionsAt, requestsWithoutOption } from './allowed-requests';
import { delayOf } from './delay';
import { resultOf } from './executions';
import {
  type Body,
  type Claim,
  claimOf,
  falseClaims,
  falseCounts,
  faultsOf,
  type ReceivedResponse,
} from './false-claims';
import { wrongOutcomeEvents } from './outcome-events';
import type { RunRecord, SentResponse } from './perform';
import { wrongCredentials } from './role-credentials';
import { type FleetBehavior, type OnCancel, type Schedule, SECRETS } from './schedule';
import { isGuarded, isStarted, type Lifecycle, STACK_NAME } from './stack-lifecycles';
import { isMember, isStackFleet, pathOf, targetsOf } from './targets';
import { wrongCancellations } from './wrong-cancellations';

/** The invariants of a run. The simulated service is the source of truth. */

export const VIOLATION_KINDS = [
  'missing response',
  'false response',
  'wrong deployment cancelled',
  'exposed secret',
  'nothing cancelled',
  'stack not deletable',
  'steps without a wait',
  'request without its option',
  'wrong credentials',
  'wrong outcome event',
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
    ...of('nothing cancelled', missingOptionalRequests(record)),
    ...of('stack not deletable', undeletableStacks(record)),
    ...of('steps without a wait', hastyExecutions(record)),
    ...of('request without its option', requestsWithoutOption(record)),
    ...of('wrong credentials', wrongCredentials(record)),
    ...of('wrong outcome event', wrongOutcomeEvents(record, firstResponses(record))),
  ];
}

function* missingResponses(record: RunRecord): Generator<string> {
  const { stuck, schedule, stackEvents, executions, parameters, cannotDeleteParameters, steps } = record;
  if (stuck) yield 'the run did not end';
  // Until its permission is effective, EventBridge drops the event of the end.
  const invocableFrom = (stackEvents[0]?.timestamp ?? 0) + MAX_PERMISSION_LAG;
  const isEndDropped = executions.some(
    ({ error, stopDate = Number.POSITIVE_INFINITY }) => error === 'Aborted' && stopDate < invocableFrom,
  );
  const isExcused = isEndDropped || delayOf(schedule) > MAX_DELAY_SECONDS;
  for (const { logicalId, status, statusReason = '' } of stackEvents) {
    if (/did not receive a response/.test(statusReason) && !isExcused)
      yield `${logicalId} is ${status}: ${statusReason}`;
  }
  for (const { name, status } of executions) if (status === 'RUNNING') yield `execution ${name} did not end`;
  // With faults, the stack may delete the function, or its permissions, before the function deletes a parameter: when the
  // response arrived and the function does not know, or while it handles the end of an execution or a repeated request.
  const isFunctionDeleted = record.functionDeletedAt !== undefined && !faultsOf(schedule).faultless;
  // A Delete that cannot find running executions cannot delete their response URLs, and continues.
  const cannotFind = schedule.callFaults.some(({ call }) => call.startsWith('ssm:') || call === 'sfn:ListExecutions');
  if (isExcused || cannotDeleteParameters || isFunctionDeleted || cannotFind) return;
  // A mark holds no secret. It stays if the function is deleted, or fails, before it has handled the end of the execution.
  const mayLeaveMarks = !faultsOf(schedule).faultless || /ROLLBACK|DELETE/.test(steps.at(-1)?.status ?? '');
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
  for (const [id, count] of countBy(executions.flatMap(requestIdsOf))) {
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
      for (const what of falseClaims(claimOf(response), record)) yield `${what}: ${JSON.stringify(body)}`;
    } else if (request.ResourceType === FLEET_RESOURCE_TYPE) {
      for (const what of falseCounts(response, record)) yield `${what}: ${JSON.stringify(body)}`;
    }
  }
  for (const claim of results(record)) {
    for (const what of falseClaims(claim, record)) yield `${what}: ${JSON.stringify(claim.data)}`;
  }
  for (const statuses of deliveredStatuses(record).values()) {
    if (statuses.size > 1) yield `a request has responses that contradict each other: ${[...statuses].join(', ')}`;
  }
  if (schedule.abortsAt.length === 0 && executions.some(({ error }) => error === 'Aborted')) {
    yield 'an execution was aborted, but not by the schedule';
  }
}

/** The results of the executions that CloudFormation did not request. */
function results({ executions }: RunRecord): Claim[] {
  return executions.flatMap((execution) => {
    const { deployment, cloudFormation } = JSON.parse(execution.input) as Partial<CancellationInput>;
    const result = resultOf(execution);
    if (!deployment || cloudFormation || !result) return [];
    const { failed, reason, outcome, attributes } = result;
    return [
      {
        at: execution.stopDate ?? 0,
        execution,
        deployment,
        failed,
        reason,
        data: { ...attributes, outcome },
        isRolledBack: false,
      },
    ];
  });
}

/** The statuses of all delivered responses to each request. */
function deliveredStatuses(record: RunRecord): Map<string, Set<string>> {
  const statuses = new Map<string, Set<string>>();
  for (const response of record.responses) {
    if (!response.delivered) continue;
    const { RequestId, Status } = JSON.parse(response.body) as Body;
    if (isDeliveredAgain(RequestId, record) || isOfUnknownStart(response, record)) continue;
    statuses.set(RequestId, (statuses.get(RequestId) ?? new Set()).add(Status));
  }
  return statuses;
}

/**
 * Excuses a known gap of the library: if each reply to the start of the execution was lost, and nothing can be read because
 * the stack has deleted the function and its role, it is not known that the execution has responded. CloudFormation ignores
 * the response.
 */
function isOfUnknownStart({ at, body }: SentResponse, { functionDeletedAt = Number.POSITIVE_INFINITY }: RunRecord) {
  const { Reason } = JSON.parse(body) as Body;
  return at >= functionDeletedAt && Reason.startsWith('it is not known whether the workflow that cancels was started');
}

/** Excuses a known gap of the library: a late duplicate may get another response, which CloudFormation ignores. */
function isDeliveredAgain(requestId: string, { invocations }: RunRecord): boolean {
  return invocations.filter(({ event }) => (event as Partial<CustomResourceEvent>).RequestId === requestId).length > 1;
}

/** The first response to each request that was delivered. CloudFormation ignores later ones. */
function firstResponses(record: RunRecord): ReceivedResponse[] {
  const { responses, invocations, executions } = record;
  const requests = new Map(
    invocations.flatMap(({ event }) => {
      const request = event as CustomResourceEvent;
      return request.RequestType === undefined ? [] : [[request.RequestId, request] as const];
    }),
  );
  const seen = new Set<string>();
  return responses.flatMap((response) => {
    const { at, body: text, delivered } = response;
    const body = JSON.parse(text) as Body;
    const request = requests.get(body.RequestId);
    if (!delivered || !request || seen.has(body.RequestId)) return [];
    seen.add(body.RequestId);
    const execution = executions.find(({ arn }) => arn === body.Data.executionArn);
    return [{ at, body, request, execution, isRolledBack: isRolledBack(request, response, record) }];
  });
}

/** Whether the stack was rolling back when a response was sent, or had rolled back since its request: events may be late. */
function isRolledBack({ ResponseURL }: CustomResourceEvent, sent: SentResponse, { stackEvents }: RunRecord): boolean {
  const { requestedAt = sent.at } = signedTimesOf(ResponseURL) ?? {};
  return (
    sent.stackStatus === ROLLING_BACK ||
    stackEvents.some(({ resourceType, logicalId, status, timestamp }) => {
      const isOfStack = resourceType === STACK_TYPE && logicalId === STACK_NAME;
      return isOfStack && status === ROLLING_BACK && requestedAt <= timestamp && timestamp <= sent.at;
    })
  );
}

const ROLLING_BACK = 'UPDATE_ROLLBACK_IN_PROGRESS';

/** The lifecycles that end before a cancellation must have been requested. */
const MAY_CANCEL_NOTHING: readonly Lifecycle[] = [
  'deleted-while-waiting',
  'guard-armed',
  'guard-removed',
  'guard-moved',
  'guard-ignores-earlier',
  'stack-deleted',
  'guard-status-unreadable',
  'nested-stack-deleted',
  'nested-guard-removed',
];

/** Checks that without faults, what is meant was cancelled: every deployment in flight for long, or that of a guard. */
function* missingCancellations(record: RunRecord): Generator<string> {
  const { schedule, cancels } = record;
  const { lifecycle, behaviors } = schedule;
  if (!faultsOf(schedule).faultless || MAY_CANCEL_NOTHING.includes(lifecycle)) return;
  const meant = targetsOf(schedule).flatMap((target, index) => {
    const behavior = behaviors[index];
    const path = pathOf(target);
    const isMeant = isGuarded(lifecycle)
      ? isAccepted(behavior)
      : behavior !== undefined &&
        isMember(behavior) &&
        isInFlightForLong(behavior, schedule) &&
        isCancellable(behavior, optionsAt(schedule, path));
    return isMeant ? [path] : [];
  });
  for (const [path, count] of countBy(meant)) {
    const cancelled = new Set(
      [...cancels, ...optionalRequests(record)].flatMap(({ resource, deploymentId }) =>
        resource === path ? [deploymentId] : [],
      ),
    );
    if (cancelled.size < count) yield `${cancelled.size} of ${count} deployments of ${path} were cancelled`;
  }
}

/**
 * Checks that without faults, what an option means was done: a rollback that failed is continued, and an execution that
 * does not stop is abandoned. The deployment that fails or does not stop was cancelled in time for both.
 */
function* missingOptionalRequests(record: RunRecord): Generator<string> {
  const { schedule } = record;
  const { lifecycle, behaviors, timeoutSeconds } = schedule;
  const [behavior] = behaviors;
  if (!faultsOf(schedule).faultless || lifecycle !== 'created' || timeoutSeconds < REQUESTED_BY) return;
  if (!behavior || !isInFlightForLong(behavior, schedule) || behavior.first?.creates) return;
  const [path = ''] = targetsOf(schedule).map(pathOf);
  const { onRollbackFailed, abandonAfterSeconds } = schedule.options;
  const continues =
    onRollbackFailed === OnRollbackFailed.CONTINUE && behavior.onCancel === 'fails' && !behavior.hasNoRole;
  const abandons = abandonAfterSeconds !== undefined && behavior.onCancel === 'stuck';
  const isDone = optionalRequests(record).some(({ resource }) => resource === path);
  if ((continues || abandons) && !isDone) yield `${path} was not ${continues ? 'continued' : 'abandoned'}`;
}

/** The behaviors of a deployment that its service does not accept to cancel. */
const NOT_ACCEPTED: readonly OnCancel[] = ['refused', 'conflict', 'overtaken'];

/** Without faults, the cancellation is requested by then, in seconds. */
const REQUESTED_BY = 120;

function isInFlightForLong(behavior: FleetBehavior, schedule: Schedule): boolean {
  const { first, startsAt, withholdsIds } = behavior;
  // The start time of an update of a stack pins it as well.
  const isPinned = !withholdsIds || isStackFleet(schedule);
  const isReplacedLater = startsAt.every((seconds) => seconds > REQUESTED_BY);
  return first?.seconds === 3000 && isAccepted(behavior) && isReplacedLater && isPinned;
}

/** Whether the service accepts to cancel the deployment; by default, it does. */
function isAccepted(behavior: FleetBehavior | undefined): boolean {
  return behavior === undefined || !NOT_ACCEPTED.includes(behavior.onCancel);
}

/** Checks that the stack can be deleted at the end, unless the faults keep CloudFormation from an answer. */
function* undeletableStacks({ deletion, schedule }: RunRecord): Generator<string> {
  if (!deletion || deletion.status === 'DELETE_COMPLETE' || delayOf(schedule) > MAX_DELAY_SECONDS) return;
  yield `${deletion.status}: ${deletion.statusReason ?? 'no reason'}`;
}

function* exposedSecrets({ schedule, signatures, readable, logs, responses }: RunRecord): Generator<string> {
  const log = logs.join('\n');
  const response = responses.map(({ body }) => body).join('\n');
  if (signatures.length === 0 && !isStarted(schedule.lifecycle)) yield 'there is no response URL to search for';
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
  // A message of a service that deploys is part of the reason. Messages of other services are not.
  const deploying = targetsOf(schedule).map(({ kind }): string => serviceOf(kind));
  for (const service of ['sfn', 'ssm', 'cloudformation'].filter((other) => !deploying.includes(other))) {
    const message = `${SECRETS.error} from ${service}`;
    for (const text of [readable, response]) if (text.includes(message)) yield `an error: ${excerpt(text, message)}`;
  }
}

function excerpt(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 150), at + 80);
}

function requestIdsOf({ input }: Execution): string[] {
  const { cloudFormation } = JSON.parse(input) as Partial<CancellationInput>;
  return cloudFormation ? [cloudFormation.RequestId] : [];
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
