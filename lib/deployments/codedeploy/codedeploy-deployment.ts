import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_codedeploy as codedeploy, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';
import {
  CODEDEPLOY_BATCH_READ_ACTION,
  CODEDEPLOY_GROUP_READ_ACTION,
  CODEDEPLOY_LIST_ACTION,
  CODEDEPLOY_READ_ACTION,
  CODEDEPLOY_STOP_ACTION,
  codeDeployGroupPath,
} from './kinds';

/** The names that address an AWS CodeDeploy deployment group. */
export interface CodeDeployDeploymentProps {
  /** The name of the application: 1 to 100 letters, digits and `. _ + = , @ -`. */
  readonly applicationName: string;

  /** The name of the deployment group: 1 to 100 letters, digits and `. _ + = , @ -`. */
  readonly deploymentGroupName: string;
}

/**
 * A deployment of AWS CodeDeploy: to servers, of a Lambda function, or of an Amazon ECS service.
 *
 * Cancelling it stops it and rolls back what it has changed, whether or not the deployment group is configured to roll
 * back. The rollback is a deployment of its own; it is never stopped, and the cancellation ends when the rollback ends.
 * Each deployment has an ID, and a stop names the ID: a newer deployment is never stopped by mistake.
 *
 * The action `codedeploy:StopDeployment` has no resource type, so it is allowed on all deployments in the account and region
 * of the stack. Only deployments to the deployment group are read, and only a deployment that was read is stopped.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html
 */
export class CodeDeployDeployment extends DeclaredDeployment {
  /**
   * The deployment in flight to a deployment group that is addressed by its names: the newest, if there are several.
   * Deployments that Auto Scaling or CodeDeploy has started to bring instances up to date are ignored.
   *
   * @throws if CodeDeploy does not accept a name; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeployments.html
   */
  public static fromDeploymentGroupName(props: CodeDeployDeploymentProps): CodeDeployDeployment {
    const { applicationName, deploymentGroupName } = props;
    return new CodeDeployDeployment({ applicationName, deploymentGroupName });
  }

  /**
   * The deployment in flight to a deployment group of the CDK: the same as with `fromDeploymentGroupName`.
   *
   * The cancellation depends on the deployment group. Use `fromDeploymentGroupName` for a guard that protects a
   * deployment group of its own stack.
   *
   * @param deploymentGroup a deployment group in the account and region of the stack that cancels, such as a
   * `ServerDeploymentGroup`, a `LambdaDeploymentGroup` or an `EcsDeploymentGroup`
   * @throws if it is not a deployment group
   */
  public static fromDeploymentGroup(deploymentGroup: codedeploy.IDeploymentGroupRef): CodeDeployDeployment {
    const reference = namesOf(deploymentGroup);
    if (reference === undefined) {
      throw new InvalidConfigurationError(
        `deploymentGroup must be a deployment group of the CDK, such as a ServerDeploymentGroup, not ${describe(deploymentGroup)}: use fromDeploymentGroupName for names`,
      );
    }
    return new CodeDeployDeployment({ ...reference }, deploymentGroup.env);
  }

  /**
   * One deployment. No other deployment to its deployment group is cancelled.
   *
   * The ID does not contain the deployment group, so the cancellation is allowed to read the deployments to every deployment
   * group in the account and region of the stack.
   *
   * @param deploymentId `d-` and 9 capital letters and digits
   * @throws if it is not such an ID; a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
   */
  public static fromDeploymentId(deploymentId: string): CodeDeployDeployment {
    return new CodeDeployDeployment({ deploymentId });
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): CodeDeployDeployment {
    return new CodeDeployDeployment(identifiers);
  }

  private constructor(identifiers: Deployment['identifiers'], environment?: ResourceEnvironment) {
    super({ kind: 'codedeploy-deployment', identifiers }, environment);
  }

  /** @internal */
  protected override _statements(
    identifiers: Deployment['identifiers'],
    arn: (path: string) => string,
    scope: IConstruct,
  ): PolicyStatement[] {
    // Without an ID, the deployment in flight has to be found.
    const find =
      identifiers.deploymentId === undefined
        ? [CODEDEPLOY_LIST_ACTION, CODEDEPLOY_BATCH_READ_ACTION, CODEDEPLOY_GROUP_READ_ACTION]
        : [];
    return [
      new PolicyStatement({
        actions: [CODEDEPLOY_READ_ACTION, ...find],
        resources: [arn(codeDeployGroupPath(identifiers))],
      }),
      // The action has no resource type, and no condition key for the deployment group.
      new PolicyStatement({
        actions: [CODEDEPLOY_STOP_ACTION],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:RequestedRegion': Stack.of(scope).region } },
      }),
    ];
  }
}

/** A deployment group of the CDK, without loading the module of CodeDeploy. */
interface GroupOfCdk {
  /** Of an `IServerDeploymentGroup` and its like. */
  readonly application?: { readonly applicationName: string };
  /** Of a `CfnDeploymentGroup`. */
  readonly applicationName?: string;
  readonly deploymentGroupName?: string;
  readonly deploymentGroupRef?: object;
}

/** A reference to a deployment group. Older versions of the CDK have only the ID, which is the name of the group. */
interface GroupReference {
  readonly applicationName?: string;
  readonly deploymentGroupName?: string;
  readonly deploymentGroupId?: string;
}

/** The names of a deployment group of the CDK, or of a reference. */
function namesOf(group: GroupOfCdk): CodeDeployDeploymentProps | undefined {
  const { application, deploymentGroupName } = group ?? {};
  if (application && deploymentGroupName) return { applicationName: application.applicationName, deploymentGroupName };
  const reference: GroupReference = { ...group?.deploymentGroupRef };
  const applicationName = reference.applicationName ?? group?.applicationName;
  const name = reference.deploymentGroupName ?? reference.deploymentGroupId;
  return applicationName && name ? { applicationName, deploymentGroupName: name } : undefined;
}
