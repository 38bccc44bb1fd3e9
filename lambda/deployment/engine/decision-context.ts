import type { CancellationSettings } from '../../../lib/contract/cancellation';

/** All that a decision may depend on besides what was seen. */
export interface DecisionContext {
  readonly settings: CancellationSettings;
  /** As in `CancellationInput`. */
  readonly observeOnly?: boolean;
  readonly ignoreDeploymentId?: string;
  /** Milliseconds since the epoch. */
  readonly requestedAt?: number;
  /** How many deployments are being cancelled at the same time; 1 unless told. */
  readonly activeCount?: number;
  readonly displayName: string;
  readonly unavailableHint: string;
  /** What the timeout counts from; milliseconds since the epoch, like `now`. */
  readonly startedAt: number;
  readonly now: number;
  readonly random: number;
}
