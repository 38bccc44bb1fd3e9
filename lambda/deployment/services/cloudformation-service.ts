import { cloudFormationDriver, connectToCloudFormation } from './cloudformation';
import type { Service } from './service';

export const service: Service = {
  connect(settings, aws) {
    const connection = connectToCloudFormation(settings, aws);
    return { driverFor: (deployment) => cloudFormationDriver(deployment, settings, aws, connection) };
  },
};
