import { Template } from 'aws-cdk-lib/assertions';
import { createTemplateStack } from './stack';

interface PlainTemplate {
  Parameters: Record<string, unknown>;
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown>; Metadata?: unknown }>;
}

const CODE_PARAMETERS = {
  CodeBucket: { Type: 'String', Description: 'The bucket, in the region of the stack, that holds the functions' },
  CodeKey: {
    Type: 'String',
    Default: 'cancellation-functions.zip',
    Description: 'The key of cancellation-functions.zip of the same release in that bucket',
  },
} as const;

/** The plain template. The code of its functions is where its parameters say. */
export function renderTemplate(): PlainTemplate {
  const { Parameters, Resources, ...others } = Template.fromStack(createTemplateStack()).toJSON() as PlainTemplate;
  const resources = Object.entries(Resources).map(([id, { Metadata, ...resource }]) => {
    const { Type, Properties } = resource;
    if (Type !== 'AWS::Lambda::Function' || !hasAsset(Properties?.Code)) return [id, resource];
    const Code = { S3Bucket: { Ref: 'CodeBucket' }, S3Key: { Ref: 'CodeKey' } };
    return [id, { ...resource, Properties: { ...Properties, Code } }];
  });
  return { ...others, Parameters: { ...CODE_PARAMETERS, ...Parameters }, Resources: Object.fromEntries(resources) };
}

function hasAsset(code: unknown): boolean {
  return typeof code === 'object' && code !== null && 'S3Key' in code;
}
