import { endedFleet } from '../../../../lambda/deployment/fleet/ended';
import { summarize } from '../../../../lambda/deployment/fleet/summarize';
import { CONTRACT_VERSION } from '../../../../lib/contract/cancellation';
import type { FleetResult } from '../../../../lib/contract/fleet';

const fleet = { kind: 'ecs-cluster-services', identifiers: { clusterName: 'prod' } };
const settings = { timeoutSeconds: 60, failOn: [], onNotFound: 'fail', includeStatusMessage: false };
const request = { contractVersion: CONTRACT_VERSION, fleet, settings, concurrency: 4 };
const SUBJECT = { kind: 'ecs-cluster-services', displayName: 'ecs services in cluster prod' };

const ERROR: FleetResult = { outcome: 'ERROR', failed: true, reason: 'too many', attributes: {} };
const SOME = {
  outcomes: { CANCELLED: 3, TIMED_OUT: 1, SKIPPED: 2 },
  failures: 1,
  first: { name: 'web', outcome: 'TIMED_OUT', reason: 'too slow' },
  failedDeployments: [],
  omitted: 0,
} as const;
const ALL_CANCELLED = { outcomes: { CANCELLED: 1 }, failures: 0, failedDeployments: [], omitted: 0 } as const;

test.each<[string, unknown, FleetResult, object]>([
  [
    'some failures',
    request,
    summarize(fleet, [{ counts: SOME }]),
    {
      ...SUBJECT,
      outcome: 'TIMED_OUT',
      counts: { total: 6, cancelled: 3, completedFirst: 0, failed: 1, superseded: 0, untouched: 2 },
    },
  ],
  [
    'no failure',
    request,
    summarize(fleet, [{ counts: ALL_CANCELLED }]),
    {
      ...SUBJECT,
      outcome: '',
      counts: { total: 1, cancelled: 1, completedFirst: 0, failed: 0, superseded: 0, untouched: 0 },
    },
  ],
  ['no counts', request, ERROR, { ...SUBJECT, outcome: 'ERROR', counts: {} }],
  ['an invalid request', { fleet: 1 }, ERROR, { kind: '', displayName: '', outcome: 'ERROR', counts: {} }],
])('the event of a fleet with %s', (_, given, result, expected) => {
  expect(endedFleet(given, result)).toEqual(expected);
});
