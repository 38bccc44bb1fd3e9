import type { CancellationSettings } from '../../../lib/contract/cancellation';

/** What a decision depends on besides the progress and the read. All times are in milliseconds since the epoch. */
export interface DecisionContext {
  readonly settings: CancellationSettings;
  /** See `CancellationInput`. */
  readonly observeOnly?: boolean;
  readonly ignoreDeploymentId?: string;
  readonly requestedAt?: number;
  /** How many deployments are being cancelled at the same time; 1 by default. */
  readonly activeCount?: number;
  readonly displayName: string;
  readonly unavailableHint: string;
  /** The start of the timeout. */
  readonly startedAt: number;
  readonly now: number;
  /** From 0 up to, but not including, 1. */
  readonly random: number;
}
