import type { DeploymentStatus } from '@aws-sdk/client-codedeploy';
import type { ServiceSimulation } from '../../simulation/service-simulation';
import { emulateCodeDeploy } from './service';

export const simulation: ServiceSimulation<DeploymentStatus> = {
  statuses: {
    // A requested stop does not change the status.
    CANCELLING: 'InProgress',
    CANCELLED: 'Stopped',
    FAILED: 'Failed',
    SUCCEEDED: 'Succeeded',
    DELETE_IN_PROGRESS: undefined,
  },
  refusals: { OVER: 'DeploymentAlreadyCompletedException', INVALID: 'UnsupportedActionForDeploymentTypeException' },
  commands: ({ identifiers: { applicationName, deploymentGroupName } }, id) => ({
    find: `deploy list-deployments --application-name ${applicationName} --deployment-group-name ${deploymentGroupName}`,
    cancel: `deploy stop-deployment --deployment-id ${id}`,
  }),
  path: ({ identifiers: { applicationName, deploymentGroupName } }) => `${applicationName}/${deploymentGroupName}`,
  account(targets, environment) {
    const applications = targets.map(
      ({ identifiers: { applicationName = '', deploymentGroupName = '' }, deployments }) => ({
        name: applicationName,
        deploymentGroups: deployments.length > 0 ? [{ name: deploymentGroupName, deployments }] : [],
      }),
    );
    return { services: [(clock, consistency) => emulateCodeDeploy({ applications }, clock, environment, consistency)] };
  },
};
