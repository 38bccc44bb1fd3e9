/**
 * The attributes of the resource that is deployed, as far as its kind has them. They are strings that CloudFormation replaces
 * when the stack is deployed. An attribute is empty if the service did not return it.
 *
 * Reading an attribute that the kind of the deployment does not have fails at synthesis.
 */
export interface IDeploymentAttributes {
  /** The ARN of the resource. Not of an AWS CodeDeploy deployment group. For Amazon ECS, the ARN of the service deployment. */
  readonly arn: string;

  /** The creation time of the resource, in ISO 8601. Not of a pipeline. For Amazon ECS, that of the service deployment. */
  readonly createdAt: string;

  /** The name of the resource. Not of an Amazon ECS service, which has `serviceName`, or a Proton service pipeline. */
  readonly name: string;

  /** The name of the service. Of an Amazon ECS service, a Proton service instance and a Proton component. */
  readonly serviceName: string;

  /** The name of the environment. Of a Proton service instance and a Proton component. */
  readonly environmentName: string;

  /** The lifecycle stage of the service deployment in the last read, such as `BAKE_TIME`. Of Amazon ECS only, while it reports one. */
  readonly lifecycleStage: string;

  /** The time of the last attempted deployment, in ISO 8601. Of Proton only. */
  readonly lastDeploymentAttemptedAt: string;

  /** The time of the last successful deployment, in ISO 8601. Of Proton only. */
  readonly lastDeploymentSucceededAt: string;

  /** The name of the template. Of Proton only, except components. */
  readonly templateName: string;

  /** The major version of the template. Of Proton only, except components. */
  readonly templateMajorVersion: string;

  /** The minor version of the template. Of Proton only, except components. */
  readonly templateMinorVersion: string;
}
