import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** Allows CloudWatch Logs to use a key for the log groups of the account, whose names are unknown at synthesis. */
export function allowLogs(scope: Construct, key: IKey): void {
  const stack = Stack.of(scope);
  const logGroups = {
    service: 'logs',
    resource: 'log-group',
    resourceName: '*',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  };
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.formatArn(logGroups) } },
    }),
  );
}

/**
 * Encrypts the definition and the executions of a state machine with a key, and allows its role to use the key.
 *
 * The `encryptionConfiguration` of the CDK needs a state machine with a name, and this one has none. The permission cannot
 * be a part of the role, because the state machine depends on the role.
 *
 * @returns the permission, without which no execution can start
 */
export function encryptStateMachine(
  scope: Construct,
  stateMachine: StateMachine,
  key: IKey,
  role: IRole = stateMachine.role,
): Policy {
  const resource = stateMachine.node.defaultChild as CfnStateMachine;
  resource.encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: key.keyArn };
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('delivery.logs.amazonaws.com')],
      actions: ['kms:Decrypt'],
      resources: ['*'],
    }),
  );
  const logs = Stack.of(scope).formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME });
  const policy = new Policy(scope, 'StateMachineKeyPolicy', {
    statements: [
      executionStatement(['kms:Decrypt', 'kms:GenerateDataKey'], key, stateMachine.stateMachineArn),
      new PolicyStatement({
        actions: ['kms:GenerateDataKey'],
        resources: [key.keyArn],
        conditions: {
          StringEquals: { 'kms:EncryptionContext:SourceArn': logs },
        },
      }),
    ],
  });
  role.attachInlinePolicy(policy);
  return policy;
}

/** The permission to decrypt the input and output of executions, for reading them. */
export function readExecutionStatement(key: IKey, stateMachineArn: string): PolicyStatement {
  return executionStatement(['kms:Decrypt'], key, stateMachineArn);
}

/** The permission to stop an execution with a cause, which is encrypted. */
export function stopExecutionStatement(key: IKey, stateMachineArn: string): PolicyStatement {
  return executionStatement(['kms:Decrypt', 'kms:GenerateDataKey'], key, stateMachineArn);
}

/** The permission to write and read encrypted parameters, through Parameter Store only. */
export function parameterStatement(scope: Construct, key: IKey, parameterArn: string): PolicyStatement {
  return new PolicyStatement({
    actions: ['kms:Encrypt', 'kms:Decrypt'],
    resources: [key.keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': `ssm.${Stack.of(scope).region}.amazonaws.com` },
      StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': parameterArn },
    },
  });
}

function executionStatement(actions: string[], key: IKey, stateMachineArn: string): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:EncryptionContext:aws:states:stateMachineArn': stateMachineArn } },
  });
}
