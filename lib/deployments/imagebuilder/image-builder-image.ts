import { Arn, ArnFormat, Fn, Token } from 'aws-cdk-lib';
import type { aws_imagebuilder as imagebuilder, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/**
 * A build of an image of EC2 Image Builder.
 *
 * Cancelling it ends the build; what it has already distributed stays. Each build has an ARN, and a cancellation names the
 * ARN: a newer build is never cancelled by mistake.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_CancelImageCreation.html
 */
export class ImageBuilderImage extends DeclaredDeployment {
  /**
   * The newest build in flight of an image pipeline that is addressed by its name.
   *
   * The permissions are for every image of the account and region, because ARNs of images do not name their pipeline.
   *
   * @param imagePipelineName the name of the pipeline as in its ARN: 1 to 128 lowercase letters, digits, `-` and `_`
   * @throws if it is not such a name; a token is checked when the stack is deployed
   */
  public static fromImagePipelineName(imagePipelineName: string): ImageBuilderImage {
    return new ImageBuilderImage({ imagePipelineName });
  }

  /**
   * The newest build in flight of an image pipeline of the CDK: the same as with `fromImagePipelineName`.
   *
   * @param pipeline a pipeline in the account and region of the stack that cancels
   * @throws if it is not an image pipeline
   */
  public static fromImagePipeline(pipeline: imagebuilder.IImagePipelineRef): ImageBuilderImage {
    const arn = pipeline?.imagePipelineRef?.imagePipelineArn;
    if (arn !== undefined) {
      return new ImageBuilderImage({ imagePipelineName: Fn.select(1, Fn.split('/', arn)) }, pipeline.env);
    }
    throw new InvalidConfigurationError(
      `pipeline must be a CfnImagePipeline, not ${describe(pipeline)}: use fromImagePipelineName for a name`,
    );
  }

  /**
   * One build of an image. The permissions are for this one only.
   *
   * @param imageArn the ARN of the build: `arn:PARTITION:imagebuilder:REGION:ACCOUNT:image/NAME/MAJOR.MINOR.PATCH/BUILD`
   * @throws if it is not the ARN of a build; a token is checked when the stack is deployed
   */
  public static fromImageArn(imageArn: string): ImageBuilderImage {
    if (Token.isUnresolved(imageArn)) {
      const part = (index: number) => Fn.select(index, Fn.split('/', imageArn));
      return new ImageBuilderImage({ imageBuild: `${part(1)}/${part(2)}/${part(3)}` });
    }
    const [prefix, service, resource] = String(imageArn)
      .split(':')
      .filter((_, index) => [0, 2, 5].includes(index));
    if (prefix !== 'arn' || service !== 'imagebuilder' || !resource?.startsWith('image/')) {
      throw new InvalidConfigurationError(`imageArn must be the ARN of a build of an image, not ${describe(imageArn)}`);
    }
    const { account = '', region = '', resourceName = '' } = Arn.split(imageArn, ArnFormat.SLASH_RESOURCE_NAME);
    return new ImageBuilderImage({ imageBuild: resourceName }, { account, region });
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): ImageBuilderImage {
    return new ImageBuilderImage(identifiers);
  }

  private constructor(identifiers: Deployment['identifiers'], environment?: ResourceEnvironment) {
    super({ kind: 'imagebuilder-image', identifiers }, environment);
  }
}
