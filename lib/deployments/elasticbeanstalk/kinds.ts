import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const ELASTIC_BEANSTALK_ABORT_ACTION = 'elasticbeanstalk:AbortEnvironmentUpdate';
export const ELASTIC_BEANSTALK_READ_ACTION = 'elasticbeanstalk:DescribeEnvironments';
export const ELASTIC_BEANSTALK_EVENTS_ACTION = 'elasticbeanstalk:DescribeEvents';

/**
 * The ARN of an environment after `arn:PARTITION:elasticbeanstalk:REGION:ACCOUNT:`. Its name is unique in an account and
 * region, so the name of its application is not needed.
 */
export function environmentPath({ environmentName }: Identifiers): string {
  return `environment/*/${environmentName}`;
}

export const ELASTIC_BEANSTALK_KINDS = {
  'elasticbeanstalk-environment-update': {
    className: 'ElasticBeanstalkEnvironmentUpdate',
    command: 'beanstalk',
    label: 'elastic beanstalk environment',
    identifiers: {
      environmentName: {
        validate: stringValidator({
          pattern: /^[0-9A-Za-z][0-9A-Za-z-]{2,38}[0-9A-Za-z]$/,
          rule: 'have 4 to 40 letters, digits and hyphens, with no hyphen at its start or end',
        }),
        sample: 'shop-prod',
      },
    },
    identifierSets: [['environmentName']],
    displayName: ({ environmentName }) => `elastic beanstalk environment ${environmentName}`,
    cancelAction: ELASTIC_BEANSTALK_ABORT_ACTION,
    readAction: ELASTIC_BEANSTALK_READ_ACTION,
    resource: environmentPath,
    permissions: ({ identifiers }) => [
      {
        actions: [ELASTIC_BEANSTALK_ABORT_ACTION, ELASTIC_BEANSTALK_READ_ACTION, ELASTIC_BEANSTALK_EVENTS_ACTION],
        resources: [environmentPath(identifiers)],
      },
    ],
    // The page of an environment needs its ID.
    consolePath: ({ region }) => `elasticbeanstalk/home?region=${region}#/environments`,
    attributes: ['arn', 'name'],
    cancelsById: false,
    rollsBack: true,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
