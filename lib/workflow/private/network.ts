import { Names, Stack } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { InvalidConfigurationError } from '../../private/errors';
import type { SharedOptions } from './shared-options';

/**
 * The permissions with which Lambda connects a function to a VPC. The managed policy has more of them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function networkStatements(scope: Construct): PolicyStatement[] {
  const manage = [
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const describe = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
  return [
    new PolicyStatement({
      actions: manage,
      // A subnet or security group that is shared belongs to another account.
      resources: [Stack.of(scope).formatArn({ service: 'ec2', account: '*', resource: '*', resourceName: '*' })],
    }),
    new PolicyStatement({ actions: describe, resources: ['*'] }),
    // Lambda uses these permissions; only calls of the code of a function have this condition key.
    new PolicyStatement({
      effect: Effect.DENY,
      actions: [...manage, ...describe],
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  ];
}

/**
 * Connects a function to a VPC. The CDK can do that only when it creates the function, and the VPC may be set later.
 *
 * @throws if a subnet is public
 */
export function connectToNetwork(lambda: LambdaFunction, vpc: IVpc, options: SharedOptions): void {
  const { subnetIds, subnets, internetConnectivityEstablished } = vpc.selectSubnets(options.get('vpcSubnets'));
  const isPublic = new Set(vpc.publicSubnets.map(({ subnetId }) => subnetId));
  const found = subnets.find(({ subnetId }) => isPublic.has(subnetId));
  if (found) {
    throw new InvalidConfigurationError(
      `vpcSubnets must not contain a public subnet, such as ${found.node.path}: functions have no access to the internet in it`,
    );
  }
  const groups = options.get('securityGroups') ?? [
    new SecurityGroup(lambda, 'SecurityGroup', {
      vpc,
      description: `Automatic security group for Lambda Function ${Names.uniqueId(lambda)}`,
    }),
  ];
  const resource = lambda.node.defaultChild as CfnFunction;
  resource.vpcConfig = { subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId) };
  lambda.node.addDependency(internetConnectivityEstablished);
}
