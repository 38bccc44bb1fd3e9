import { errorName, log } from '../log';
import type { Dependencies } from './dependencies';

/** How long sending is retried, in milliseconds. After that, the state machine or Lambda tries again. */
const RETRY_PERIOD = 90_000;

const BACKOFF = { first: 500, factor: 2, max: 15_000 };

/** A response could not be sent to CloudFormation. */
export class ResponseDeliveryError extends Error {
  override readonly name = 'ResponseDeliveryError';
}

/** Sends a response, with retries. The URL is a secret: no error or log line repeats it. */
export async function submitResponse(
  url: string,
  body: string,
  { responseSender, clock }: Dependencies,
): Promise<void> {
  const until = clock.now() + RETRY_PERIOD;
  let backoff = BACKOFF.first;
  for (let attempt = 1; ; attempt++) {
    try {
      await responseSender.send(url, body);
      return;
    } catch (error) {
      log('response-not-sent', { attempt, errorName: errorName(error) });
    }
    const wait = backoff * (0.5 + clock.random() / 2);
    if (clock.now() + wait > until) break;
    await clock.sleep(wait);
    backoff = Math.min(BACKOFF.max, backoff * BACKOFF.factor);
  }
  throw new ResponseDeliveryError(`the response to cloudformation could not be sent within ${RETRY_PERIOD / 1000} s`);
}
