import { createHash } from 'node:crypto';

/** Returns the same UUID for the same text. */
export function uuidOf(text: string): string {
  return uuidFrom(createHash('sha256').update(text).digest('hex'));
}

/** Generates a UUID from random numbers. */
export function randomUuid(random: () => number): string {
  return uuidFrom(Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join(''));
}

/** @param hex at least 32 digits */
function uuidFrom(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
