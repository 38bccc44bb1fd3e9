import type { FleetKindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

/** Describes all stacks of an account and region, together with `cloudformation:DescribeStacks`. It has no resource type. */
export const LIST_STACKS_ACTION = 'cloudformation:ListStacks';

/** Characters that AWS allows in every tag. A policy variable has others, so no tag is one. */
const TAG_TEXT = {
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+@-]+$/u,
  rule: 'hold only letters, digits, spaces and _ . : / = + @ -',
};

/** The kinds of fleet whose deployments CloudFormation lists. */
export const CLOUDFORMATION_FLEETS = {
  'cloudformation-tagged-stacks': {
    className: 'StackFleet',
    identifiers: {
      tagKey: { validate: stringValidator({ ...TAG_TEXT, maxLength: 128 }), sample: 'team' },
      tagValue: { validate: stringValidator({ ...TAG_TEXT, maxLength: 256 }), sample: 'web' },
    },
    displayName: ({ tagKey, tagValue }) => `stacks with tag ${tagKey}=${tagValue}`,
    deploymentOf: (stackName) => ({ kind: 'cloudformation-stack-update', identifiers: { stackName } }),
  },
} as const satisfies Readonly<Record<string, FleetKindDefinition>>;
