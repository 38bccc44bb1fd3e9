import type { CancellationSettings, Deployment } from '../../../lib/contract/cancellation';
import type { FoundFleet } from '../../../lib/contract/fleet';
import type { Driver } from '../engine/driver';
import type { FleetLister } from '../fleet/fleet-lister';
import type { AwsContext } from './aws-context';

/** An AWS service whose deployments can be cancelled. */
export interface Service {
  /** Creates a client of the service. One serves all deployments of an invocation, since their settings are the same. */
  connect(settings: CancellationSettings, aws: AwsContext): ServiceConnection;
}

export interface ServiceConnection {
  driverFor(deployment: Deployment): Driver;
  /**
   * Only where the service lists the deployments of a fleet.
   *
   * @param ownStackId the ID of the stack that waits for the cancellation; undefined if no stack does
   */
  readonly listerFor?: (fleet: FoundFleet, ownStackId?: string) => FleetLister;
}
