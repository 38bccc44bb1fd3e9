/** The arguments are not valid. Nothing was called. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
