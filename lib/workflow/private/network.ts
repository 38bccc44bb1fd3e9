import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

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
