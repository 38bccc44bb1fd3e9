/** More than any field of an API holds, status messages aside, and little enough for a state machine to carry. */
const MAX_TEXT_LENGTH = 2_000;

/** More than any status or deployment id has. */
export const MAX_NAME_LENGTH = 100;

/** Makes a text of a service safe to carry: one line, bounded, and never cut in the middle of a character. */
export function truncate(text: string, maxLength = MAX_TEXT_LENGTH): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
