import type { DeploymentStatus } from '@aws-sdk/client-codedeploy';
import { CODEDEPLOY_STOP_ACTION, codeDeployGroupPath } from '../../../lib/deployments/codedeploy/kinds';
import { accessDenied } from '../../aws/iam';
import type { SeededDeployment } from '../../core/plan';
import type { ServiceFactory } from '../../core/service';
import { DEFAULT_ENVIRONMENT } from '../../core/simulated-service';
import type { ScenarioProvider } from '../../simulation/scenario-provider';
import { resolveScenario, type ServiceProfile } from '../../simulation/scenarios';
import type { Group } from './input';
import { arnOf, embeddedCodeDeploy } from './service';

export const DEFAULT_CODEDEPLOY_NAMES: Group = { applicationName: 'shop', deploymentGroupName: 'web' };

const CALLER = {
  accountId: DEFAULT_ENVIRONMENT.account,
  roleName: 'deployment-function',
  sessionName: 'deployment-function',
};

export function profileOf({ applicationName, deploymentGroupName }: Group): ServiceProfile<DeploymentStatus> {
  const resource = arnOf(DEFAULT_ENVIRONMENT, codeDeployGroupPath({ applicationName, deploymentGroupName }));
  return {
    statuses: {
      // That somebody has asked for a stop does not show.
      CANCELLING: 'InProgress',
      CANCELLED: 'Stopped',
      FAILED: 'Failed',
      SUCCEEDED: 'Succeeded',
      DELETE_IN_PROGRESS: undefined,
    },
    refusals: {
      OVER: 'DeploymentAlreadyCompletedException',
      INVALID: 'UnsupportedActionForDeploymentTypeException',
    },
    service: 'codedeploy',
    cancelOperation: 'StopDeployment',
    readOperation: 'GetDeployment',
    accessDenied: {
      kind: 'error',
      type: 'AccessDeniedException',
      message: accessDenied(CALLER, { action: CODEDEPLOY_STOP_ACTION, resource }),
    },
    throttled: { kind: 'error', type: 'ThrottlingException', message: 'Rate exceeded' },
  };
}

/** A deployment group of those names, with deployments as told; without deployments told, the application without it. */
export function deploymentGroup(
  { applicationName, deploymentGroupName }: Group,
  ...deployments: readonly SeededDeployment<DeploymentStatus>[]
): ServiceFactory {
  const deploymentGroups = deployments.length > 0 ? [{ name: deploymentGroupName, deployments }] : [];
  return (clock) => embeddedCodeDeploy({ applications: [{ name: applicationName, deploymentGroups }] }, clock);
}

export const CODEDEPLOY_SCENARIOS: ScenarioProvider = {
  kind: 'codedeploy-deployment',
  scenario(name, context) {
    const names: Group = {
      applicationName: context.applicationName ?? DEFAULT_CODEDEPLOY_NAMES.applicationName,
      deploymentGroupName: context.deploymentGroupName ?? DEFAULT_CODEDEPLOY_NAMES.deploymentGroupName,
    };
    const { description, deployment, faults } = resolveScenario(name, profileOf(names));
    return { description, seed: {}, services: [deploymentGroup(names, ...(deployment ? [deployment] : []))], faults };
  },
};
