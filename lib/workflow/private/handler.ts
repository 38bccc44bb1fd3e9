import type { Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  determineLatestNodeRuntime,
  Function as LambdaFunction,
  LoggingFormat,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../../private/acknowledgements';
import type { WorkflowOptions } from '../cancellation-workflow-options';
import type { HandlerCode, HandlerPart } from './handler-code';
import { createLogGroup } from './log-group';
import { networkStatements } from './network';

/** A function of this package, with its role and its log group. */
export interface Handler {
  readonly lambda: LambdaFunction;
  readonly role: Role;
}

interface HandlerProps extends WorkflowOptions {
  readonly code: HandlerCode;
  /** Which part of the code it is. */
  readonly part: HandlerPart;
  readonly description: string;
  readonly timeout: Duration;
  readonly environment?: Record<string, string>;
  /** What it may do for as long as it is there; none unless told. */
  readonly statements?: readonly PolicyStatement[];
}

/** The function may write to its own log group, and what it is told; what else it may, its user adds. */
export function createHandler(scope: Construct, id: string, props: HandlerProps): Handler {
  const { code, part, description, timeout, environment, statements = [] } = props;
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
    handler: `${part}.handler`,
    code,
    loggingFormat: LoggingFormat.JSON,
    tracing: tracing ? Tracing.ACTIVE : undefined,
    // Lambda is given what it needs of the key by whoever deploys the function, in a grant.
    environmentEncryption: encryptionKey,
    vpc,
    vpcSubnets,
    securityGroups,
  });
  if (vpc) {
    acknowledge(role, 'lambdaLooksForInterfaces');
    acknowledgeWildcards(role, networkStatements(scope), 'Network interfaces have no ids before they are there.');
  }
  if (tracing) acknowledge(role, 'noResourceType');
  else acknowledge(lambda, 'functionNotTraced');
  return { lambda, role };
}

export function createRole(scope: Construct, id: string, service: string, statements: PolicyStatement[]): Role {
  return new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal(service),
    inlinePolicies: { Own: new PolicyDocument({ statements }) },
  });
}
