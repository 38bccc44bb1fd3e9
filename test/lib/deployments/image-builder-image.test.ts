import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { CfnImagePipeline } from 'aws-cdk-lib/aws-imagebuilder';
import { DeploymentCancellation, ImageBuilderImage } from '../../../lib';
import { permissionsOf, synthesize } from '../../helpers/template';

const DEPLOYMENT_ROLE = 'DeploymentCancellationWorkflowDeploymentRole75619BCC';
const ARN = 'arn:aws:imagebuilder:us-east-1:111122223333';
const IMAGE = `${ARN}:image/recipe/1.0.0/2`;

const permissions = (deployment: ImageBuilderImage) => {
  const template = synthesize((stack) => {
    new DeploymentCancellation(stack, 'Cancellation', { deployment });
  });
  return permissionsOf(template, DEPLOYMENT_ROLE).filter((one) => one.startsWith('imagebuilder:'));
};

test('a specified build needs permissions for itself only', () => {
  expect(permissions(ImageBuilderImage.fromImagePipelineName('golden'))).toEqual([
    `imagebuilder:CancelImageCreation on ${ARN}:image/*/*/*`,
    `imagebuilder:GetImage on ${ARN}:image/*/*/*`,
    `imagebuilder:ListImagePipelineImages on ${ARN}:image-pipeline/golden`,
  ]);
  expect(permissions(ImageBuilderImage.fromImageArn(IMAGE))).toEqual([
    `imagebuilder:CancelImageCreation on ${IMAGE}`,
    `imagebuilder:GetImage on ${IMAGE}`,
  ]);
});

test('a pipeline of the CDK is addressed by the name in its ARN', () => {
  const stack = new Stack(new App(), 'Stack');
  const pipeline = new CfnImagePipeline(stack, 'Pipeline', { name: 'Golden', infrastructureConfigurationArn: 'a' });
  const { identifiers } = ImageBuilderImage.fromImagePipeline(pipeline)._toContract();
  expect(stack.resolve(identifiers)).toEqual({
    imagePipelineName: { 'Fn::Select': [1, { 'Fn::Split': ['/', { Ref: 'Pipeline' }] }] },
  });
});

test('a build is addressed by its ARN, also if that is a token', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  const one = ImageBuilderImage.fromImageArn(IMAGE);
  expect(one._toContract()).toEqual({ kind: 'imagebuilder-image', identifiers: { imageBuild: 'recipe/1.0.0/2' } });
  expect(one.displayName).toBe('image recipe/1.0.0/2');
  const { valueAsString } = new CfnParameter(stack, 'Arn');
  const [statement] = ImageBuilderImage.fromImageArn(valueAsString).policyStatements(stack);
  const part = (index: number) => ({ 'Fn::Select': [index, { 'Fn::Split': ['/', { Ref: 'Arn' }] }] });
  expect(stack.resolve(statement?.resources)).toEqual([
    {
      'Fn::Join': [
        '',
        [
          'arn:',
          { Ref: 'AWS::Partition' },
          ':imagebuilder:us-east-1:111122223333:image/',
          part(1),
          '/',
          part(2),
          '/',
          part(3),
        ],
      ],
    },
  ]);
});

test('a build in another region is rejected', () => {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'us-east-1' } });
  const far = ImageBuilderImage.fromImageArn(IMAGE.replace('us-east-1', 'eu-west-1'));
  expect(() => new DeploymentCancellation(stack, 'Cancellation', { deployment: far })).toThrow(
    /^the region of image recipe\/1\.0\.0\/2 is eu-west-1, and that of the stack is us-east-1/,
  );
});

test('what is no pipeline, name or ARN is rejected', () => {
  expect(() => ImageBuilderImage.fromImagePipeline(JSON.parse('"golden"'))).toThrow(
    "pipeline must be a CfnImagePipeline, not 'golden': use fromImagePipelineName for a name",
  );
  for (const name of ['', 'Golden', 'a*', 'x'.repeat(129)]) {
    expect(() => ImageBuilderImage.fromImagePipelineName(name)).toThrow(
      /^imagePipelineName must be a name as in its ARN/,
    );
  }
  for (const arn of [
    '',
    'recipe',
    `${ARN}:component/recipe/1.0.0/2`,
    'arn:aws:ec2:us-east-1:111122223333:image/a/1.0.0/1',
  ]) {
    expect(() => ImageBuilderImage.fromImageArn(arn)).toThrow(
      /^imageArn must be the ARN of a build of an image, not '/,
    );
  }
  for (const image of ['recipe/1.0.0', 'recipe/1.x.x/1', '../1.0.0/1']) {
    expect(() => ImageBuilderImage.fromImageArn(`${ARN}:image/${image}`)).toThrow(/^imageBuild must be NAME\//);
  }
});
