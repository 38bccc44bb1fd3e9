import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const APPCONFIG_STOP_ACTION = 'appconfig:StopDeployment';
export const APPCONFIG_READ_ACTION = 'appconfig:GetDeployment';
export const APPCONFIG_LIST_ACTION = 'appconfig:ListDeployments';

/** The ARN of an environment after `arn:PARTITION:appconfig:REGION:ACCOUNT:`. */
export function appConfigEnvironmentPath({ applicationId, environmentId }: Identifiers): string {
  return `application/${applicationId}/environment/${environmentId}`;
}

const validateId = stringValidator({
  pattern: /^[a-z0-9]{4,7}$/,
  rule: 'be an ID of 4 to 7 lowercase letters and digits',
});

const validateNumber = stringValidator({ pattern: /^[1-9]\d{0,8}$/, rule: 'be the number of a deployment' });

export const APPCONFIG_KINDS = {
  'appconfig-deployment': {
    className: 'AppConfigDeployment',
    command: 'appconfig',
    label: 'appconfig environment',
    identifiers: {
      applicationId: { validate: validateId, sample: 'abc1234' },
      environmentId: { validate: validateId, sample: 'prod123' },
      deploymentNumber: { validate: validateNumber },
    },
    identifierSets: [
      ['applicationId', 'environmentId', 'deploymentNumber'],
      ['applicationId', 'environmentId'],
    ],
    options: { allowRevert: { type: 'boolean', default: false } },
    displayName: ({ applicationId, environmentId, deploymentNumber }) => {
      const environment = `appconfig environment ${applicationId}/${environmentId}`;
      return deploymentNumber === undefined ? environment : `deployment ${deploymentNumber} of ${environment}`;
    },
    cancelAction: APPCONFIG_STOP_ACTION,
    readAction: APPCONFIG_READ_ACTION,
    resource: appConfigEnvironmentPath,
    permissions({ identifiers }) {
      const environment = appConfigEnvironmentPath(identifiers);
      const parents = [`application/${identifiers.applicationId}`, environment];
      const deployment = `${environment}/deployment/${identifiers.deploymentNumber ?? '*'}`;
      return [
        { actions: [APPCONFIG_STOP_ACTION, APPCONFIG_READ_ACTION], resources: [...parents, deployment] },
        ...(identifiers.deploymentNumber === undefined
          ? [{ actions: [APPCONFIG_LIST_ACTION], resources: parents }]
          : []),
      ];
    },
    consolePath: ({ identifiers: { applicationId, environmentId }, region }) =>
      `systems-manager/appconfig/applications/${applicationId}/environments/${environmentId}?region=${region}`,
    attributes: ['arn', 'name'],
    cancelsById: true,
    rollsBack: true,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
