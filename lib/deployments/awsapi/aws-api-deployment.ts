import { StringConcat, Token, Tokenization } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';
import {
  API_PARAMETERS,
  type ApiCall,
  type ApiDeclaration,
  containsId,
  DEPLOYMENT_ID,
  DEPLOYMENT_NUMBER,
} from './kinds';

/** A call of an API of AWS. */
export interface AwsApiCall {
  /** The IAM action of the call, such as `states:StopExecution`. The part after the colon is the operation in the SDK. */
  readonly action: string;

  /** The resources that the action is allowed on, as ARNs; `*` if the action has no resource type. */
  readonly resources: string[];

  /**
   * The input of the operation, with the names of the SDK. `AwsApiDeployment.DEPLOYMENT_ID` in a string stands for the ID
   * of the deployment. Strings can be tokens, or contain them; other values cannot.
   */
  readonly parameters: { [name: string]: unknown };
}

/**
 * The call that reads the deployment. Paths are names of the response that are separated by periods, with indexes of lists:
 * `executions[0].status`. A path to an item that a list does not have means that there is no such deployment.
 */
export interface AwsApiRead extends AwsApiCall {
  /** The path of the ID of the deployment in the response. An ID has at most 100 characters. */
  readonly idPath: string;

  /** The path of its status. */
  readonly statusPath: string;

  /**
   * The path of the time at which it started.
   *
   * @default - unknown, which is only possible if the parameters contain the ID of the deployment
   */
  readonly startTimePath?: string;
}

/** The meanings of the statuses of an API. A status that is not named is neither over nor safe to cancel. */
export interface AwsApiStatuses {
  /** In flight: the deployment can be cancelled. */
  readonly inProgress: string[];
  /** Being cancelled, or rolling back. */
  readonly cancelling: string[];
  /** Over: cancelled, or rolled back. */
  readonly cancelled: string[];
  /** Over: failed. */
  readonly failed: string[];
  /** Over: succeeded. */
  readonly succeeded: string[];
}

/** Properties of `AwsApiDeployment`. */
export interface AwsApiDeploymentProps {
  /** A name of the deployment for people, in reasons and logs: `execution of Deploy`. It is no token. */
  readonly label: string;

  /** The end of the name of the client in the AWS SDK for JavaScript: `sfn` of `@aws-sdk/client-sfn`. */
  readonly service: string;

  /** The call that cancels. Its parameters contain the ID of the deployment. */
  readonly cancel: AwsApiCall;

  /** The call that reads: a deployment by its ID, or the newest of a resource. */
  readonly read: AwsApiRead;

  /** The meanings of the statuses. */
  readonly statuses: AwsApiStatuses;

  /**
   * The ID of the deployment.
   *
   * @default - the deployment that is read; required if the parameters of `read` contain the ID
   */
  readonly deploymentId?: string;

  /**
   * The names of the errors of a read that mean that the deployment, or its resource, does not exist.
   *
   * @default - none
   */
  readonly notFoundErrors?: string[];

  /**
   * The names of the errors that mean that the service does not accept the cancellation, besides those that the SDK calls
   * errors of the client.
   *
   * @default - none
   */
  readonly refusedErrors?: string[];
}

/**
 * A deployment of any API of AWS with a call that cancels and a call that reads, declared as data.
 *
 * Only the deployment that was read in progress is cancelled, by its ID. The declaration is fixed when the stack is
 * synthesized: an input of the workflow cannot name another API.
 *
 * The deployment function calls the API with the AWS SDK of its Lambda runtime.
 *
 * @experimental
 */
export class AwsApiDeployment extends DeclaredDeployment {
  /** Stands for the ID of the deployment in the parameters of a call. */
  public static readonly DEPLOYMENT_ID = DEPLOYMENT_ID;

  /** Stands for the ID of the deployment where the API takes a number. */
  public static readonly DEPLOYMENT_NUMBER = DEPLOYMENT_NUMBER;

  /**
   * A deployment of an API that is declared as data.
   *
   * @throws if the declaration is incomplete, or its cancel request does not contain the ID of the deployment
   */
  public static fromDeclaration(props: AwsApiDeploymentProps): AwsApiDeployment {
    for (const name of ['cancel', 'read'] as const) validateCall(name, props[name]);
    const { deploymentId, read } = props;
    if (deploymentId === undefined && containsId(read)) {
      throw new InvalidConfigurationError('deploymentId is required, because the parameters of read contain it');
    }
    const identifiers = { ...withoutTokens(props), ...(deploymentId !== undefined && { deploymentId }) };
    return new AwsApiDeployment(identifiers, props);
  }

  private constructor(
    identifiers: Readonly<Record<string, string>>,
    private readonly props: AwsApiDeploymentProps,
  ) {
    super({ kind: 'aws-api-deployment', identifiers });
  }

  /** @internal */
  protected override _statements(): PolicyStatement[] {
    const { cancel, read } = this.props;
    return [cancel, read].map(({ action, resources }) => new PolicyStatement({ actions: [action], resources }));
  }
}

/** @throws if a call is not one: the compiler does not check JavaScript */
function validateCall(name: string, call: AwsApiCall): void {
  if (typeof call?.action !== 'string' || !Array.isArray(call.resources) || call.resources.length === 0) {
    throw new InvalidConfigurationError(`${name} must be a call with an action and resources, not ${describe(call)}`);
  }
}

/** The declaration as JSON, with placeholders in place of its tokens, and the tokens by their names. */
function withoutTokens({ label, service, cancel, read, ...props }: AwsApiDeploymentProps) {
  const { idPath, statusPath, startTimePath } = read;
  const { statuses, notFoundErrors: notFound = [], refusedErrors: refused = [] } = props;
  const declaration: ApiDeclaration = {
    label,
    service,
    cancel: callOf(cancel),
    read: { ...callOf(read), idPath, statusPath, startTimePath },
    statuses,
    errors: { notFound, refused },
  };
  const tokens = new Map<string, string>();
  function mapToken(token: unknown): string {
    const text = String(token);
    const name = tokens.get(text) ?? API_PARAMETERS[tokens.size];
    if (name === undefined) throw new InvalidConfigurationError(`there can be at most ${tokens.size} different tokens`);
    tokens.set(text, name);
    return `{${name}}`;
  }
  const text = JSON.stringify(declaration, function (this: Readonly<Record<string, unknown>>, name) {
    // Not the value as JSON has it: a token that is an object has another one.
    const value = this[name];
    if (!Token.isUnresolved(value)) return value;
    if (typeof value !== 'string')
      throw new InvalidConfigurationError(`${name} must not be a token, unless it is a string`);
    return Tokenization.reverseString(value).mapTokens({ mapToken }).join(new StringConcat());
  });
  return { declaration: text, ...Object.fromEntries([...tokens].map(([token, name]) => [name, token])) };
}

function callOf({ action, parameters, resources }: AwsApiCall): ApiCall {
  return { action, parameters, resource: resources[0] ?? '' };
}
