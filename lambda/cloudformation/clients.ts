/** The options of all clients of this function. `retry.ts` decides about further attempts. */
export const CLIENT_OPTIONS = {
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** Creates a client when it is first needed. Most invocations need only one or two of the three. */
export function onDemand<Client>(create: () => Client): () => Client {
  let client: Client | undefined;
  return () => {
    client ??= create();
    return client;
  };
}
