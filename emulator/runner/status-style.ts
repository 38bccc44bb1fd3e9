/** What a status says of what it is about, whatever the service. */
export type StatusStyle = 'good' | 'bad' | 'undone' | 'moving' | 'plain';

/** Every kind of deployment has words of its own; these are what they have in common. The first that fits. */
const TONES: readonly (readonly [RegExp, StatusStyle])[] = [
  [/fail|denied|error|refused|unavailable|timed_out|not_found|abort/i, 'bad'],
  [/rollback/i, 'undone'],
  [/progress|pending|requested|queued|created|ready|ing$/i, 'moving'],
  [/cancelled|stopped|superseded|delete/i, 'undone'],
  [/complete|succe/i, 'good'],
];

/** A text of several words is no status. */
export function styleOf(status: string): StatusStyle {
  return /\s/.test(status) ? 'plain' : (TONES.find(([words]) => words.test(status))?.[1] ?? 'plain');
}
