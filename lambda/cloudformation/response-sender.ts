import type { ResponseSender } from './dependencies';

/** How long one attempt may take, in milliseconds. */
const TIMEOUT = 10_000;

/** What came back instead of a 200; the name is all of an error that is logged. */
class ResponseRejectedError extends Error {
  constructor(statusCode: number) {
    super(`put was answered with ${statusCode}`);
    this.name = `ResponseRejectedError${statusCode}`;
  }
}

/** Puts with http or https, on whatever port the URL names. */
export const httpResponseSender: ResponseSender = {
  async send(url, body) {
    const response = await fetch(url, {
      method: 'PUT',
      // Without a type, which a text would have: it would not be the one that the URL was signed for. And unlike bytes,
      // it can be sent again when a redirect says so.
      body: new Blob([body]),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new ResponseRejectedError(response.status);
  },
};
