import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FleetItem } from '../../../lib/contract/fleet';

/** Compresses deployments into a text. 10,000 deployments have to fit into a state, which has at most 256 KiB. */
export function pack(items: readonly FleetItem[]): string {
  return deflateRawSync(JSON.stringify(items), { level: 9 }).toString('base64');
}

export function unpack(packed: string): FleetItem[] {
  return JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString());
}
