import type { ResponseSender } from './dependencies';

/** The timeout of one attempt, in milliseconds. */
const TIMEOUT = 10_000;

/** The server answered with an error status. The status is in the name, because only names of errors are logged. */
class ResponseRejectedError extends Error {
  constructor(statusCode: number) {
    super(`the response was rejected with status ${statusCode}`);
    this.name = `ResponseRejectedError${statusCode}`;
  }
}

/** Sends responses with an HTTP PUT. */
export const httpResponseSender: ResponseSender = {
  async send(url, body) {
    const response = await fetch(url, {
      method: 'PUT',
      // A Blob has no content type. A string has one, which the signature of the URL would not match. Unlike bytes, a
      // Blob can be sent again after a redirect.
      body: new Blob([body]),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new ResponseRejectedError(response.status);
  },
};
