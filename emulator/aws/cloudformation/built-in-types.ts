import { STACK_TYPE } from './engine';

/** The metadata that the CDK adds to templates. */
export const METADATA_TYPE = 'AWS::CDK::Metadata';

const CUSTOM_TYPE = /^(Custom::.+|AWS::CloudFormation::CustomResource)$/;

/** Whether a type is that of a resource with a function behind it. */
export function isCustomType(type: string): boolean {
  return CUSTOM_TYPE.test(type);
}

/** Whether CloudFormation itself has a type. */
export function isBuiltInType(type: string): boolean {
  return type === STACK_TYPE || type === METADATA_TYPE || isCustomType(type);
}
