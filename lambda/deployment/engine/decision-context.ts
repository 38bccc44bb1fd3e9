import type { Policy } from '../../../lib/contract/cancellation';

/** All that a decision may depend on besides what was seen. */
export interface Circumstances {
  readonly policy: Policy;
  /** As in `CancellationInput`. */
  readonly onlyLook?: boolean;
  readonly leaveAlone?: string;
  /** Milliseconds since the epoch. */
  readonly askedAt?: number;
  /** How many deployments are being cancelled at the same time; 1 unless told. */
  readonly crowd?: number;
  readonly subject: string;
  readonly unavailableHint: string;
  /** What the timeout counts from; milliseconds since the epoch, like `now`. */
  readonly startedAt: number;
  readonly now: number;
  readonly random: number;
}
