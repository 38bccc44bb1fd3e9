import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  determineLatestNodeRuntime,
  Function as LambdaFunction,
  LoggingFormat,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../../private/acknowledgements';
import type { WorkflowOptions } from '../cancellation-workflow-options';
import { createLogGroup } from './log-group';
import { networkStatements } from './network';

/** The code of all functions: one asset, bundled before the package is published. Nothing is bundled at synthesis. */
const BUNDLES = join(__dirname, '..', '..', '..', 'dist', 'lambda');

/** A function of this package, with its role and its log group. */
export interface Handler {
  readonly lambda: LambdaFunction;
  readonly role: Role;
}

interface HandlerProps extends WorkflowOptions {
  /** The folder of `lambda/` that holds the function. */
  readonly entry: 'cloudformation' | 'codepipeline' | 'deployment';
  readonly description: string;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
  /** The maximum age of asynchronous events. Default: the function gets no asynchronous events. */
  readonly maxEventAge?: Duration;
  /** The permissions in the role itself, which last as long as the role. */
  readonly statements?: readonly PolicyStatement[];
}

/** Creates a function that may write to its log group and has the permissions of `statements`. Callers add others. */
export function createHandler(scope: Construct, id: string, props: HandlerProps): Handler {
  const { entry, description, timeout, environment, maxEventAge, statements = [] } = props;
  const { tracing, encryptionKey, vpc, vpcSubnets, securityGroups } = props;
  const logGroup = createLogGroup(scope, `${id}Logs`, props);
  const role = createRole(scope, id, 'lambda.amazonaws.com', [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
    ...statements,
    ...(vpc ? networkStatements(scope) : []),
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
    handler: `${entry}.handler`,
    code: Code.fromAsset(BUNDLES),
    loggingFormat: LoggingFormat.JSON,
    tracing: tracing ? Tracing.ACTIVE : undefined,
    // Lambda gets access to the key in a grant, which the deploying principal creates.
    environmentEncryption: encryptionKey,
    vpc,
    vpcSubnets,
    securityGroups,
  });
  if (maxEventAge) lambda.configureAsyncInvoke({ maxEventAge, retryAttempts: 2 });
  if (vpc) {
    acknowledge(role, 'describesNetwork');
    acknowledgeWildcards(role, networkStatements(scope), 'The IDs of network interfaces are unknown at synthesis.');
  }
  if (tracing) acknowledge(role, 'noResourceType');
  else acknowledge(lambda, 'functionNotTraced');
  return { lambda, role };
}

/** Creates a role with an inline policy. */
export function createRole(scope: Construct, id: string, service: string, statements: PolicyStatement[]): Role {
  return new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal(service),
    inlinePolicies: { Own: new PolicyDocument({ statements }) },
  });
}
