/**
 * How much later than the end of a deployment it is noticed, in the mean over all ends between two times, each as likely
 * as any other. When the service is asked does not depend on when the deployment will be over, so the looks of one run
 * that was long enough stand for all runs that are shorter.
 *
 * @param looks when the service was asked, in seconds since the cancellation, in order
 */
export function meanLag(looks: readonly number[], from: number, to: number): number {
  if ((looks.at(-1) ?? 0) < to) throw new Error(`the run is not long enough to tell when an end at ${to} s is noticed`);
  let sum = 0;
  let previous = from;
  for (const look of looks) {
    // Whatever ends between the look before and this one is noticed now.
    const until = Math.min(look, to);
    if (until <= previous) continue;
    sum += ((look - previous) ** 2 - (look - until) ** 2) / 2;
    previous = until;
  }
  return sum / (to - from);
}

/** How much later than an end at that time it is noticed. */
export function lagOf(looks: readonly number[], end: number): number | undefined {
  const noticed = looks.find((look) => look >= end);
  return noticed === undefined ? undefined : noticed - end;
}
