import type { aws_amplify as amplify, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/** The job of a branch to cancel. */
export interface AmplifyJobOptions {
  /**
   * The ID of one job, a number. No other job is cancelled.
   *
   * @default - the newest job in flight when the cancellation begins; if it is `PENDING`, the oldest one, for which it waits
   */
  readonly jobId?: string;
}

/** The names that address a branch. */
export interface AmplifyBranchProps {
  /** The ID of the app, which begins with `d`. */
  readonly appId: string;

  /** The name of the branch: 1 to 255 letters, digits and `. _ / + @ # -`. */
  readonly branchName: string;
}

/**
 * A job of AWS Amplify Hosting, which builds and deploys a branch.
 *
 * Cancelling it stops it. The version of the site that is live stays live. A stop names the ID of the job: a newer job is never stopped by mistake.
 *
 * @see https://docs.aws.amazon.com/amplify/latest/APIReference/API_StopJob.html
 */
export class AmplifyJob extends DeclaredDeployment {
  /**
   * A job of a branch that is addressed by its names.
   *
   * @param branch the ID of the app and the name of the branch
   * @param options the job to cancel
   * @throws if Amplify does not accept a name or an ID; tokens are checked when the stack is deployed
   */
  public static fromBranchName(branch: AmplifyBranchProps, options: AmplifyJobOptions = {}): AmplifyJob {
    return new AmplifyJob(branch, options);
  }

  /**
   * A job of a branch of the CDK: the same as with `fromBranchName`.
   *
   * @param branch a `CfnBranch` in the account and region of the stack that cancels
   * @param options the job to cancel
   * @throws if it is not a branch, or does not have its names
   */
  public static fromBranch(branch: amplify.IBranchRef, options: AmplifyJobOptions = {}): AmplifyJob {
    // An ARN that is a token cannot be split: the name of the branch may contain slashes.
    const { appId, branchName }: Partial<AmplifyBranchProps & amplify.IBranchRef> = branch ?? {};
    if (appId !== undefined && branchName !== undefined)
      return new AmplifyJob({ appId, branchName }, options, branch.env);
    throw new InvalidConfigurationError(
      `branch must be a CfnBranch of aws-amplify, not ${describe(branch)}: use fromBranchName for names`,
    );
  }

  /** @internal */
  public static _fromContract({ identifiers: { appId = '', branchName = '', jobId } }: Deployment): AmplifyJob {
    return new AmplifyJob({ appId, branchName }, { jobId });
  }

  private constructor(
    { appId, branchName }: AmplifyBranchProps,
    { jobId }: AmplifyJobOptions,
    environment?: ResourceEnvironment,
  ) {
    const identifiers = { appId, branchName, ...(jobId !== undefined && { jobId }) };
    super({ kind: 'amplify-job', identifiers }, environment);
  }
}
