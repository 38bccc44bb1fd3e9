import { connectToEcs, ecsDriver } from './ecs';
import type { Service } from './service';

export const service: Service = {
  connect(settings, aws) {
    const connection = connectToEcs(settings, aws);
    return { driverFor: (deployment) => ecsDriver(deployment, settings, aws, connection) };
  },
};
