/**
 * Returns the mean time between the end of a deployment and the poll that detects it, for ends that are uniformly
 * distributed between two times. The times of the polls do not depend on the end, so the polls of one long run are valid
 * for all shorter runs.
 *
 * @param polls the times of the polls, in seconds since the cancellation, in order
 */
export function meanLag(polls: readonly number[], from: number, to: number): number {
  if ((polls.at(-1) ?? 0) < to) throw new Error(`the run is too short to tell when an end at ${to} s is detected`);
  let sum = 0;
  let previous = from;
  for (const poll of polls) {
    // This poll detects every end since the previous one.
    const until = Math.min(poll, to);
    if (until <= previous) continue;
    sum += ((poll - previous) ** 2 - (poll - until) ** 2) / 2;
    previous = until;
  }
  return sum / (to - from);
}

/** Returns the time between an end and the poll that detects it; undefined if there is no later poll. */
export function lagOf(polls: readonly number[], end: number): number | undefined {
  const detected = polls.find((poll) => poll >= end);
  return detected === undefined ? undefined : detected - end;
}
