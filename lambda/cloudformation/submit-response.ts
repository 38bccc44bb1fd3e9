import { errorName, log } from '../log';
import type { Doors } from './dependencies';

/** How long an answer is put again and again, in milliseconds; the machine tries again after that. */
const PATIENCE = 90_000;

const BACKOFF = { first: 500, factor: 2, max: 15_000 };

/** An answer could not be put where CloudFormation looks for it. */
export class AnswerNotDelivered extends Error {
  override readonly name = 'AnswerNotDelivered';
}

/** Puts an answer, whatever it takes within the patience. The place is a secret: no error or log line repeats it. */
export async function deliver(url: string, body: string, { mailbox, clock }: Doors): Promise<void> {
  const until = clock.now() + PATIENCE;
  let backoff = BACKOFF.first;
  for (let attempt = 1; ; attempt++) {
    try {
      await mailbox.put(url, body);
      return;
    } catch (error) {
      log('answer-not-put', { attempt, errorName: errorName(error) });
    }
    const wait = backoff * (0.5 + clock.random() / 2);
    if (clock.now() + wait > until) break;
    await clock.sleep(wait);
    backoff = Math.min(BACKOFF.max, backoff * BACKOFF.factor);
  }
  throw new AnswerNotDelivered(`the answer to cloudformation could not be put within ${PATIENCE / 1000} s`);
}
