import { join } from 'node:path';
import type { Duration } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
import type { SharedOptions } from './shared-options';

/** The code of all functions: one asset, bundled before the package is published. Nothing is bundled at synthesis. */
const BUNDLES = join(__dirname, '..', '..', '..', 'dist', 'lambda');

/** A function of this package, with its role and its log group. */
export interface Handler {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  /** The inline policy of the role, which lasts as long as the role. */
  readonly document: PolicyDocument;
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
}

/** Creates a function that may write to its log group and has the permissions of `statements`. Callers add others. */
export function createHandler(scope: Construct, id: string, props: HandlerProps): Handler {
  const { entry, description, timeout, options, environment, maxEventAge, statements = [] } = props;
  const logGroup = createLogGroup(scope, `${id}Logs`, options);
  const { role, document } = createRole(scope, id, 'lambda.amazonaws.com', [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    }),
    ...statements,
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
  });
  if (maxEventAge) lambda.configureAsyncInvoke({ maxEventAge, retryAttempts: 2 });
  const handler = { lambda, role, document };
  applyOptions(handler, options);
  return handler;
}

/** Applies the options of the workflow to a function, now or when they are set. */
function applyOptions({ lambda, role, document }: Handler, options: SharedOptions): void {
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
    acknowledge(role, 'describesNetwork');
    acknowledgeWildcards(role, statements, 'The IDs of network interfaces are unknown at synthesis.');
  });
  acknowledge(lambda, 'functionNotTraced');
  options.whenSet('tracing', (tracing) => {
    if (!tracing) return;
    resource.tracingConfig = { mode: 'Active' };
    role.addToPolicy(
      new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] }),
    );
    acknowledge(role, 'noResourceType');
  });
}

/** Creates a role with an inline policy. The document of the policy can be extended until synthesis. */
export function createRole(
  scope: Construct,
  id: string,
  service: string,
  statements: PolicyStatement[],
): { readonly role: Role; readonly document: PolicyDocument } {
  const document = new PolicyDocument({ statements });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal(service),
    inlinePolicies: { Own: document },
  });
  return { role, document };
}
