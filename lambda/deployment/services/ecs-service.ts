import { connectToEcs, ecsDriver } from './ecs';
import type { Service } from './service';

export const service: Service = {
  connect(policy, surrounding) {
    const connection = connectToEcs(policy, surrounding);
    return { driverFor: (deployment) => ecsDriver(deployment, policy, surrounding, connection) };
  },
};
