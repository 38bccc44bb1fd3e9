import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { ENVIRONMENT, RESPONSE_MARGIN_SECONDS, TIMEOUT_SECONDS } from '../../contract/cancellation';
import { acknowledge, acknowledgeWildcards } from '../../private/acknowledgements';
import { OWN_NAMES } from './cloudformation-policy';
import type { Declarations } from './declarations';
import { parameterStatement } from './encryption';
import { createHandler, type Handler } from './handler';
import type { SharedOptions } from './shared-options';

/**
 * The maximum age of the events of the CloudFormation function: the longest `ServiceTimeout`. CloudFormation does not wait
 * for a response to an older event, and a late request must not cancel a newer deployment.
 */
const MAX_EVENT_AGE = Duration.seconds(TIMEOUT_SECONDS.max + RESPONSE_MARGIN_SECONDS);

/** Creates the function that calls the service whose deployment is cancelled. */
export function createDeploymentFunction(
  scope: Construct,
  options: SharedOptions,
  declarations: Declarations,
): Handler {
  const handler = createHandler(scope, 'Deployment', {
    options,
    entry: 'deployment',
    description: 'Cancels a deployment and reads its status',
    timeout: Duration.minutes(5),
    environment: declarations.environment,
    role: options.get('deploymentRole'),
  });
  acknowledge(handler.lambda, 'synchronous');
  return handler;
}

/** Creates the function that handles the requests of CloudFormation. It keeps response URLs in parameters. */
export function createCloudFormationFunction(scope: Construct, options: SharedOptions): Handler {
  const stack = Stack.of(scope);
  const path = `deployment-cancellation/${stack.stackName}`;
  const parameters = stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: `${path}/*` });
  // Inline in the role: the deletion of a stack may remove a separate policy while the function still has parameters to delete.
  const statements = [
    new PolicyStatement({
      actions: ['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter'],
      resources: [parameters],
    }),
  ];
  const handler = createHandler(scope, 'CloudFormation', {
    options,
    entry: 'cloudformation',
    description: 'Handles the requests of CloudFormation to cancel a deployment',
    timeout: Duration.minutes(5),
    environment: { [ENVIRONMENT.parameterPath]: `/${path}` },
    statements,
    role: options.get('cloudFormationRole'),
    maxEventAge: MAX_EVENT_AGE,
  });
  options.whenSet('encryptionKey', (key) => {
    handler.lambda.addEnvironment(ENVIRONMENT.parameterKey, key.keyArn);
    handler.document.addStatements(parameterStatement(scope, key, parameters));
  });
  acknowledge(handler.lambda, 'holdsResponseUrls');
  acknowledgeWildcards(handler.holder, statements, OWN_NAMES);
  return handler;
}
