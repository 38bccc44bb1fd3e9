import { arnOf } from '../../core/environment';
import type { ResourceType } from '../cloudformation/resource-type';
import { named, type Properties, refuseOthers } from '../named-resource';
import type { Services } from '../resource-types';
import type { FunctionConfiguration } from './function';

/** The resource types of Lambda. */
export const LAMBDA_TYPES = {
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': functionPermission,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
} as const;

/** @param nameOrArn a name, or an ARN, which is returned unchanged */
function functionArn({ environment }: Services, nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(environment, 'lambda', `function:${nameOrArn}`);
}

function lambdaFunction(services: Services): ResourceType {
  const { assembly, inlineCode, roles, lambda } = services;
  return named(
    'FunctionName',
    (functionName, properties) => {
      const { S3Key, ZipFile } = properties.Code as { S3Key?: string; ZipFile?: string };
      if (S3Key === undefined && ZipFile === undefined) throw new Error(`${functionName} has no code that can be run`);
      const logging = (properties.LoggingConfig ?? {}) as { LogFormat?: FunctionConfiguration['logFormat'] };
      lambda.register({
        functionName,
        arn: functionArn(services, functionName),
        codeDirectory: ZipFile === undefined ? assembly.pathOf(String(S3Key)) : inlineCode.directoryOf(ZipFile),
        handler: String(properties.Handler),
        environment: ((properties.Environment ?? {}) as { Variables?: Record<string, string> }).Variables ?? {},
        memorySize: Number(properties.MemorySize ?? 128),
        timeout: Number(properties.Timeout ?? 3),
        accessKeyId: roles.accessKeyIdOf(String(properties.Role)),
        logFormat: logging.LogFormat,
      });
      return { physicalId: functionName, attributes: { Arn: functionArn(services, functionName) } };
    },
    (functionName) => lambda.deregister(functionArn(services, functionName)),
  );
}

function functionPermission(services: Services): ResourceType {
  const { functionPolicies } = services;
  const targetArn = ({ FunctionName }: Properties) => functionArn(services, String(FunctionName));
  return named(
    'Id',
    (id, properties) => {
      const { Action, Principal, SourceArn, FunctionName: _, ...others } = properties;
      // Nothing in the emulator uses other permissions than the one of EventBridge to invoke a function.
      if (Action !== 'lambda:InvokeFunction' || Principal !== 'events.amazonaws.com')
        return { physicalId: id, attributes: { Id: id } };
      refuseOthers(others, id);
      functionPolicies.put(targetArn(properties), id, {
        principal: Principal,
        sourceArn: SourceArn === undefined ? undefined : String(SourceArn),
      });
      return { physicalId: id, attributes: { Id: id } };
    },
    (id, properties) => functionPolicies.remove(targetArn(properties), id),
  );
}

function eventInvokeConfig(services: Services): ResourceType {
  const { lambda } = services;
  const targetArn = ({ FunctionName }: Properties) => functionArn(services, String(FunctionName));
  return named(
    'Id',
    (id, properties) => {
      const { MaximumEventAgeInSeconds, MaximumRetryAttempts, Qualifier, FunctionName: _, ...others } = properties;
      refuseOthers(others, id);
      if (Qualifier !== '$LATEST') throw new Error(`the emulator does not support the Qualifier ${Qualifier} of ${id}`);
      lambda.configureEvents(targetArn(properties), {
        maximumEventAge: optionalNumber(MaximumEventAgeInSeconds),
        maximumRetryAttempts: optionalNumber(MaximumRetryAttempts),
      });
      return { physicalId: id, attributes: {} };
    },
    (_, properties) => {
      if (lambda.has(targetArn(properties))) lambda.configureEvents(targetArn(properties), {});
    },
  );
}

function optionalNumber(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}
