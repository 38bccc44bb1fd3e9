import { Token } from 'aws-cdk-lib';
import type { aws_codebuild as codebuild, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/** The build of a project to cancel. */
export interface CodeBuildBuildOptions {
  /**
   * The ID of one build, `PROJECT:UUID`. No other build is cancelled.
   *
   * @default - the newest build in flight when the cancellation begins
   */
  readonly buildId?: string;
}

/**
 * A build of a project of AWS CodeBuild.
 *
 * Cancelling it stops it. CodeBuild rolls nothing back: what the build has deployed stays deployed. A stop names the ID of
 * the build: a newer build is never stopped by mistake.
 *
 * @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StopBuild.html
 */
export class CodeBuildBuild extends DeclaredDeployment {
  /**
   * A build of a project that is addressed by its name. Without `buildId`, it is the newest build in flight; other builds of
   * the project go on.
   *
   * @param projectName the name of the project, not its ARN: 2 to 255 letters, digits, `-` and `_`
   * @param options the build to cancel
   * @throws if CodeBuild does not accept the name or the ID, or it is the ID of a build of another project; tokens are
   * checked when the stack is deployed
   */
  public static fromProjectName(projectName: string, options: CodeBuildBuildOptions = {}): CodeBuildBuild {
    return new CodeBuildBuild(projectName, options);
  }

  /**
   * A build of a project of the CDK: the same as with `fromProjectName`.
   *
   * @param project a project in the account and region of the stack that cancels
   * @param options the build to cancel
   * @throws if it is not a project
   */
  public static fromProject(project: codebuild.IProjectRef, options: CodeBuildBuildOptions = {}): CodeBuildBuild {
    const name = projectNameOf(project);
    if (name !== undefined) return new CodeBuildBuild(name, options, project.env);
    throw new InvalidConfigurationError(
      `project must be a Project of aws-codebuild, not ${describe(project)}: use fromProjectName for a name`,
    );
  }

  /** @internal */
  public static _fromContract({ identifiers: { projectName = '', buildId } }: Deployment): CodeBuildBuild {
    return new CodeBuildBuild(projectName, { buildId });
  }

  private constructor(projectName: string, { buildId }: CodeBuildBuildOptions, environment?: ResourceEnvironment) {
    const identifiers = { projectName, ...(buildId !== undefined && { buildId }) };
    super({ kind: 'codebuild-build', identifiers }, environment);
    if (buildId === undefined || Token.isUnresolved(projectName) || Token.isUnresolved(buildId)) return;
    if (buildId.startsWith(`${projectName}:`)) return;
    throw new InvalidConfigurationError(
      `buildId must be the ID of a build of project ${projectName}, not '${buildId}'`,
    );
  }
}

/** A reference to a project. Older versions of the CDK have only the ID, which is the name of the project. */
interface ProjectReference {
  readonly projectName?: string;
  readonly projectId?: string;
}

/** The name of a project: of an `IProject`, which has no reference in older versions of the CDK, or of a reference. */
function projectNameOf(project: codebuild.IProjectRef & { readonly projectName?: string }): string | undefined {
  const reference: ProjectReference = { ...project?.projectRef };
  return reference.projectName ?? reference.projectId ?? project?.projectName;
}
