import {
  type BatchResult,
  FLEET_COUNTS,
  type Fleet,
  type FleetCount,
  type FleetResult,
} from '../../../lib/contract/fleet';
import { PROTON_FLEETS } from '../../../lib/deployments/proton/fleet-kinds';
import { countOf, mergeCounts } from './counts';

const LABELS: Readonly<Record<FleetCount, string>> = {
  cancelled: 'cancelled',
  completedFirst: 'completed first',
  failed: 'failed',
  superseded: 'superseded',
  untouched: 'untouched',
};

/** Renders the result of a fleet: the number of deployments by outcome, and whether one of them is a failure. */
export function summarize(fleet: Fleet, results: readonly BatchResult[]): FleetResult {
  const { outcomes, failures, first, failedDeployments, omitted } = mergeCounts(results);
  const counts = Object.fromEntries(FLEET_COUNTS.map((count) => [count, 0])) as Record<FleetCount, number>;
  for (const [outcome, n] of Object.entries(outcomes)) counts[countOf(outcome as keyof typeof outcomes)] += n;
  const total = FLEET_COUNTS.reduce((all, count) => all + counts[count], 0);
  const summary = summaryOf(total, counts);
  const cutOff = results.find(({ unfinished = 0 }) => unfinished > 0);
  const parts = [`of ${total} ${displayNameOf(fleet)}, ${failures} failed`];
  if (first) parts.push(`the first, ${first.name}, as ${first.outcome}: ${first.reason}`);
  if (cutOff) parts.push(`the deployment function failed with ${cutOff.error}; look into its log and the execution`);
  return {
    outcome: first?.outcome ?? (cutOff && 'ERROR'),
    failed: failures > 0,
    reason: failures > 0 ? [...parts, summary].join('; ') : summary,
    attributes: {
      summary,
      total: String(total),
      ...Object.fromEntries(FLEET_COUNTS.map((count) => [count, String(counts[count])])),
      failedDeployments: [...failedDeployments, ...(omitted > 0 ? [`${omitted} more`] : [])].join(', '),
    },
  };
}

/** The human-readable name of the deployments of a fleet. */
export function displayNameOf(fleet: Fleet): string {
  if (fleet.kind === 'list') return 'listed deployments';
  const { name, displayName } = PROTON_FLEETS[fleet.kind];
  return displayName(fleet.identifiers[name] ?? '');
}

function summaryOf(total: number, counts: Readonly<Record<FleetCount, number>>): string {
  const parts = FLEET_COUNTS.filter((count) => counts[count] > 0).map((count) => `${counts[count]} ${LABELS[count]}`);
  return [`${total} deployment${total === 1 ? '' : 's'}`, ...(parts.length > 0 ? [parts.join(', ')] : [])].join(': ');
}
