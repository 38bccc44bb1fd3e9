import { Aws, NestedStack, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { OnRollbackFailed } from '../../contract/outcome';
import { describe } from '../../private/describe';
import { areDifferent } from '../../private/environment';
import { InvalidConfigurationError } from '../../private/errors';
import { withParents } from '../../private/nested-stacks';
import { DeclaredDeployment } from '../declared-deployment';
import { STACK_UPDATE } from './kinds';
import { denyOnOwnStacks } from './own-stacks';

/** What a cancellation of a stack may do beside cancelling its update. */
export interface StackUpdateOptions {
  /**
   * What to do when the rollback of the update fails, so that the stack is `UPDATE_ROLLBACK_FAILED`.
   *
   * With `CONTINUE`, the rollback of the update that was in flight is continued once, and never that of another update.
   * Nothing is continued if the stack has no service role, because CloudFormation would use the role of the cancellation.
   *
   * @default OnRollbackFailed.FAIL - the outcome is `CANCEL_FAILED`
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
   */
  readonly onRollbackFailed?: OnRollbackFailed;

  /**
   * The resources that the continued rollback skips: their logical IDs, or `NESTED_STACK_NAME.LOGICAL_ID`. CloudFormation
   * leaves a skipped resource as it is, so that it may differ from the template. Only with `OnRollbackFailed.CONTINUE`.
   *
   * @default - none
   */
  readonly resourcesToSkip?: string[];

  /**
   * Whether to delete the stack if its creation is in progress. CloudFormation cannot cancel a creation otherwise. A stack
   * that is not being created is never deleted. A stack without a service role is not deleted either, because CloudFormation
   * would use the role of the cancellation.
   *
   * CloudFormation has no condition on a deletion: a creation that completes at the moment of the request is deleted as well.
   *
   * @default false - the creation of a stack is `REFUSED`
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
   */
  readonly deleteOnCreate?: boolean;
}

/**
 * The update of a CloudFormation stack. Cancelling it rolls the stack back to its state before the update.
 *
 * The outcome is `CANCELLED` when the stack is `UPDATE_ROLLBACK_COMPLETE`, no matter what made it roll back. The
 * creation, the import and the rollback of a stack cannot be cancelled: they are `REFUSED`, unless `deleteOnCreate` allows
 * to delete a stack whose creation is in progress.
 *
 * A stack cannot cancel its own update, or the update of a stack that it is nested in: it would wait for itself.
 */
export class StackUpdate extends DeclaredDeployment {
  /**
   * The update of the stack with that name, in the account and region of the stack that cancels.
   *
   * @param stackName the name of the stack, not its ARN or an alias: 1 to 128 letters, digits and `-`, starting with a letter.
   * The update of a nested stack cannot be cancelled alone: name its root stack
   * @param options what the cancellation may do beside cancelling the update
   * @throws if it is not the name of a stack, or an option is not valid; tokens are checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
   */
  public static fromStackName(stackName: string, options: StackUpdateOptions = {}): StackUpdate {
    return new StackUpdate(stackName, options);
  }

  /**
   * The update of a stack of the CDK.
   *
   * @param stack a stack in the account and region of the stack that cancels, and not a nested one
   * @param options what the cancellation may do beside cancelling the update
   * @throws if it is not a stack, or is nested, or an option is not valid
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
   */
  public static fromStack(stack: Stack, options: StackUpdateOptions = {}): StackUpdate {
    if (!Stack.isStack(stack)) {
      throw new InvalidConfigurationError(
        `stack must be a Stack of the CDK, not ${describe(stack)}: use fromStackName for a name`,
      );
    }
    if (NestedStack.isNestedStack(stack)) {
      const root = withParents(stack).at(-1);
      throw new InvalidConfigurationError(
        `a nested stack cannot be cancelled by itself: use the stack that it is nested in, ${root?.node.path}`,
        stack,
      );
    }
    return new StackUpdate(stack.stackName, options, stack);
  }

  /** @internal */
  public static _fromContract({ identifiers, options }: Deployment): StackUpdate {
    // The constructor checks them again.
    return new StackUpdate(identifiers.stackName ?? '', (options ?? {}) as StackUpdateOptions);
  }

  private readonly actions: readonly string[];

  private constructor(
    private readonly stackName: string,
    { onRollbackFailed, resourcesToSkip, deleteOnCreate }: StackUpdateOptions,
    private readonly stack?: Stack,
  ) {
    const options = {
      ...(onRollbackFailed !== undefined && { onRollbackFailed }),
      ...(resourcesToSkip !== undefined && { resourcesToSkip }),
      ...(deleteOnCreate !== undefined && { deleteOnCreate }),
    };
    const given = Object.keys(options).length > 0 && { options };
    super({ kind: 'cloudformation-stack-update', identifiers: { stackName }, ...given }, stack);
    const { cancelAction, continueAction, deleteAction } = STACK_UPDATE;
    this.actions = [
      cancelAction,
      ...(onRollbackFailed === OnRollbackFailed.CONTINUE ? [continueAction] : []),
      ...(deleteOnCreate ? [deleteAction] : []),
    ];
  }

  /**
   * The permissions that cancelling the update and reading its status take, and no others; cancelling the updates of the
   * stack itself is denied.
   *
   * @param scope where the cancellation is declared; the deployment is in the account and region of its stack
   * @throws if the deployment is known to be an update of the stack of `scope`, or of a stack that this one is nested in,
   * or to be in another account or region
   */
  public override policyStatements(scope: IConstruct): PolicyStatement[] {
    return super.policyStatements(scope);
  }

  /** @internal */
  public override _validateEnvironment(scope: IConstruct, roleAccount?: string): void {
    const stack = Stack.of(scope);
    // In another account, a stack of the same name is another stack.
    if (roleAccount === undefined || !areDifferent(roleAccount, stack.account))
      this.refuseOwn(withParents(stack), scope);
    super._validateEnvironment(scope, roleAccount);
  }

  /** @internal */
  protected override _statements(
    _identifiers: Deployment['identifiers'],
    arn: (path: string) => string,
    scope: IConstruct,
  ): PolicyStatement[] {
    const { readAction, eventsAction, resource } = STACK_UPDATE;
    return [
      new PolicyStatement({
        actions: [...this.actions, eventsAction, readAction],
        resources: [arn(resource({ stackName: this.stackName }))],
      }),
      // A name that is a token may turn out to be the name of this stack.
      denyOnOwnStacks(this.actions, arn, scope),
    ];
  }

  private refuseOwn(family: readonly Stack[], scope: IConstruct): void {
    const [own] = family;
    const text = (name: string) => JSON.stringify(own?.resolve(name));
    const found =
      text(this.stackName) === text(Aws.STACK_NAME)
        ? own
        : family.find((stack) => stack === this.stack || text(stack.stackName) === text(this.stackName));
    if (!found) return;
    const whose = found === own ? 'its own update' : `the update of ${found.node.path}, in which it is nested`;
    throw new InvalidConfigurationError(
      `a stack cannot cancel ${whose}: it would wait for itself; declare the cancellation in another stack`,
      scope,
    );
  }
}
