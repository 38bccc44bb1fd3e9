/**
 * The attributes of the resource that is deployed, as far as its kind has them. They are strings that CloudFormation replaces
 * when the stack is deployed. An attribute is empty if the service did not return it.
 *
 * Reading an attribute that the kind of the deployment does not have fails at synthesis.
 */
export interface IDeploymentAttributes {
  /**
   * The ARN of the resource. For Amazon ECS, the service deployment; for CodeBuild, Systems Manager, Amplify, SageMaker and EC2
   * Image Builder, the build, execution or job. Not of a deployment group, an Auto Scaling group or a stack set.
   */
  readonly arn: string;

  /**
   * The creation time, in ISO 8601: of a stack or a Proton resource, of an Amazon ECS service deployment, and of an AWS
   * CodeDeploy deployment. Of no other kind.
   */
  readonly createdAt: string;

  /**
   * The name of the resource. Not of an Amazon ECS service, which has `serviceName`, of an image, or of a Proton service
   * pipeline. For AWS AppConfig, the name of the configuration.
   */
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
