import type { CustomResourceEvent } from '../../emulator/aws/cloudformation/custom-resource';
import type { Execution } from '../../emulator/aws/step-functions/execution';
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
import type { PutAnswer, Traces } from './perform';
import { delayOf, SECRETS } from './schedule';

/** The promise, held against all that a run has left behind. What the world knows is what is true. */

export const BREACHES = ['unanswered', 'wrong', 'wrong deployment cancelled', 'secrets seen'] as const;
export interface Violation {
  readonly kind: (typeof BREACHES)[number];
  readonly what: string;
}

/** Of the quarter of an hour that CloudFormation waits longer than the timeout, what faults may use up. */
const ANSWER_BUDGET_SECONDS = 780;

export function checkInvariants(traces: Traces): Violation[] {
  const told = (kind: Violation['kind'], found: Iterable<string>) => [...found].map((what) => ({ kind, what }));
  return [
    ...told('unanswered', unanswered(traces)),
    ...told('wrong', wrong(traces)),
    ...told('wrong deployment cancelled', wronglyCancelled(traces)),
    ...told('secrets seen', secretsSeen(traces)),
  ];
}

function* unanswered({
  stuck,
  schedule,
  stackEvents,
  executions,
  parameters,
  mayNotForget,
  steps,
}: Traces): Generator<string> {
  if (stuck) yield 'the run never came to its end';
  const bounded = delayOf(schedule) > ANSWER_BUDGET_SECONDS;
  for (const { logicalId, status, statusReason = '' } of stackEvents) {
    if (/did not receive a response/.test(statusReason) && !bounded) yield `${logicalId} is ${status}: ${statusReason}`;
  }
  for (const { name, status } of executions) if (status === 'RUNNING') yield `execution ${name} never ended`;
  // As soon as an answer is there, the stack may go on and take the permission to forget where that was put, or the very
  // function that would, if that does not know that it is there.
  const unaware =
    steps.at(-1)?.status === 'DELETE_COMPLETE' && schedule.answerFaults.some(({ fault }) => fault === 'lost');
  // A Delete that cannot find what still runs cannot forget its place, and goes on all the same.
  const blind = schedule.callFaults.some(({ call }) => call.startsWith('ssm:') || call === 'sfn:ListExecutions');
  if (bounded || mayNotForget || unaware || blind) return;
  for (const { name } of parameters) {
    if (name.includes('/response-urls/')) yield `parameter ${name} was left behind`;
  }
}

interface Body {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason: string;
  readonly RequestId: string;
  readonly Data: Readonly<Record<string, string>>;
}

/** Whom the answer was for, as asked. */
interface Answered {
  readonly at: number;
  readonly body: Body;
  readonly stackStatus: string | undefined;
  readonly request: CustomResourceEvent;
  readonly execution?: Execution;
}

function* wrong(traces: Traces): Generator<string> {
  const { answers, stackEvents, executions, schedule } = traces;
  for (const { body } of answers) {
    const bytes = Buffer.byteLength(body);
    if (bytes > 4096) yield `an answer has ${bytes} bytes`;
  }
  for (const [id, count] of countBy(executions.map(requestIdOf))) {
    if (count > 1) yield `request ${id} was given ${count} executions`;
  }
  for (const { logicalId, resourceType, status, statusReason = '' } of stackEvents) {
    if (!resourceType.startsWith('Custom::') || /did not receive a response/.test(statusReason)) continue;
    if (status === 'DELETE_FAILED') yield `the deletion of ${logicalId} failed: ${statusReason}`;
    if (status.endsWith('_FAILED') && resourceType === GUARD_RESOURCE_TYPE && !/cancelled/i.test(statusReason)) {
      yield `guard ${logicalId} failed: ${statusReason}`;
    }
  }
  for (const answered of firstAnswers(traces)) {
    const { request, body } = answered;
    if (request.RequestType === 'Delete') {
      if (body.Status !== 'SUCCESS') yield `a delete was answered with ${body.Status}: ${body.Reason}`;
    } else if (request.ResourceType === RESOURCE_TYPE) {
      for (const what of untrue(answered, traces)) yield `${what}: ${JSON.stringify(body)}`;
    } else if (request.ResourceType === FLEET_RESOURCE_TYPE) {
      for (const what of miscounted(answered, traces)) yield `${what}: ${JSON.stringify(body)}`;
    }
  }
  if (schedule.abortsAt.length === 0 && executions.some(({ error }) => error === 'Aborted')) {
    yield 'an execution was aborted by nobody';
  }
}

