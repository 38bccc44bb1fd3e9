import { protonDriver } from './proton';
import { connectToProton } from './proton-connection';
import { protonRoster } from './proton-roster';
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
