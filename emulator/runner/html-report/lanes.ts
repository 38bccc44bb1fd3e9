import type { StateReport } from '../../simulation/report-execution';
import type { Report, RunEvent } from '../../simulation/run';
import { answerStyle, wentWell } from '../report';
import { type StatusStyle, styleOf } from '../status-style';

/** What was the case for a while, or happened in a moment. */
export interface Span {
  readonly text: string;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly style: StatusStyle;
}

export interface Lane {
  readonly name: string;
  readonly spans: readonly Span[];
}

export interface LaneGroup {
  readonly title: string;
  readonly lanes: readonly Lane[];
  /** What there was no room for, or nothing to draw of. */
  readonly leftOut: readonly string[];
}

/** The most lanes of a group: as many as a person looks at. */
export const MAX_LANES = 16;

/** Who was in which status when, all on one axis of time. A group without lanes says why. */
export function laneGroups(report: Report): LaneGroup[] {
  return [deployments(report), executions(report), resources(report), calls(report), messages(report)].filter(
    ({ lanes, leftOut }) => lanes.length + leftOut.length > 0,
  );
}

type Kind<K> = Extract<RunEvent, { kind: K }>;

function eventsOf<K extends RunEvent['kind']>({ history }: Report, kind: K): Kind<K>[] {
  return history.filter((event): event is Kind<K> => event.kind === kind);
}

interface Moment {
  readonly atSeconds: number;
  readonly status: string;
}

/** Each status until the next one; the last one until the end. */
function statusSpans(moments: readonly Moment[], end: number): Span[] {
  const changes = moments.filter(({ status }, index) => status !== moments[index - 1]?.status);
  return changes.map(({ atSeconds, status }, index) => ({
    text: status,
    fromSeconds: Math.max(0, atSeconds),
    untilSeconds: changes[index + 1]?.atSeconds ?? end,
    style: styleOf(status),
  }));
}

function deployments(report: Report): LaneGroup {
  const moments = [...report.deploymentsBefore, ...eventsOf(report, 'deployment')];
  const lanes = [...groupBy(moments, ({ resource, deploymentId }) => `${resource}, deployment ${deploymentId}`)].map(
    ([name, its]) => ({ name, spans: statusSpans(its, report.elapsedSeconds), isOver: its.every(isOver) }),
  );
  const { lanes: shown, leftOut } = examples(lanes.filter((lane) => !lane.isOver));
  const over = lanes.filter((lane) => lane.isOver).length;
  const quiet = `${counted(over, 'other deployment')} had ended before, and nothing became of it`;
  return { title: 'Deployments', lanes: shown, leftOut: over === 0 ? leftOut : [...leftOut, quiet] };
}

/** It had happened before the run, and nothing had to follow. */
function isOver({ atSeconds, status }: Moment): boolean {
  return atSeconds < 0 && styleOf(status) !== 'moving';
}

/** All of them, or, of too many, some of each course that they took, rare courses first. */
function examples(lanes: readonly Lane[]): Pick<LaneGroup, 'lanes' | 'leftOut'> {
  if (lanes.length <= MAX_LANES) return { lanes, leftOut: [] };
  const behaviors = [...groupBy(lanes, ({ spans }) => spans.map(({ text }) => text).join(', '))]
    .sort(([, a], [, b]) => a.length - b.length)
    .map(([behavior, members]) => ({ behavior, members }));
  const each = Math.max(1, Math.floor(MAX_LANES / behaviors.length));
  const shown = behaviors.slice(0, MAX_LANES).flatMap(({ members }) => members.slice(0, each));
  const leftOut = behaviors.flatMap(({ behavior, members }) => {
    const left = members.filter((lane) => !shown.includes(lane)).length;
    return left === 0 ? [] : [`${counted(left, 'more deployment')}: ${behavior}`];
  });
  return { lanes: shown, leftOut };
}

