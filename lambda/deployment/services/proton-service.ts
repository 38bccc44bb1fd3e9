import { connectToProton } from './proton/client';
import { protonDriver } from './proton/driver';
import { protonRoster } from './proton/fleet-lister';
import type { Service } from './service';

export const service: Service = {
  connect(policy, surrounding) {
    const connection = connectToProton(policy, surrounding);
    return {
      driverFor: (deployment) => protonDriver(deployment, policy, surrounding, connection),
      rosterFor: (fleet) => protonRoster(fleet, policy, surrounding, connection),
    };
  },
};
