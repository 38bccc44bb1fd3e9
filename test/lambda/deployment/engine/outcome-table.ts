import type { Phase } from '../../../../lambda/deployment/engine/driver';
import type { Outcome } from '../../../../lib/contract/cancellation';

/** What the first read finds: a deployment in some phase, no deployment, or no resource. */
export type FirstRead = Phase | 'never deployed' | 'not found';

/**
 * Who has requested the cancellation that the service accepted. A request whose response was lost counts as accepted, and
 * one that the service did not accept, or that came too late, does not count.
 */
export type Requester = 'us' | 'others' | 'nobody';

/** How it ends: in a phase, with a newer deployment in its place, or with its record gone. */
export type Ending = Phase | 'newer deployment' | 'gone';

export interface OutcomeRow {
  readonly firstRead: FirstRead;
  readonly requester: Requester;
  /** Left out where the first read is the end. */
  readonly ending?: Ending;
  readonly outcome: Outcome;
}

/** The outcomes of a deployment in flight, by how it ends. */
type Endings = Readonly<Partial<Record<Ending, Outcome>>>;

/** Whoever has requested the cancellation: what comes of it is the outcome. */
const REQUESTED: Endings = {
  CANCELLED: 'CANCELLED',
  COMPLETED: 'COMPLETED_FIRST',
  // Also a rollback that others have requested, and that ends badly.
  FAILED: 'CANCEL_FAILED',
  INCOMPLETE: 'CANCELLED',
  SUPERSEDED: 'SUPERSEDED',
  DELETION_OVER: 'SUPERSEDED',
  'newer deployment': 'SUPERSEDED',
  gone: 'SUPERSEDED',
};

/** The deployment went its own way: a stop that came too late, or was never accepted, changes nothing. */
const NOT_REQUESTED: Endings = {
  ...REQUESTED,
  FAILED: 'NOTHING_TO_CANCEL',
  INCOMPLETE: 'NOTHING_TO_CANCEL',
  DELETION_OVER: 'NOTHING_TO_CANCEL',
  gone: 'NOTHING_TO_CANCEL',
};

/** A deletion ends, or is refused and leaves the resource as it was. */
const DELETION: Endings = {
  DELETION_OVER: 'NOTHING_TO_CANCEL',
  COMPLETED: 'NOTHING_TO_CANCEL',
  CANCELLED: 'NOTHING_TO_CANCEL',
  FAILED: 'NOTHING_TO_CANCEL',
  gone: 'NOTHING_TO_CANCEL',
};

const rows = (firstRead: FirstRead, requester: Requester, endings: Endings): OutcomeRow[] =>
  Object.entries(endings).map(([ending, outcome]) => ({ firstRead, requester, ending: ending as Ending, outcome }));

const over = (firstRead: FirstRead, outcome: Outcome): OutcomeRow => ({ firstRead, requester: 'nobody', outcome });

/**
 * What counts as requested by us, by others, or by nobody, and the outcome. The documents can show this table, and the
 * tests hold the engine to it.
 */
export const OUTCOME_TABLE: readonly OutcomeRow[] = [
  ...rows('IN_PROGRESS', 'us', REQUESTED),
  ...rows('IN_PROGRESS', 'others', REQUESTED),
  ...rows('IN_PROGRESS', 'nobody', NOT_REQUESTED),
  ...rows('UNKNOWN', 'us', REQUESTED),
  ...rows('UNKNOWN', 'others', REQUESTED),
  ...rows('UNKNOWN', 'nobody', NOT_REQUESTED),
  ...rows('CANCELLING', 'others', REQUESTED),
  ...rows('CANCELLING_GRACEFULLY', 'us', REQUESTED),
  ...rows('CANCELLING_GRACEFULLY', 'others', REQUESTED),
  ...rows('ENDING', 'others', REQUESTED),
  ...rows('ENDING', 'nobody', NOT_REQUESTED),
  ...rows('DELETING', 'nobody', DELETION),
  over('NOT_CANCELLABLE', 'REFUSED'),
  over('CANCELLED', 'NOTHING_TO_CANCEL'),
  over('COMPLETED', 'NOTHING_TO_CANCEL'),
  over('FAILED', 'NOTHING_TO_CANCEL'),
  over('INCOMPLETE', 'NOTHING_TO_CANCEL'),
  over('SUPERSEDED', 'NOTHING_TO_CANCEL'),
  over('DELETION_OVER', 'NOTHING_TO_CANCEL'),
  // Only a rollback that fails later is continued.
  over('ROLLBACK_FAILED', 'NOTHING_TO_CANCEL'),
  over('never deployed', 'NOTHING_TO_CANCEL'),
  over('not found', 'NOT_FOUND'),
];