/** A lane for each, or, where states overlap, as those of a Map do, for each state. */
function executions({ executions: all }: Report): LaneGroup {
  const lanes = all.flatMap(({ name, states }) => {
    const spans = states.map(stateSpan);
    const overlap = spans.some(({ fromSeconds }, index) => fromSeconds < (spans[index - 1]?.untilSeconds ?? 0));
    if (!overlap) return [{ name: `execution ${name}`, spans }];
    return [...groupBy(spans, ({ text }) => text)]
      .map(([state, its]) => ({ name: `${state}, execution ${name}`, spans: united(its, 0) }))
      .filter((lane) => lane.spans.some(lasts));
  });
  return bounded('State machines', lanes);
}

function stateSpan({ name, fromSeconds, untilSeconds }: StateReport): Span {
  return { text: name, fromSeconds, untilSeconds, style: 'moving' };
}

/** Those that overlap, or have not more than that between them, as one. */
function united(spans: readonly Span[], gapSeconds: number): Span[] {
  const groups: [Span, ...Span[]][] = [];
  let until = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    const group = groups.at(-1);
    if (group && span.fromSeconds <= until + gapSeconds) group.push(span);
    else groups.push([span]);
    until = Math.max(until, span.untilSeconds);
  }
  return groups.map(([first, ...others]) => ({
    ...first,
    text: others.length === 0 ? first.text : `${first.text} × ${(others.length + 1).toLocaleString('en')}`,
    untilSeconds: Math.max(first.untilSeconds, ...others.map(({ untilSeconds }) => untilSeconds)),
  }));
}

function resources(report: Report): LaneGroup {
  const lanes = [
    ...groupBy(eventsOf(report, 'resource'), ({ resourceType, logicalId }) => `${logicalId}, ${resourceType}`),
  ].map(([name, events]) => ({ name, spans: operationSpans(events, report.elapsedSeconds) }));
  const [told, instant] = parted(lanes, ({ spans }) => spans.some((span) => span.style === 'bad' || lasts(span)));
  const { leftOut, ...group } = bounded('Stacks and their resources', told);
  const quiet = `${counted(instant.length, 'resource')} took no time, and did not fail`;
  return { ...group, leftOut: instant.length === 0 ? leftOut : [...leftOut, quiet] };
}

/** What is in progress lasts until the next status; any other status is reached in a moment. */
function operationSpans(events: readonly Moment[], end: number): Span[] {
  return statusSpans(events, end).map((span) =>
    span.text.endsWith('_IN_PROGRESS') ? span : { ...span, untilSeconds: span.fromSeconds },
  );
}

/** The part of the time below which calls are not told apart; there may be thousands. */
const SERIES = 1 / 15;

/** A lane for each operation that was called over some time, and for each answer that was not a good one. */
function calls(report: Report): LaneGroup {
  const lane = ([name, events]: [string, Kind<'call'>[]]): Lane => ({
    name,
    spans: united(events.map(callSpan), report.elapsedSeconds * SERIES),
  });
  const [well, wrong] = parted(eventsOf(report, 'call'), wentWell);
  const errors = groupBy(wrong, ({ service, operation, answer }) => `${service} ${operation}: ${answer}`);
  const polled = groupBy(well, ({ service, operation }) => `${service} ${operation}`);
  return bounded('Calls', [...[...errors].map(lane), ...[...polled].map(lane).filter(isSeries)]);
}

function callSpan(event: Kind<'call'>): Span {
  return { text: event.answer, fromSeconds: event.atSeconds, untilSeconds: event.atSeconds, style: answerStyle(event) };
}

function isSeries({ spans }: Lane): boolean {
  return spans.length > 1 || spans.some(lasts);
}

function messages(report: Report): LaneGroup {
  const spans = eventsOf(report, 'message').map(
    ({ atSeconds, text }): Span => ({ text, fromSeconds: atSeconds, untilSeconds: atSeconds, style: 'plain' }),
  );
  return { title: 'Messages', lanes: spans.length === 0 ? [] : [{ name: 'published', spans }], leftOut: [] };
}

function bounded(title: string, lanes: readonly Lane[]): LaneGroup {
  const left = lanes.length - MAX_LANES;
  const leftOut = left > 0 ? [`${counted(left, 'more lane')} of ${title.toLowerCase()}`] : [];
  return { title, lanes: lanes.slice(0, MAX_LANES), leftOut };
}

function lasts({ fromSeconds, untilSeconds }: Span): boolean {
  return untilSeconds > fromSeconds;
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
