import { connectToProton } from './proton/client';
import { protonDriver } from './proton/driver';
import { protonFleetLister } from './proton/fleet-lister';
import type { Service } from './service';

export const service: Service = {
  connect(settings, aws) {
    const connection = connectToProton(settings, aws);
    return {
      driverFor: (deployment) => protonDriver(deployment, settings, aws, connection),
      listerFor: (fleet) => protonFleetLister(fleet, settings, aws, connection),
    };
  },
};
