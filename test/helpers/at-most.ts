/** Returns a function that throws when it is called too often: it ends a loop that a fault in the code makes endless. */
export function atMost(times: number): () => void {
  let left = times;
  return () => {
    if (left-- <= 0) throw new Error(`this happened more than ${times} times`);
  };
}
