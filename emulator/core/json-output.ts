/** A shape of the SDK on the wire: timestamps are in seconds since the epoch, and undefined members are left out. */
export type OnWire<T> = T extends Date
  ? number
  : T extends readonly (infer Item)[]
    ? OnWire<Item>[]
    : T extends object
      ? { [K in keyof T]: OnWire<T[K]> }
      : T;

/** A timestamp on the wire. */
export function seconds(ms: number): number;
export function seconds(ms: number | undefined): number | undefined;
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
