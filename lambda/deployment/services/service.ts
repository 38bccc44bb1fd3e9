import type { CancellationSettings, Deployment } from '../../../lib/contract/cancellation';
import type { Driver } from '../engine/driver';
import type { FleetLister, FoundFleet } from '../fleet/fleet-lister';
import type { AwsContext } from './aws';

/** A service whose deployments can be cancelled. */
export interface Service {
  /** The policy is the same for all that an invocation does, and so is what this gives. */
  connect(settings: CancellationSettings, aws: AwsContext): ServiceConnection;
}

export interface ServiceConnection {
  driverFor(deployment: Deployment): Driver;
  /** Where there are kinds of fleet that this service finds. */
  listerFor?(fleet: FoundFleet): FleetLister;
}
