import type { Deployment, Policy } from '../../../lib/contract/cancellation';
import type { Driver } from '../engine/driver';
import type { FoundFleet, Roster } from '../fleet/fleet-lister';
import type { Surrounding } from './aws';

/** A service whose deployments can be cancelled. */
export interface Service {
  /** The policy is the same for all that an invocation does, and so is what this gives. */
  connect(policy: Policy, surrounding: Surrounding): ServiceConnection;
}

export interface ServiceConnection {
  driverFor(deployment: Deployment): Driver;
  /** Where there are kinds of fleet that this service finds. */
  rosterFor?(fleet: FoundFleet): Roster;
}
