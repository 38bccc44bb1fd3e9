import { Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';

/**
 * What Lambda needs of the role of a function to place it in a network, and not what the managed policy gives beyond it.
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
  const look = ['ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets'];
  return [
    new PolicyStatement({
      actions: manage,
      resources: [Stack.of(scope).formatArn({ service: 'ec2', resource: '*', resourceName: '*' })],
    }),
    new PolicyStatement({ actions: look, resources: ['*'] }),
    // Lambda is the one that does it; a call that the code of a function makes has this key.
    new PolicyStatement({
      effect: Effect.DENY,
      actions: [...manage, ...look],
      resources: ['*'],
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  ];
}
