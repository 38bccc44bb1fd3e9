import type { Identifiers, KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const CODEBUILD_STOP_ACTION = 'codebuild:StopBuild';
export const CODEBUILD_READ_ACTION = 'codebuild:BatchGetBuilds';
export const CODEBUILD_LIST_ACTION = 'codebuild:ListBuildsForProject';

/** The ARN of a project after `arn:PARTITION:codebuild:REGION:ACCOUNT:`. Permissions for builds are on their project. */
export function codeBuildProjectPath({ projectName }: Identifiers): string {
  return `project/${projectName}`;
}

const validateName = stringValidator({
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{1,254}$/,
  rule: "have 2 to 255 letters, digits, '-' and '_', and start with a letter or digit",
});

const validateId = stringValidator({
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{1,254}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  rule: 'be the ID of a build, PROJECT:UUID',
});

export const CODEBUILD_KINDS = {
  'codebuild-build': {
    className: 'CodeBuildBuild',
    command: 'codebuild',
    label: 'codebuild project',
    identifiers: {
      projectName: { validate: validateName, sample: 'web' },
      buildId: { validate: validateId },
    },
    identifierSets: [['projectName', 'buildId'], ['projectName']],
    displayName: ({ projectName, buildId }) =>
      buildId === undefined ? `codebuild project ${projectName}` : `build ${buildId}`,
    cancelAction: CODEBUILD_STOP_ACTION,
    readAction: CODEBUILD_READ_ACTION,
    resource: codeBuildProjectPath,
    permissions: ({ identifiers }) => [
      {
        actions: [
          CODEBUILD_STOP_ACTION,
          CODEBUILD_READ_ACTION,
          ...(identifiers.buildId === undefined ? [CODEBUILD_LIST_ACTION] : []),
        ],
        resources: [codeBuildProjectPath(identifiers)],
      },
    ],
    consolePath: ({ identifiers: { projectName }, region }) =>
      `codesuite/codebuild/projects/${projectName}/history?region=${region}`,
    attributes: ['arn', 'name'],
    cancelsById: true,
    rollsBack: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
