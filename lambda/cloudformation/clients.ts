/** For every client of this function: an answer is wanted within seconds, and each of its calls can be made again. */
export const CLIENT_OPTIONS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
