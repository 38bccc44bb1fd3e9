import type { ListServiceInstancesFilter, ListServiceInstancesInput } from '@aws-sdk/client-proton';
import { ServiceError } from '../../core/http-server';
import type { OnWire } from '../../core/json-output';
import { serviceInstanceSummary, TEMPLATE_VERSION_STATUS } from './shapes';
import type { Resource } from './simulated-service';

/** The maximum size of a page in the API model. */
const DEFAULT_PAGE = 100;

interface Paging {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** The page of a `nextToken`, and the token of the next page. */
export function page<T>(items: readonly T[], { maxResults = DEFAULT_PAGE, nextToken }: Paging) {
  const from = nextToken === undefined ? 0 : offsetOf(nextToken);
  const to = from + maxResults;
  return { items: items.slice(from, to), nextToken: to < items.length ? tokenOf(to) : undefined };
}

function tokenOf(offset: number): string {
  return Buffer.from(`from ${offset}`).toString('base64');
}

function offsetOf(token: string): number {
  const digits = /^from (\d{1,9})$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (digits === undefined) throw new ServiceError('ValidationException', 'The nextToken is not valid.');
  return Number(digits);
}

type Summary = ReturnType<typeof serviceInstanceSummary>;

/** The service instances that match every filter, sorted. */
export function selectServiceInstances(
  resources: readonly Resource[],
  { filters, serviceName, sortBy = 'serviceName', sortOrder }: OnWire<ListServiceInstancesInput>,
): Summary[] {
  const tests = (filters ?? []).map(testOf);
  const direction = sortOrder === 'DESCENDING' ? -1 : 1;
  return resources
    .filter(({ type }) => type === 'SERVICE_INSTANCE')
    .map(serviceInstanceSummary)
    .filter((instance) => serviceName === undefined || instance.serviceName === serviceName)
    .filter((instance) => tests.every((test) => test(instance)))
    .sort(
      (a, b) =>
        direction * (compare(a[sortBy], b[sortBy]) || compare(a.serviceName, b.serviceName) || compare(a.name, b.name)),
    );
}

function testOf({ key, value = '' }: OnWire<ListServiceInstancesFilter>): (instance: Summary) => boolean {
  switch (key) {
    case 'lastDeploymentAttemptedAtBefore':
    case 'lastDeploymentAttemptedAtAfter':
    case 'createdAtBefore':
    case 'createdAtAfter': {
      const [, field, side] = /^(.*)(Before|After)$/.exec(key) as unknown as [string, 'createdAt', 'Before' | 'After'];
      const limit = secondsOf(key, value);
      return side === 'Before' ? (instance) => instance[field]! < limit : (instance) => instance[field]! > limit;
    }
    case 'deployedTemplateVersionStatus':
      return () => value === TEMPLATE_VERSION_STATUS;
    default:
      return (instance) => instance[key!] === value;
  }
}

const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

function secondsOf(key: string, value: string): number {
  const ms = RFC_3339_UTC.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new ServiceError('ValidationException', `The value '${value}' of the filter ${key} is not a valid date.`);
  }
  return ms / 1000;
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (a === b || a === undefined || b === undefined) return 0;
  return a < b ? -1 : 1;
}
