import { codeDeployDriver, connectToCodeDeploy } from './codedeploy/driver';
import type { Service } from './service';

export const service: Service = {
  connect(policy, surrounding) {
    const connection = connectToCodeDeploy(policy, surrounding);
    return { driverFor: (deployment) => codeDeployDriver(deployment, policy, surrounding, connection) };
  },
};
