import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type CfnFunction,
  Code,
  determineLatestNodeRuntime,
  Function as LambdaFunction,
  LoggingFormat,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../../private/acknowledgements';
import { createLogGroup } from './log-group';
import { connectToNetwork, networkStatements } from './network';
import { createRole, type WorkflowRole } from './role';
import type { SharedOptions } from './shared-options';

/** The code of all functions: one asset, bundled before the package is published. Nothing is bundled at synthesis. */
const BUNDLES = join(__dirname, '..', '..', '..', 'dist', 'lambda');

/** A function of this package, with its role. */
export interface Handler extends WorkflowRole {
  readonly lambda: LambdaFunction;
}

interface HandlerProps {
  /** The folder of `lambda/` that holds the function. */
  readonly entry: 'cloudformation' | 'codepipeline' | 'deployment';
  readonly description: string;
  readonly timeout: Duration;
  readonly options: SharedOptions;
  readonly environment?: Record<string, string>;
  /** The maximum age of asynchronous events. Default: the function gets no asynchronous events. */
  readonly maxEventAge?: Duration;
  /** The permissions in the role itself, which last as long as the role. */
  readonly statements?: readonly PolicyStatement[];
  /** Default: a role is created. */
  readonly role?: IRole;
}

/** Creates a function that may write to its log group and has the permissions of `statements`. Callers add others. */
export function createHandler(scope: Construct, id: string, props: HandlerProps): Handler {
  const { entry, description, timeout, options, environment, maxEventAge, statements = [] } = props;
  const logGroup = createLogGroup(scope, `${id}Logs`, options);
  const writeLogs = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
  const role = createRole(scope, id, 'lambda.amazonaws.com', [writeLogs, ...statements], props.role);
  const lambda = new LambdaFunction(scope, `${id}Function`, {
    description,
    role: role.role,
    logGroup,
    timeout,
    environment,
    runtime: determineLatestNodeRuntime(scope),
    architecture: Architecture.ARM_64,
    memorySize: 128,
    handler: `${entry}.handler`,
    code: Code.fromAsset(BUNDLES),
    loggingFormat: LoggingFormat.JSON,
  });
  if (maxEventAge) lambda.configureAsyncInvoke({ maxEventAge, retryAttempts: 2 });
  lambda.node.defaultChild?.node.addDependency(role.holder);
  const handler = { lambda, ...role };
  applyOptions(handler, options);
  return handler;
}

/** Applies the options of the workflow to a function, now or when they are set. */
function applyOptions({ lambda, document, holder, allow }: Handler, options: SharedOptions): void {
  const resource = lambda.node.defaultChild as CfnFunction;
  options.whenSet('memorySize', (memorySize) => {
    resource.memorySize = memorySize;
  });
  options.whenSet('reservedConcurrentExecutions', (count) => {
    resource.reservedConcurrentExecutions = count;
  });
  options.whenSet('encryptionKey', ({ keyArn }) => {
    // Lambda gets access to the key in a grant, which the deploying principal creates.
    resource.kmsKeyArn = keyArn;
  });
  options.whenSet('vpc', (vpc) => {
    connectToNetwork(lambda, vpc, options);
    const statements = networkStatements(lambda);
    document.addStatements(...statements);
    acknowledge(holder, 'describesNetwork');
    acknowledgeWildcards(holder, statements, 'The IDs of network interfaces are unknown at synthesis.');
  });
  acknowledge(lambda, 'functionNotTraced');
  options.whenSet('tracing', (tracing) => {
    if (!tracing) return;
    resource.tracingConfig = { mode: 'Active' };
    allow(new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }));
    acknowledge(holder, 'noResourceType');
  });
}
