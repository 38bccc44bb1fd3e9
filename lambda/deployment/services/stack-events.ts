import type { DescribeStackEventsOutput, StackEvent, StackStatus } from '@aws-sdk/client-cloudformation';

/** Requests a page of the events of a stack, newest first. */
export type EventPages = (nextToken?: string) => Promise<DescribeStackEventsOutput>;

/** The first status of a deployment. */
const FIRST_STATUSES: ReadonlySet<string | undefined> = new Set<StackStatus>([
  'CREATE_IN_PROGRESS',
  'UPDATE_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
]);

/** A deployment without an ID has the time at which it began. */
export const TIME = /^\d{4}-\d\d-\d\dT/;

/** How many events are read, and how many pages of them: a page may be empty. */
const MAX_EVENTS = 1_000;
const MAX_PAGES = 100;

/** How much the time of a stack and that of its event may differ, in milliseconds. */
const TIME_TOLERANCE = 1_000;

/** The last status of a stack in a deployment, its rollback included; undefined if the events do not tell. */
export async function lastStatusOf(deploymentId: string, pages: EventPages): Promise<string | undefined> {
  const since = TIME.test(deploymentId) ? Date.parse(deploymentId) - TIME_TOLERANCE : Number.NEGATIVE_INFINITY;
  let oldest: string | undefined;
  let last: string | undefined;
  let count = 0;
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES && count < MAX_EVENTS; page++) {
    const { StackEvents = [], NextToken: next } = await pages(nextToken);
    count += StackEvents.length;
    for (const { ResourceStatus, OperationId, Timestamp } of StackEvents.filter(isOfStackItself)) {
      if (Timestamp !== undefined && Timestamp.getTime() < since) return oldest;
      last ??= ResourceStatus;
      if (OperationId === deploymentId) return last;
      if (!FIRST_STATUSES.has(ResourceStatus)) continue;
      // The oldest deployment that started at that time or later.
      if (since > Number.NEGATIVE_INFINITY) oldest = last;
      last = undefined;
    }
    nextToken = next;
    if (!nextToken) return oldest;
  }
  return undefined;
}

export async function newestEvent(pages: EventPages): Promise<StackEvent | undefined> {
  const { StackEvents } = await pages();
  return StackEvents?.[0];
}

function isOfStackItself({ StackId, PhysicalResourceId }: StackEvent): boolean {
  return StackId !== undefined && PhysicalResourceId === StackId;
}
