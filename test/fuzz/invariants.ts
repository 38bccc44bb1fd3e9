import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import { STACK_TYPE } from '../../emulator/aws/cloudformation/engine';
import type { Execution } from '../../emulator/aws/step-functions/execution';
import { EVENTUAL } from '../../emulator/core/consistency';
import type { Change } from '../../emulator/services/proton/simulated-service';
import { CLOCK_TOLERANCE } from '../../lambda/deployment/engine/skip';
import {
  type CancellationInput,
  type Deployment,
  GUARD_RESOURCE_TYPE,
  type Outcome,
  RESOURCE_TYPE,
} from '../../lib/contract/cancellation';
import { FLEET_RESOURCE_TYPE } from '../../lib/contract/fleet';
import { isMark } from '../emulator/recorder';
import type { RunRecord, SentResponse } from './perform';
import { delayOf, type FleetBehavior, SECRETS } from './schedule';
import { isGuarded, type Lifecycle, STACK_NAME } from './stack-lifecycles';

/** The invariants of a run. The simulated service is the source of truth. */

export const VIOLATION_KINDS = [
  'missing response',
  'false response',
  'wrong deployment cancelled',
  'exposed secret',
  'nothing cancelled',
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
  ];
}

function* missingResponses({
  stuck,
  schedule,
  stackEvents,
  executions,
  parameters,
  cannotDeleteParameters,
  steps,
}: RunRecord): Generator<string> {
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

interface Body {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly RequestId: string;
  readonly Data: Readonly<Record<string, string>>;
}

/** A response, and its request. */
interface ReceivedResponse {
  readonly at: number;
  readonly body: Body;
  readonly stackStatus: string | undefined;
  readonly request: CustomResourceEvent;
  readonly execution?: Execution;
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
  if (schedule.abortsAt.length === 0 && executions.some(({ error }) => error === 'Aborted')) {
    yield 'an execution was aborted, but not by the schedule';
  }
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

const FAILURES: readonly string[] = [
  'TIMED_OUT',
  'UNAVAILABLE',
  'ACCESS_DENIED',
  'REFUSED',
  'ERROR',
] satisfies Outcome[];

/** Checks the outcome of a cancellation. */
function* falseClaims(
  { at, body, request, execution, stackStatus }: ReceivedResponse,
  record: RunRecord,
): Generator<string> {
  const { schedule, cancels } = record;
  const { outcome = '', deploymentStatus = '', deploymentId = '' } = body.Data;
  const { faultless, proton } = faultsOf(schedule);
  const target = pathOf(request.ResourceProperties.deployment as Deployment);
  const changes = record.changes.filter(({ resource, at: when }) => resource === target && when <= at);
  const pinned = changes.filter((change) => change.deploymentId === deploymentId);
  const status = pinned.at(-1)?.status ?? '';
  const isDeleted = changes.some(({ kind }) => kind === 'vanished');

  if (deploymentId !== '' && pinned.length === 0) yield `deployment ${deploymentId} does not exist`;
  const failed = body.Status === 'FAILED';
  if (outcome === '') {
    if (!failed) yield 'SUCCESS without an outcome';
    if (faultless) yield 'there is no outcome, although there were no faults';
    return;
  }
  const fails =
    FAILURES.includes(outcome) ||
    schedule.failOn.some((named) => named === outcome) ||
    (outcome === 'NOT_FOUND' && schedule.onNotFound === 'fail');
  if (fails !== failed) yield `${outcome} is ${body.Status}`;
  if (failed && body.Reason.trim() === '') yield 'FAILED without a reason';

  const claim = (what: string, holds: boolean) => (holds ? [] : [`${outcome}, but ${what}`]);
  const isStatus = (expected: string) =>
    deploymentId === ''
      ? claim(
          `no deployment is ${expected}`,
          changes.some((change) => change.status === expected),
        )
      : claim(`the deployment is ${status}`, status === expected && deploymentStatus === expected);
  switch (outcome) {
    case 'CANCELLED':
      yield* isStatus('CANCELLED');
      return;
    case 'COMPLETED_FIRST':
      yield* isStatus('SUCCEEDED');
      return;
    case 'CANCEL_FAILED':
      yield* isStatus('FAILED');
      yield* claim('no cancellation was requested', cancels.length > 0 || proton.length > 0);
      return;
    case 'NOTHING_TO_CANCEL':
      // A deleted resource has no status that could say so.
      if (deploymentId !== '' && !(isDeleted && deploymentStatus === 'DELETE_COMPLETE'))
        yield* isStatus(deploymentStatus);
      yield* claim('the deployment has not ended', isDeleted || TERMINAL.test(deploymentStatus));
      return;
    case 'SUPERSEDED': {
      const newer = changes.some(({ deploymentId: id, kind, at: when }) => {
        return kind === 'started' && id !== deploymentId && when >= (pinned[0]?.at ?? 0);
      });
      yield* claim('there is no newer deployment', newer || isDeleted || /^DELETE/.test(deploymentStatus));
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
        Math.abs(schedule.skewSeconds) > 300 || proton.some((fault) => fault !== 'throttled' && fault !== 'denied'),
      );
      return;
    case 'ACCESS_DENIED':
      yield* claim('no call was denied', proton.includes('denied'));
      return;
    case 'REFUSED':
      yield* claim(
        'no cancellation was refused',
        schedule.behaviors.some(({ onCancel }) => onCancel === 'refused' || onCancel === 'conflict'),
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
      yield* claim(`the stack was ${stackStatus}`, stackStatus === 'UPDATE_ROLLBACK_IN_PROGRESS');
      return;
    default:
      yield `${outcome} is not an outcome of a cancellation`;
  }
}

const TERMINAL = /^(SUCCEEDED|FAILED|CANCELLED|DELETE_COMPLETE|DELETE_FAILED)$/;

/** Checks the counts of a fleet. */
function* falseCounts({ at, body }: ReceivedResponse, { changes, schedule }: RunRecord): Generator<string> {
  const { total, cancelled, completedFirst, failed, superseded, untouched } = body.Data;
  if (!total) {
    if (body.Status !== 'FAILED') yield 'SUCCESS without counts';
    return;
  }
  const sum = [cancelled, completedFirst, failed, superseded, untouched].reduce((all, n) => all + Number(n), 0);
  if (sum !== Number(total)) yield 'the counts do not add up';
  if (Number(total) > schedule.behaviors.length) yield `there are only ${schedule.behaviors.length} deployments`;
  const last = new Map<string, Change>();
  for (const change of changes) if (change.at <= at) last.set(change.deploymentId, change);
  const ended = (status: string) => [...last.values()].filter((change) => change.status === status).length;
  if (Number(cancelled) > ended('CANCELLED')) yield `only ${ended('CANCELLED')} are cancelled`;
  if (Number(completedFirst) > ended('SUCCEEDED')) yield `only ${ended('SUCCEEDED')} have succeeded`;
}

/** Checks that each cancelled deployment is pinned by a running execution that a stack started while it moved forward. */
function* wrongCancellations(record: RunRecord): Generator<string> {
  const { cancels, executions, changes } = record;
  for (const { at, deploymentId, resource } of cancels) {
    const startedAt = changes.find((change) => change.deploymentId === deploymentId)?.at ?? 0;
    // A cancellation of Proton names no ID, so it reaches a deployment that the read before did not show yet.
    if (at - startedAt <= (record.schedule.consistency === 'eventual' ? EVENTUAL.reads.max : 0)) continue;
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
  if (pathOf(input.deployment) !== resource) return `${execution.name} cancels another resource`;
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

function isInFlightForLong({ first, onCancel, startsAt, withholdsIds }: FleetBehavior): boolean {
  return first?.seconds === 3000 && onCancel === 'cancelled' && startsAt.length === 0 && !withholdsIds;
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
  // A rejection by Proton is part of the reason. Messages of other services are not.
  for (const service of ['sfn', 'ssm', 'cloudformation']) {
    const message = `${SECRETS.error} from ${service}`;
    for (const text of [readable, response]) if (text.includes(message)) yield `an error: ${excerpt(text, message)}`;
  }
}

function excerpt(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 150), at + 80);
}

function faultsOf({ callFaults, functionFaults, responseFaults, abortsAt, skewSeconds }: RunRecord['schedule']) {
  return {
    faultless:
      [callFaults, functionFaults, responseFaults, abortsAt].every(({ length }) => length === 0) && skewSeconds === 0,
    proton: callFaults.filter(({ call }) => call.startsWith('proton:')).map(({ fault }) => fault),
  };
}

function pathOf({ identifiers: names }: Deployment): string {
  return `service/${names.serviceName}/service-instance/${names.serviceInstanceName}`;
}

function requestIdOf({ input }: Execution): string {
  return (JSON.parse(input) as CancellationInput).cloudFormation?.RequestId ?? input;
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
