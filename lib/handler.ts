import { join } from 'node:path';
import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  determineLatestNodeRuntime,
  Function as LambdaFunction,
  LoggingFormat,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** A function of this package, with its role and its log group. */
export interface Handler {
  readonly lambda: LambdaFunction;
  readonly role: Role;
}

interface HandlerProps {
  /** The folder of `lambda/` that holds it. */
  readonly code: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
}

/** The function may write to its own log group; what else it may, its user adds. */
export function makeHandler(scope: Construct, id: string, props: HandlerProps): Handler {
  const { code, description, timeout, environment, logRetention, tracing } = props;
  const logGroup = new LogGroup(scope, `${id}Logs`, { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
  const role = makeRole(scope, id, 'lambda.amazonaws.com', [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
  ]);
  const lambda = new LambdaFunction(scope, `${id}Function`, {
    description,
    role,
    logGroup,
    timeout,
    environment,
    runtime: determineLatestNodeRuntime(scope),
    architecture: Architecture.ARM_64,
    memorySize: 128,
    handler: 'index.handler',
    // Built before the package was published: nothing is bundled at synth.
    code: Code.fromAsset(join(__dirname, '..', 'dist', 'lambda', code)),
    loggingFormat: LoggingFormat.JSON,
    tracing: tracing ? Tracing.ACTIVE : undefined,
  });
  return { lambda, role };
}

export function makeRole(scope: Construct, id: string, service: string, statements: PolicyStatement[]): Role {
  return new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal(service),
    inlinePolicies: { Own: new PolicyDocument({ statements }) },
  });
}
