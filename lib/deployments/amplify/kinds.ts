import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const AMPLIFY_STOP_ACTION = 'amplify:StopJob';
export const AMPLIFY_READ_ACTION = 'amplify:GetJob';
export const AMPLIFY_LIST_ACTION = 'amplify:ListJobs';

/** The ARN of a branch after `arn:PARTITION:amplify:REGION:ACCOUNT:`. */
export function amplifyBranchPath({ appId, branchName }: Identifiers): string {
  return `apps/${appId}/branches/${branchName}`;
}

/** The ARN of a job, or of all jobs of the branch. */
export function amplifyJobPath(identifiers: Identifiers): string {
  return `${amplifyBranchPath(identifiers)}/jobs/${identifiers.jobId ?? '*'}`;
}

export const AMPLIFY_KINDS = {
  'amplify-job': {
    className: 'AmplifyJob',
    command: 'amplify',
    label: 'amplify branch',
    identifiers: {
      appId: {
        validate: stringValidator({
          pattern: /^d[a-z0-9]{1,19}$/,
          rule: "be an ID: 'd' and lowercase letters and digits",
        }),
        sample: 'd1a2b3c4d5e6f7',
      },
      branchName: {
        validate: stringValidator({
          pattern: /^[0-9A-Za-z._/+@#-]+$/,
          maxLength: 255,
          rule: 'be a name that holds only letters, digits and . _ / + @ # -',
        }),
        sample: 'main',
      },
      jobId: { validate: stringValidator({ pattern: /^[1-9]\d{0,8}$/, rule: 'be the ID of a job, a number' }) },
    },
    identifierSets: [
      ['appId', 'branchName', 'jobId'],
      ['appId', 'branchName'],
    ],
    displayName({ appId, branchName, jobId }) {
      const branch = `amplify branch ${appId}/${branchName}`;
      return jobId === undefined ? branch : `job ${jobId} of ${branch}`;
    },
    cancelAction: AMPLIFY_STOP_ACTION,
    readAction: AMPLIFY_READ_ACTION,
    resource: amplifyJobPath,
    permissions: ({ identifiers }) => [
      { actions: [AMPLIFY_STOP_ACTION, AMPLIFY_READ_ACTION], resources: [amplifyJobPath(identifiers)] },
      ...(identifiers.jobId === undefined
        ? [{ actions: [AMPLIFY_LIST_ACTION], resources: [amplifyBranchPath(identifiers)] }]
        : []),
    ],
    consolePath: ({ identifiers: { appId, branchName }, region }) =>
      `amplify/apps/${appId}/branches/${branchName}/deployments?region=${region}`,
    attributes: ['arn', 'name'],
    cancelsById: true,
    rollsBack: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
