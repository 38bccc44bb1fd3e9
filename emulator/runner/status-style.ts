/** The meaning of a status for a reader, for any service. */
export type StatusStyle = 'good' | 'bad' | 'undone' | 'moving' | 'plain';

/** The styles of statuses. Every service has its own statuses; the first pattern that matches applies. */
const STYLES: readonly (readonly [RegExp, StatusStyle])[] = [
  [/fail|denied|error|refused|unavailable|timed_out|not_found|abort/i, 'bad'],
  [/rollback/i, 'undone'],
  [/progress|pending|requested|queued|created|ready|ing$/i, 'moving'],
  [/cancelled|stopped|superseded|delete/i, 'undone'],
  [/complete|succe/i, 'good'],
];

/** The style of a status. A text of several words is not a status. */
export function styleOf(status: string): StatusStyle {
  return /\s/.test(status) ? 'plain' : (STYLES.find(([pattern]) => pattern.test(status))?.[1] ?? 'plain');
}
