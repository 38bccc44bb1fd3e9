import type { KindDefinition } from '../kind-definition';
import { stringValidator } from '../validator';

export const IMAGEBUILDER_CANCEL_ACTION = 'imagebuilder:CancelImageCreation';
export const IMAGEBUILDER_READ_ACTION = 'imagebuilder:GetImage';
export const IMAGEBUILDER_LIST_ACTION = 'imagebuilder:ListImagePipelineImages';

/** The ARN of an image pipeline after `arn:PARTITION:imagebuilder:REGION:ACCOUNT:`. */
export function imagePipelinePath(name = ''): string {
  return `image-pipeline/${name}`;
}

/** The ARN of a build of an image. It contains the name of the recipe, and not the one of the pipeline. */
export function imagePath(imageBuild = '*/*/*'): string {
  return `image/${imageBuild}`;
}

export const IMAGEBUILDER_KINDS = {
  'imagebuilder-image': {
    className: 'ImageBuilderImage',
    command: 'imagebuilder',
    label: 'image pipeline',
    identifiers: {
      imageBuild: {
        validate: stringValidator({
          pattern: /^[a-z0-9_-]{1,80}\/\d{1,5}\.\d{1,5}\.\d{1,5}\/\d{1,5}$/,
          rule: 'be NAME/MAJOR.MINOR.PATCH/BUILD, the end of the ARN of a build of an image',
        }),
      },
      imagePipelineName: {
        validate: stringValidator({
          pattern: /^[a-z0-9_-]{1,128}$/,
          rule: 'be a name as in its ARN: 1 to 128 lowercase letters, digits, - and _',
        }),
        sample: 'golden',
      },
    },
    identifierSets: [['imageBuild'], ['imagePipelineName']],
    displayName: ({ imageBuild, imagePipelineName }) =>
      imageBuild === undefined ? `image pipeline ${imagePipelineName}` : `image ${imageBuild}`,
    cancelAction: IMAGEBUILDER_CANCEL_ACTION,
    readAction: IMAGEBUILDER_READ_ACTION,
    resource: ({ imageBuild }) => imagePath(imageBuild),
    permissions: ({ identifiers: { imageBuild, imagePipelineName } }) => [
      { actions: [IMAGEBUILDER_CANCEL_ACTION, IMAGEBUILDER_READ_ACTION], resources: [imagePath(imageBuild)] },
      ...(imageBuild === undefined
        ? [{ actions: [IMAGEBUILDER_LIST_ACTION], resources: [imagePipelinePath(imagePipelineName)] }]
        : []),
    ],
    consolePath: ({ region }) => `imagebuilder/home?region=${region}#/viewImages`,
    attributes: ['arn'],
    cancelsById: true,
    rollsBack: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>;
