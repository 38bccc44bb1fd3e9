import type { RunEvent } from '../../simulation/run';
import { answerStyle, elapsed, isExpected } from '../report';
import { type StatusStyle, styleOf } from '../status-style';

/** A row of the table of events. */
export interface EventRow {
  readonly time: string;
  readonly kind: string;
  readonly what: string;
  readonly status: string;
  readonly style: StatusStyle;
  readonly detail: string;
}

export interface EventTable {
  readonly start: readonly EventRow[];
  /** The number of rows between the start and the end that are left out. */
  readonly omitted: number;
  readonly end: readonly EventRow[];
}

/** The largest numbers of rows. */
export const MAX_ROWS = { start: 700, end: 300 };

/** All events, in order. A call that succeeds several times in a row is one row. */
export function eventTable(history: readonly RunEvent[]): EventTable {
  const rows = groupRepeats(history).map(([first, ...repeats]) => rowOf(first, repeats));
  const omitted = Math.max(0, rows.length - MAX_ROWS.start - MAX_ROWS.end);
  if (omitted === 0) return { start: rows, omitted, end: [] };
  return { start: rows.slice(0, MAX_ROWS.start), omitted, end: rows.slice(-MAX_ROWS.end) };
}

type Repeated = readonly [RunEvent, ...RunEvent[]];

function groupRepeats(history: readonly RunEvent[]): Repeated[] {
  const groups: [RunEvent, ...RunEvent[]][] = [];
  for (const event of history) {
    const group = groups.at(-1);
    if (group && isSameCall(group[0], event)) group.push(event);
    else groups.push([event]);
  }
  return groups;
}

function isSameCall(one: RunEvent, other: RunEvent): boolean {
  if (one.kind !== 'call' || other.kind !== 'call' || !isExpected(other)) return false;
  return one.service === other.service && one.operation === other.operation && one.answer === other.answer;
}

function rowOf(event: RunEvent, repeats: readonly RunEvent[]): EventRow {
  const { kind } = event;
  const row = { time: elapsed(event.atSeconds), kind, status: '', style: 'plain', detail: '' } as const;
  switch (kind) {
    case 'resource': {
      const { logicalId: what, status, resourceType, reason } = event;
      const detail = reason === undefined ? resourceType : `${resourceType}: ${reason}`;
      return { ...row, what, status, style: styleOf(status), detail };
    }
    case 'deployment': {
      const { deploymentId: what, status, resource: detail } = event;
      return { ...row, what, status, style: styleOf(status), detail };
    }
    case 'call': {
      const { service, operation, answer: status } = event;
      const last = repeats.at(-1);
      const detail = last ? `${repeats.length + 1} times, until ${elapsed(last.atSeconds)}` : '';
      return { ...row, what: `${service} ${operation}`, status, style: answerStyle(event), detail };
    }
    case 'state':
      return { ...row, what: event.name };
    case 'message':
      return { ...row, what: event.text };
  }
}
