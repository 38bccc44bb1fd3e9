import { errorName, log } from '../log';
import { retryDelay } from '../retry';
import type { Dependencies } from './dependencies';

/** How long sending is retried, in milliseconds. After that, the state machine or Lambda tries again. */
const RETRY_PERIOD = 90_000;

/** A response could not be sent to CloudFormation. */
export class ResponseDeliveryError extends Error {
  override readonly name = 'ResponseDeliveryError';
}

/**
 * Sends a response, with retries. The URL is a secret: no error or log line repeats it.
 *
 * @param onDoubt called after the first failed attempt, which may have reached CloudFormation. Never rejects. Further attempts
 *   do not wait for it, because its calls may be throttled.
 */
export async function submitResponse(
  url: string,
  body: string,
  { responseSender, clock, budget }: Pick<Dependencies, 'responseSender' | 'clock' | 'budget'>,
  onDoubt: () => Promise<void>,
): Promise<void> {
  const since = clock.now();
  let doubt: Promise<void> | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      await responseSender.send(url, body);
      await doubt;
      return;
    } catch (error) {
      log('response-not-sent', { attempt, errorName: errorName(error) });
    }
    doubt ??= onDoubt();
    const now = clock.now();
    const until = Math.min(since + RETRY_PERIOD, budget.end);
    const failed = { attempt, since, now, until, isAnyCallAllowed: true, random: clock.random() };
    const delay = retryDelay({ kind: 'transient', ...failed });
    if (delay === undefined) break;
    await clock.sleep(delay);
  }
  await doubt;
  throw new ResponseDeliveryError(`the response to cloudformation could not be sent within ${RETRY_PERIOD / 1000} s`);
}
