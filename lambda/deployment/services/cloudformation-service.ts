import { cloudFormationDriver, connectToCloudFormation } from './cloudformation';
import type { Service } from './service';

export const service: Service = {
  connect(policy, surrounding) {
    const connection = connectToCloudFormation(policy, surrounding);
    return { driverFor: (deployment) => cloudFormationDriver(deployment, policy, surrounding, connection) };
  },
};
