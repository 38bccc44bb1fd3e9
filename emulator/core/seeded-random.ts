/** Creates a generator (mulberry32) of numbers from 0 up to, but not including, 1. The same seed gives the same numbers. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns the number of a key, from 0 up to, but not including, 1. */
export type KeyedRandom = (key: string) => number;

/**
 * Creates random numbers by key. They do not depend on the order of the keys, which differs between runs because functions
 * run in parallel threads.
 *
 * @param random the source of the seed, which is drawn at the first use
 */
export function keyedRandom(random: () => number): KeyedRandom {
  let seed: number | undefined;
  return (key) => {
    seed ??= Math.floor(random() * 2 ** 32);
    return seededRandom(seed ^ hash(key))();
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value;
}
