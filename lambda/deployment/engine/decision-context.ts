import type { CancellationSettings } from '../../../lib/contract/cancellation';
import type { Caller } from './caller';
import type { Load } from './polling';

/** What a decision depends on besides the progress and the read. All times are in milliseconds since the epoch. */
export interface DecisionContext {
  readonly settings: CancellationSettings;
  /** See `CancellationInput`. */
  readonly observeOnly?: boolean;
  readonly ignoreDeploymentId?: string;
  readonly ignoreStartedBefore?: number;
  readonly requestedAt?: number;
  /** Whether the deployment is one of a fleet. */
  readonly inFleet?: boolean;
  /** What else is being cancelled at the same time; by default, nothing. */
  readonly load?: Load;
  /** Default: the workflow of a stack. */
  readonly caller?: Caller;
  readonly displayName: string;
  readonly unavailableHint: string;
  /** The start of the timeout. */
  readonly startedAt: number;
  readonly now: number;
  /** From 0 up to, but not including, 1. */
  readonly random: number;
}
