import type { StateReport } from '../../simulation/report-execution';
import type { Report, RunEvent } from '../../simulation/run';
import { answerStyle, isExpected } from '../report';
import { type StatusStyle, styleOf } from '../status-style';

/** A status that lasted for a while, or an event. */
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
  /** Descriptions of what is not drawn. */
  readonly omitted: readonly string[];
}

/** The largest number of lanes of a group. */
export const MAX_LANES = 16;

/** The statuses over time, in groups. A group without lanes says what is not drawn. */
export function laneGroups(report: Report): LaneGroup[] {
  return [deployments(report), executions(report), resources(report), calls(report), messages(report)].filter(
    ({ lanes, omitted }) => lanes.length + omitted.length > 0,
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

/** A span for each status, until the next one, or until the end. */
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
    ([name, events]) => ({ name, spans: statusSpans(events, report.elapsedSeconds), isOver: events.every(isOver) }),
  );
  const { lanes: shown, omitted } = sample(lanes.filter((lane) => !lane.isOver));
  const over = lanes.filter((lane) => lane.isOver).length;
  const ended = `${counted(over, 'other deployment')} had ended before the run`;
  return { title: 'Deployments', lanes: shown, omitted: over === 0 ? omitted : [...omitted, ended] };
}

/** Whether it happened before the run, and does not last. */
function isOver({ atSeconds, status }: Moment): boolean {
  return atSeconds < 0 && styleOf(status) !== 'moving';
}

/** All lanes; if there are too many, some lanes of each sequence of statuses, the rarest first. */
function sample(lanes: readonly Lane[]): Pick<LaneGroup, 'lanes' | 'omitted'> {
  if (lanes.length <= MAX_LANES) return { lanes, omitted: [] };
  const sequences = [...groupBy(lanes, ({ spans }) => spans.map(({ text }) => text).join(', '))]
    .sort(([, a], [, b]) => a.length - b.length)
    .map(([statuses, members]) => ({ statuses, members }));
  const each = Math.max(1, Math.floor(MAX_LANES / sequences.length));
  const shown = sequences.slice(0, MAX_LANES).flatMap(({ members }) => members.slice(0, each));
  const omitted = sequences.flatMap(({ statuses, members }) => {
    const left = members.filter((lane) => !shown.includes(lane)).length;
    return left === 0 ? [] : [`${counted(left, 'more deployment')}: ${statuses}`];
  });
  return { lanes: shown, omitted };
}

/** A lane for each execution, or for each state of an execution whose states overlap, as those of a Map do. */
function executions({ executions: all }: Report): LaneGroup {
  const lanes = all.flatMap(({ name, states }) => {
    const spans = states.map(stateSpan);
    const overlap = spans.some(({ fromSeconds }, index) => fromSeconds < (spans[index - 1]?.untilSeconds ?? 0));
    if (!overlap) return [{ name: `execution ${name}`, spans }];
    return [...groupBy(spans, ({ text }) => text)]
      .map(([state, events]) => ({ name: `${state}, execution ${name}`, spans: merge(events, 0) }))
      .filter((lane) => lane.spans.some(lasts));
  });
  return limit('State machines', lanes);
}

function stateSpan({ name, fromSeconds, untilSeconds }: StateReport): Span {
  return { text: name, fromSeconds, untilSeconds, style: 'moving' };
}

/** Merges spans that overlap, or have a gap of at most `gapSeconds`. */
function merge(spans: readonly Span[], gapSeconds: number): Span[] {
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
  const [drawn, instant] = partition(lanes, ({ spans }) => spans.some((span) => span.style === 'bad' || lasts(span)));
  const { omitted, ...group } = limit('Stacks and their resources', drawn);
  const quick = `${counted(instant.length, 'resource')} took no time, and did not fail`;
  return { ...group, omitted: instant.length === 0 ? omitted : [...omitted, quick] };
}

/** A status in progress lasts until the next status; any other status is an event. */
function operationSpans(events: readonly Moment[], end: number): Span[] {
  return statusSpans(events, end).map((span) =>
    span.text.endsWith('_IN_PROGRESS') ? span : { ...span, untilSeconds: span.fromSeconds },
  );
}

/** Calls with a smaller gap, as a part of the run, are drawn as one span: there may be thousands. */
const MAX_GAP = 1 / 15;

/** A lane for each operation that was called repeatedly, and for each error. */
function calls(report: Report): LaneGroup {
  const lane = ([name, events]: [string, Kind<'call'>[]]): Lane => ({
    name,
    spans: merge(events.map(callSpan), report.elapsedSeconds * MAX_GAP),
  });
  const [expected, failed] = partition(eventsOf(report, 'call'), isExpected);
  const errors = groupBy(failed, ({ service, operation, answer }) => `${service} ${operation}: ${answer}`);
  const polled = groupBy(expected, ({ service, operation }) => `${service} ${operation}`);
  return limit('Calls', [...[...errors].map(lane), ...[...polled].map(lane).filter(isSeries)]);
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
  return { title: 'Messages', lanes: spans.length === 0 ? [] : [{ name: 'published', spans }], omitted: [] };
}

function limit(title: string, lanes: readonly Lane[]): LaneGroup {
  const more = lanes.length - MAX_LANES;
  const omitted = more > 0 ? [`${counted(more, 'more lane')} of ${title.toLowerCase()}`] : [];
  return { title, lanes: lanes.slice(0, MAX_LANES), omitted };
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

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}
