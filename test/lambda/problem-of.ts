import { InvalidRequestError, parseRequest } from '../../lambda/parse';

/** The message of the error for an invalid request. */
export function problemOf(input: unknown, parse: (input: unknown) => unknown = parseRequest): string {
  try {
    parse(input);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    expect(error.name).toBe('InvalidRequestError');
    expect(error.message).toMatch(/^[a-z][^\n\r\u2028\u2029]*$/);
    expect(error.message).not.toMatch(/\.$|\p{Cc}/u);
    // The longest lists all kinds of deployments.
    expect(error.message.length).toBeLessThan(520);
    return error.message;
  }
  throw new Error(`no error for ${JSON.stringify(input)}`);
}
