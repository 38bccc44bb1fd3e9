import { Fn, Token } from 'aws-cdk-lib';
import type { aws_cloudformation as cloudformation, ResourceEnvironment } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/** The operation of a stack set to cancel. */
export interface StackSetOperationOptions {
  /**
   * The ID of one operation, at most 100 characters. No other operation is cancelled.
   *
   * @default - the newest operation in flight when the cancellation begins; of operations in a queue, the oldest one, for
   * which the others wait
   */
  readonly operationId?: string;
}

/**
 * An operation of a CloudFormation stack set that creates, updates or deletes stack instances.
 *
 * Cancelling it stops it: stack instances that are in progress are completed, and no further ones begin. CloudFormation
 * rolls nothing back: the instances that are complete stay as they are. Each operation has an ID, and a stop names the ID: a
 * newer operation is never stopped by mistake. A drift detection is not a deployment, and is never stopped.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StopStackSetOperation.html
 */
export class StackSetOperation extends DeclaredDeployment {
  /**
   * An operation of a stack set that is addressed by its name.
   *
   * @param stackSetName the name of a stack set of the account, not its ID: it starts with a letter, and holds at most 128
   * letters, digits and hyphens
   * @param options the operation to cancel
   * @throws if CloudFormation does not accept the name or the ID; tokens are checked when the stack is deployed
   */
  public static fromStackSetName(stackSetName: string, options: StackSetOperationOptions = {}): StackSetOperation {
    return new StackSetOperation(stackSetName, options);
  }

  /**
   * An operation of a stack set of the CDK: the same as with `fromStackSetName`.
   *
   * @param stackSet a stack set in the account and region of the stack that cancels
   * @param options the operation to cancel
   * @throws if it is not a stack set
   */
  public static fromStackSet(
    stackSet: cloudformation.IStackSetRef,
    options: StackSetOperationOptions = {},
  ): StackSetOperation {
    const id = stackSet?.stackSetRef?.stackSetId;
    if (id === undefined) {
      throw new InvalidConfigurationError(
        `stackSet must be a CfnStackSet, not ${describe(stackSet)}: use fromStackSetName for a name`,
      );
    }
    // The ID of a stack set is NAME:UUID.
    const name = Token.isUnresolved(id) ? Fn.select(0, Fn.split(':', id)) : (id.split(':')[0] ?? '');
    return new StackSetOperation(name, options, stackSet.env);
  }

  /** @internal */
  public static _fromContract({ identifiers: { stackSetName = '', operationId } }: Deployment): StackSetOperation {
    return new StackSetOperation(stackSetName, { operationId });
  }

  private constructor(
    stackSetName: string,
    { operationId }: StackSetOperationOptions,
    environment?: ResourceEnvironment,
  ) {
    const identifiers = { stackSetName, ...(operationId !== undefined && { operationId }) };
    super({ kind: 'cloudformation-stack-set-operation', identifiers }, environment);
  }
}
