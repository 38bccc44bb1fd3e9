import { codeDeployDriver, connectToCodeDeploy } from './codedeploy/driver';
import type { Service } from './service';

export const service: Service = {
  connect(settings, aws) {
    const connection = connectToCodeDeploy(settings, aws);
    return { driverFor: (deployment) => codeDeployDriver(deployment, settings, aws, connection) };
  },
};
