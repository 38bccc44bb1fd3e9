import { codePipelineDriver, connectToCodePipeline } from './codepipeline';
import type { Service } from './service';

export const service: Service = {
  connect(settings, aws) {
    const connection = connectToCodePipeline(settings, aws);
    return { driverFor: (deployment) => codePipelineDriver(deployment, settings, aws, connection) };
  },
};
