import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import type { CancellationWorkflowOptions, OptionName } from '../cancellation-workflow-options';

interface OptionRule {
  readonly rule: string;
  readonly isValid: (value: unknown) => boolean;
}

const ROLE = constructWith('roleArn', 'a role of the CDK, such as Role.fromRoleArn(…)');

const RULES: Readonly<Record<OptionName, OptionRule>> = {
  logRetention: member('RetentionDays', RetentionDays),
  logRemovalPolicy: member('RemovalPolicy', RemovalPolicy),
  logGroup: constructWith('logGroupArn', 'a log group of the CDK, such as LogGroup.fromLogGroupName(…)'),
  deploymentRole: ROLE,
  cloudFormationRole: ROLE,
  stateMachineRole: ROLE,
  tracing: { rule: 'true or false', isValid: (value) => typeof value === 'boolean' },
  memorySize: wholeNumber(128, 10_240),
  reservedConcurrentExecutions: wholeNumber(1),
  encryptionKey: constructWith('keyArn', 'a key of the CDK, such as Key.fromKeyArn(…)'),
  vpc: constructWith('vpcId', 'a VPC of the CDK, such as Vpc.fromLookup(…)'),
  vpcSubnets: { rule: 'a subnet selection', isValid: (value) => typeof value === 'object' },
  securityGroups: { rule: 'a list of security groups', isValid: Array.isArray },
};

/** @throws if an option has a value that it cannot have; the compiler checks neither numbers nor JavaScript */
export function validateOptions(options: CancellationWorkflowOptions, scope: IConstruct): void {
  for (const [name, value] of Object.entries(options)) {
    const { rule, isValid } = RULES[name as OptionName];
    if (!isValid(value)) throw new InvalidConfigurationError(`${name} must be ${rule}, not ${describe(value)}`, scope);
  }
}

function wholeNumber(min: number, max = Number.POSITIVE_INFINITY): OptionRule {
  return {
    rule: max === Number.POSITIVE_INFINITY ? `a whole number from ${min}` : `a whole number from ${min} to ${max}`,
    isValid: (value) =>
      Token.isUnresolved(value) || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max),
  };
}

function member(name: string, values: object): OptionRule {
  return { rule: `a member of ${name}`, isValid: (value) => Object.values(values).includes(value) };
}

function constructWith(property: string, rule: string): OptionRule {
  return { rule, isValid: (value) => Construct.isConstruct(value) && property in value };
}
