import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { aws_codedeploy as codedeploy } from 'aws-cdk-lib/interfaces';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { type ResourceEnvironment, validateEnvironment } from '../../private/environment';
import { CancellableDeployment } from '../cancellable-deployment';
import { validateIdentifiers } from '../checked-subject';
import {
  CODEDEPLOY_GROUP_READ_ACTION,
  CODEDEPLOY_LIST_ACTION,
  CODEDEPLOY_READ_ACTION,
  CODEDEPLOY_STOP_ACTION,
  type CodeDeployKindName,
  codeDeployGroupPath,
} from './kinds';

/** Which AWS CodeDeploy deployment group. */
export interface CodeDeployDeploymentProps {
  /** The name of the application: 1 to 100 letters, digits and `. _ + = , @ -`. */
  readonly applicationName: string;

  /** The name of the deployment group, of the same form. */
  readonly deploymentGroupName: string;
}

const KIND: CodeDeployKindName = 'codedeploy-deployment';

/**
 * A deployment of AWS CodeDeploy: to servers, of a Lambda function, or of an Amazon ECS service.
 *
 * Cancelling it stops it and rolls back what it has changed, whether or not the deployment group is configured to roll back.
 * It is over when the rollback is, which is a deployment of its own, and which is never stopped. Each deployment has an id,
 * and a cancellation names it: a newer one is never reached.
 *
 * @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_StopDeployment.html
 */
export class CodeDeployDeployment extends CancellableDeployment {
  /**
   * The deployment to a deployment group that is in flight: the newest, if there are several. Those that only bring an
   * instance up to date, which Auto Scaling or CodeDeploy itself has started, are not meant.
   *
   * @throws if a name is not one that CodeDeploy accepts; names that are tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeployments.html
   */
  public static of(props: CodeDeployDeploymentProps): CodeDeployDeployment {
    const { applicationName, deploymentGroupName } = props;
    return new CodeDeployDeployment({ applicationName, deploymentGroupName });
  }

  /**
   * As `of`, with the names of a deployment group that the CDK knows. What cancels it depends on the group then; a guard that
   * is to protect a group of its own stack has to name it.
   *
   * @param deploymentGroup one of the account and the region of the stack that cancels, such as a `ServerDeploymentGroup`, a
   * `LambdaDeploymentGroup` or an `EcsDeploymentGroup`
   */
  public static ofDeploymentGroup(deploymentGroup: codedeploy.IDeploymentGroupRef): CodeDeployDeployment {
    const { applicationName, deploymentGroupName } = deploymentGroup.deploymentGroupRef;
    const { account, region } = deploymentGroup.env;
    return new CodeDeployDeployment({ applicationName, deploymentGroupName }, { account, region });
  }

  /**
   * This one deployment, and no other of its deployment group. An id does not tell the group, so what cancels it is allowed to
   * stop and to read the deployments of every group in the account and the region of its stack.
   *
   * @param deploymentId `d-` and 9 capital letters and digits
   * @throws if it is no such id; one that is a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
   */
  public static ofId(deploymentId: string): CodeDeployDeployment {
    return new CodeDeployDeployment({ deploymentId });
  }

  public readonly displayName: string;

  private constructor(
    private readonly identifiers: Record<string, string>,
    private readonly environment?: ResourceEnvironment,
  ) {
    super();
    this.displayName = validateIdentifiers({ kind: KIND, identifiers });
  }

  /** @throws if it is known to be of another account or region than the stack of `scope` */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    if (this.environment) validateEnvironment(this.displayName, this.environment, scope);
    const group = Stack.of(scope).formatArn({ service: 'codedeploy', resource: codeDeployGroupPath(this.identifiers) });
    // Of a group, what is in flight has to be found.
    const find =
      this.identifiers.deploymentId === undefined ? [CODEDEPLOY_LIST_ACTION, CODEDEPLOY_GROUP_READ_ACTION] : [];
    return [
      new PolicyStatement({
        actions: [CODEDEPLOY_STOP_ACTION, CODEDEPLOY_READ_ACTION, ...find],
        resources: [group],
      }),
    ];
  }

  /** @internal */
  public _toContract(): Deployment {
    return { kind: KIND, identifiers: this.identifiers };
  }
}
