/** For every client of this function: an answer is wanted within seconds, and each of its calls can be made again. */
export const CLIENT_OPTIONS = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;

/** Makes a client when it is first needed: to answer, which is half of the work, takes one of three. */
export function onDemand<Client>(make: () => Client): () => Client {
  let client: Client | undefined;
  return () => {
    client ??= make();
    return client;
  };
}
