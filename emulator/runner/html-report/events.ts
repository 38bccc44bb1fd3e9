import type { RunEvent } from '../../simulation/run';
import { answerStyle, elapsed, wentWell } from '../report';
import { type StatusStyle, styleOf } from '../status-style';

/** A line of the table of events. */
export interface EventRow {
  readonly time: string;
  readonly kind: string;
  readonly what: string;
  readonly status: string;
  readonly style: StatusStyle;
  readonly detail: string;
}

export interface EventTable {
  readonly beginning: readonly EventRow[];
  /** How many rows there are between the beginning and the end that are not shown. */
  readonly leftOut: number;
  readonly end: readonly EventRow[];
}

/** The beginning and the end say most. */
export const MOST = { beginning: 700, end: 300 };

/** Everything that has happened, in order. The same call that goes well again and again is one row. */
export function eventTable(history: readonly RunEvent[]): EventTable {
  const rows = repeated(history).map(([first, ...others]) => rowOf(first, others));
  const leftOut = Math.max(0, rows.length - MOST.beginning - MOST.end);
  if (leftOut === 0) return { beginning: rows, leftOut, end: [] };
  return { beginning: rows.slice(0, MOST.beginning), leftOut, end: rows.slice(-MOST.end) };
}

type Repeated = readonly [RunEvent, ...RunEvent[]];

function repeated(history: readonly RunEvent[]): Repeated[] {
  const groups: [RunEvent, ...RunEvent[]][] = [];
  for (const event of history) {
    const group = groups.at(-1);
    if (group && isSameCall(group[0], event)) group.push(event);
    else groups.push([event]);
  }
  return groups;
}

function isSameCall(one: RunEvent, other: RunEvent): boolean {
  if (one.kind !== 'call' || other.kind !== 'call' || !wentWell(other)) return false;
  return one.service === other.service && one.operation === other.operation && one.answer === other.answer;
}

function rowOf(event: RunEvent, again: readonly RunEvent[]): EventRow {
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
      const last = again.at(-1);
      const detail = last ? `${again.length + 1} times, until ${elapsed(last.atSeconds)}` : '';
      return { ...row, what: `${service} ${operation}`, status, style: answerStyle(event), detail };
    }
    case 'state':
      return { ...row, what: event.name };
    case 'message':
      return { ...row, what: event.text };
  }
}
