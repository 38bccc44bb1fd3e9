import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const AUTOSCALING_ROLLBACK_ACTION = 'autoscaling:RollbackInstanceRefresh';
export const AUTOSCALING_CANCEL_ACTION = 'autoscaling:CancelInstanceRefresh';
/** It has no resource type. */
export const AUTOSCALING_READ_ACTION = 'autoscaling:DescribeInstanceRefreshes';

/** The ARN of a group after `arn:PARTITION:autoscaling:REGION:ACCOUNT:`. Its ID is not known by its name. */
export function autoScalingGroupPath({ autoScalingGroupName }: Identifiers): string {
  return `autoScalingGroup:*:autoScalingGroupName/${autoScalingGroupName}`;
}

export const AUTOSCALING_KINDS = {
  'autoscaling-instance-refresh': {
    className: 'AutoScalingInstanceRefresh',
    command: 'autoscaling',
    label: 'auto scaling group',
    identifiers: {
      autoScalingGroupName: {
        // A wildcard in a policy would allow other groups.
        validate: stringValidator({
          pattern: /^[!-)+-9;->@-~]+$/,
          maxLength: 255,
          rule: 'be a name of printable ASCII characters without spaces and : * ?',
        }),
        sample: 'web',
      },
    },
    identifierSets: [['autoScalingGroupName']],
    options: { rollback: { type: 'boolean', default: true } },
    displayName: ({ autoScalingGroupName }) => `auto scaling group ${autoScalingGroupName}`,
    cancelAction: AUTOSCALING_ROLLBACK_ACTION,
    readAction: AUTOSCALING_READ_ACTION,
    resource: autoScalingGroupPath,
    permissions: ({ identifiers, options }) => [
      {
        actions: [options?.rollback === false ? AUTOSCALING_CANCEL_ACTION : AUTOSCALING_ROLLBACK_ACTION],
        resources: [autoScalingGroupPath(identifiers)],
      },
      { actions: [AUTOSCALING_READ_ACTION], resources: ['*'] },
    ],
    consolePath: ({ identifiers: { autoScalingGroupName }, region }) =>
      `ec2/home?region=${region}#AutoScalingGroupDetails:id=${autoScalingGroupName};view=instanceRefresh`,
    attributes: ['name'],
    cancelsById: false,
    rollsBack: true,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
