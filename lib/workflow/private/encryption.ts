import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** Lets CloudWatch Logs use a key for the log groups of an account. Their names are not known before they are there. */
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
 * Has a state machine keep its definition and its executions under a key, and lets its role use that.
 *
 * CDK's own way knows the machine by a name that was given to it, and this one has none. Nor can the permission be a part
 * of the role, on which the machine depends.
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
  return new Policy(scope, 'StateMachineKeyPolicy', {
    roles: [role],
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
}

/** What it takes to see what an execution was given and what came of it: whoever asks has to be able to decrypt it. */
export function readExecutionStatement(key: IKey, stateMachineArn: string): PolicyStatement {
  return executionStatement(['kms:Decrypt'], key, stateMachineArn);
}

/** And what it takes to stop one with a cause, which is encrypted. */
export function stopExecutionStatement(key: IKey, stateMachineArn: string): PolicyStatement {
  return executionStatement(['kms:Decrypt', 'kms:GenerateDataKey'], key, stateMachineArn);
}

/** What it takes to keep encrypted parameters, by way of the Parameter Store only. */
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