/** The first answer to each request that got there, which is the one that counts. */
function firstAnswers({ answers, invocations, executions }: Traces): Answered[] {
  const requests = new Map(
    invocations.flatMap(({ event }) => {
      const request = event as CustomResourceEvent;
      return request.RequestType === undefined ? [] : [[request.RequestId, request] as const];
    }),
  );
  const seen = new Set<string>();
  return answers.flatMap(({ at, body: text, arrived, stackStatus }: PutAnswer) => {
    const body = JSON.parse(text) as Body;
    const request = requests.get(body.RequestId);
    if (!arrived || !request || seen.has(body.RequestId)) return [];
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

/** How each outcome of a cancellation can be false. */
function* untrue({ at, body, request, execution, stackStatus }: Answered, traces: Traces): Generator<string> {
  const { schedule, cancels } = traces;
  const { outcome = '', deploymentStatus = '', deploymentId = '' } = body.Data;
  const { faultless, proton } = faultsOf(schedule);
  const target = pathOf(request.ResourceProperties.deployment as Deployment);
  const course = traces.changes.filter(({ resource, at: when }) => resource === target && when <= at);
  const pinned = course.filter((change) => change.deploymentId === deploymentId);
  const status = pinned.at(-1)?.status ?? '';
  const isGone = course.some(({ kind }) => kind === 'vanished');

  if (deploymentId !== '' && pinned.length === 0) yield `there is no deployment ${deploymentId}`;
  const failed = body.Status === 'FAILED';
  if (outcome === '') {
    if (!failed) yield 'SUCCESS without an outcome';
    if (faultless) yield 'nothing went wrong, and there is no outcome';
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
          course.some((change) => change.status === expected),
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
      yield* claim('it was never asked to be cancelled', cancels.length > 0 || proton.length > 0);
      return;
    case 'NOTHING_TO_CANCEL':
      if (deploymentId !== '') yield* isStatus(deploymentStatus);
      yield* claim('the deployment is not over', isGone || OVER.test(deploymentStatus));
      return;
    case 'SUPERSEDED': {
      const newer = course.some(({ deploymentId: id, kind, at: when }) => {
        return kind === 'started' && id !== deploymentId && when >= (pinned[0]?.at ?? 0);
      });
      yield* claim('there is no newer deployment', newer || isGone || /^DELETE/.test(deploymentStatus));
      yield* claim(
        `the deployment was never ${deploymentStatus}`,
        isGone || deploymentStatus === 'UNKNOWN' || pinned.some((change) => change.status === deploymentStatus),
      );
      return;
    }
    case 'NOT_FOUND':
      yield* claim('it is there', isGone || course.length === 0);
      return;
    case 'TIMED_OUT': {
      const passed = (at - (execution?.startDate ?? at)) / 1000;
      yield* claim(`${passed} s have passed`, passed >= schedule.timeoutSeconds);
      yield* claim('it says so without the last status', deploymentStatus !== '');
      return;
    }
    case 'UNAVAILABLE':
      // A service whose clock is too far from ours refuses what we sign.
      yield* claim(
        'the service has answered',
        Math.abs(schedule.skewSeconds) > 300 || proton.some((fault) => fault !== 'throttled' && fault !== 'denied'),
      );
      return;
    case 'ACCESS_DENIED':
      yield* claim('nothing was denied', proton.includes('denied'));
      return;
    case 'REFUSED':
      yield* claim(
        'nothing was refused',
        schedule.behaviors.some(({ onCancel }) => onCancel === 'refused' || onCancel === 'conflict'),
      );
      return;
    case 'ERROR':
      yield* claim('no function failed', schedule.functionFaults.length > 0);
      return;
    case 'SKIPPED': {
      // By the clock of the service, which is what the start time is from.
      const started = course.findLast(({ kind, deploymentId: id }) => {
        return kind === 'started' && (deploymentId === '' || id === deploymentId);
      });
      const asked = execution?.startDate ?? at;
      const isLate = started !== undefined && started.at + schedule.skewSeconds * 1000 > asked + CLOCK_TOLERANCE;
      yield* claim('the deployment had started before the request', isLate);
      return;
    }
    case 'NOT_ATTEMPTED':
      yield* claim(`the stack was ${stackStatus}`, stackStatus === 'UPDATE_ROLLBACK_IN_PROGRESS');
      return;
    default:
      yield `the outcome ${outcome} is none of a cancellation`;
  }
}

const OVER = /^(SUCCEEDED|FAILED|CANCELLED|DELETE_COMPLETE|DELETE_FAILED)$/;

/** Counts of a fleet that are more than there are, or do not add up. */
function* miscounted({ at, body }: Answered, { changes, schedule }: Traces): Generator<string> {
  const { total, cancelled, completedFirst, failed, superseded, untouched } = body.Data;
  if (!total) {
    if (body.Status !== 'FAILED') yield 'SUCCESS without counts';
    return;
  }
  const sum = [cancelled, completedFirst, failed, superseded, untouched].reduce((all, n) => all + Number(n), 0);
  if (sum !== Number(total)) yield 'the counts do not add up';
  if (Number(total) > schedule.behaviors.length) yield `there are ${schedule.behaviors.length}`;
  const last = new Map<string, Change>();
  for (const change of changes) if (change.at <= at) last.set(change.deploymentId, change);
  const ended = (status: string) => [...last.values()].filter((change) => change.status === status).length;
  if (Number(cancelled) > ended('CANCELLED')) yield `only ${ended('CANCELLED')} are cancelled`;
  if (Number(completedFirst) > ended('SUCCEEDED')) yield `only ${ended('SUCCEEDED')} have succeeded`;
}

/** A deployment may be cancelled by an execution alone that runs, was asked for by a stack going forward, and has it pinned. */
function* wronglyCancelled(traces: Traces): Generator<string> {
  const { cancels, executions, changes } = traces;
  for (const { at, deploymentId, resource } of cancels) {
    const startedAt = changes.find((change) => change.deploymentId === deploymentId)?.at ?? 0;
    // Proton takes a cancellation by name: what starts between the look and the cancellation is what is hit.
    if (startedAt === at) continue;
    const objections = executions
      // A function that an execution has invoked goes on when that is stopped.
      .filter(({ startDate, stopDate = at }) => startDate <= at && at <= stopDate + FUNCTION_TIMEOUT)
      .map((execution) => objection(execution, resource, deploymentId, startedAt, traces));
    if (objections.includes(undefined)) continue;
    yield `${deploymentId} of ${resource}: ${objections.join(', ') || 'no execution ran'}`;
  }
}

/** In milliseconds. */
const FUNCTION_TIMEOUT = 5 * 60_000;

/** Why an execution may not have cancelled a deployment; undefined if it may. */
function objection(
  execution: Execution,
  resource: string,
  deploymentId: string,
  startedAt: number,
  traces: Traces,
): string | undefined {
  const input = JSON.parse(execution.input) as CancellationInput & { readonly fleet?: unknown };
  const { guard, LogicalResourceId: asker = '' } = input.cloudFormation ?? {};
  const status = traces.startedIn.get(execution.arn) ?? '';
  if (guard?.action === 'ARM' || input.observeOnly) return `${execution.name} only looks`;
  if (!(guard ? GUARD_FIRES : FORWARD).includes(status)) return `${execution.name} was started in ${status}`;
  if (input.fleet !== undefined) {
    const found = execution.history.find(({ type }) => type === 'MapStateStarted')?.timestamp ?? 0;
    return startedAt <= found ? undefined : `${execution.name} had begun before it was started`;
  }
  if (pathOf(input.deployment) !== resource) return `${execution.name} is about another resource`;
  const pinned = pinOf(execution);
  // A service that gives no ids has nothing that could be pinned.
  const nameless = traces.schedule.behaviors.some(({ withholdsIds }) => withholdsIds);
  if (pinned !== deploymentId && !(pinned === undefined && nameless)) return `${execution.name} has pinned ${pinned}`;
  if (!guard || traces.schedule.life === 'guard-cancels-earlier') return undefined;
  const armed = traces.executions.filter(({ input: text, startDate }) => {
    const { cloudFormation } = JSON.parse(text) as CancellationInput;
    const { LogicalResourceId, guard: other } = cloudFormation ?? {};
    return LogicalResourceId === asker && other?.action === 'ARM' && startDate <= execution.startDate;
  });
  const watchedFrom = armed.at(-1)?.startDate ?? Number.POSITIVE_INFINITY;
  return startedAt >= watchedFrom ? undefined : `${execution.name} of a guard that was armed later`;
}

const FORWARD: readonly string[] = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS'];
const GUARD_FIRES: readonly string[] = [
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
];

/** The deployment that the state machine has in its keeping, from the first time that it does. */
function pinOf({ history }: Execution): string | undefined {
  for (const { type, details } of history) {
    if (type !== 'TaskStateExited') continue;
    const { progress } = JSON.parse(String(details?.output)) as { progress?: { pinnedDeploymentId?: string } };
    if (progress?.pinnedDeploymentId !== undefined) return progress.pinnedDeploymentId;
  }
  return undefined;
}

function* secretsSeen({ schedule, signatures, readable, logs, answers }: Traces): Generator<string> {
  const log = logs.join('\n');
  const answered = answers.map(({ body }) => body).join('\n');
  if (signatures.length === 0) yield 'there is no place to answer to, so nothing can be said of it';
  for (const signature of new Set(signatures)) {
    if (readable.includes(signature)) yield `where to answer to: ${around(readable, signature)}`;
  }
  for (const spec of [SECRETS.spec, 'ServiceSpec']) {
    for (const text of [readable, answered]) if (text.includes(spec)) yield `a spec: ${around(text, spec)}`;
  }
  if (log.includes(SECRETS.message)) yield `a status message in a log: ${around(log, SECRETS.message)}`;
  if (log.includes(SECRETS.error)) yield `the message of an error in a log: ${around(log, SECRETS.error)}`;
  if (!schedule.includeStatusMessage) {
    for (const text of [readable, answered]) {
      if (text.includes(SECRETS.message)) yield `a status message: ${around(text, SECRETS.message)}`;
    }
  }
  // What Proton says of a refusal is a reason for people to read; what other services say is not.
  for (const service of ['sfn', 'ssm', 'cloudformation']) {
    const message = `${SECRETS.error} from ${service}`;
    for (const text of [readable, answered]) if (text.includes(message)) yield `an error: ${around(text, message)}`;
  }
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 150), at + 80);
}

function faultsOf({ callFaults, functionFaults, answerFaults, abortsAt, skewSeconds }: Traces['schedule']) {
  return {
    faultless:
      [callFaults, functionFaults, answerFaults, abortsAt].every(({ length }) => length === 0) && skewSeconds === 0,
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
