import { codePipelineDriver, connectToCodePipeline } from './codepipeline';
import type { Service } from './service';

export const service: Service = {
  connect(policy, surrounding) {
    const connection = connectToCodePipeline(policy, surrounding);
    return { driverFor: (deployment) => codePipelineDriver(deployment, policy, surrounding, connection) };
  },
};
