/** Options of all clients of this function: calls must return within seconds, and every call can be repeated. */
export const CLIENT_OPTIONS = {
  maxAttempts: 4,
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
