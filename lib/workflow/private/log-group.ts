import { RemovalPolicy } from 'aws-cdk-lib';
import { type CfnLogGroup, type ILogGroup, LogGroup, type LogGroupProps, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { allowLogs } from './encryption';
import type { SharedOptions } from './shared-options';

/** Creates a log group that is deleted with its stack by default, or returns the given one. */
export function createLogGroup(scope: Construct, id: string, options: SharedOptions, more?: LogGroupProps): ILogGroup {
  const given = options.get('logGroup');
  if (given) return given;
  const logGroup = new LogGroup(scope, id, {
    ...more,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const resource = logGroup.node.defaultChild as CfnLogGroup;
  options.whenSet('logRetention', (retention) => {
    resource.retentionInDays = retention === RetentionDays.INFINITE ? undefined : retention;
  });
  options.whenSet('logRemovalPolicy', (policy) => logGroup.applyRemovalPolicy(policy));
  options.whenSet('encryptionKey', (key) => {
    allowLogs(scope, key);
    resource.kmsKeyId = key.keyArn;
  });
  return logGroup;
}
