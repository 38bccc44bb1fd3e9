import { RemovalPolicy } from 'aws-cdk-lib';
import { LogGroup, type LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { WorkflowOptions } from '../cancellation-workflow-options';
import { allowLogs } from './encryption';

/** Creates a log group that is deleted with its stack. */
export function createLogGroup(
  scope: Construct,
  id: string,
  { logRetention, encryptionKey }: WorkflowOptions,
  more?: LogGroupProps,
): LogGroup {
  if (encryptionKey) allowLogs(scope, encryptionKey);
  return new LogGroup(scope, id, {
    ...more,
    retention: logRetention,
    encryptionKey,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}
