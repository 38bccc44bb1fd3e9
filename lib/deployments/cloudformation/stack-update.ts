import { Aws, NestedStack, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { areDifferent } from '../../private/environment';
import { InvalidConfigurationError } from '../../private/errors';
import { withParents } from '../../private/nested-stacks';
import { DeclaredDeployment } from '../declared-deployment';
import { STACK_UPDATE } from './kinds';

/**
 * The update of a CloudFormation stack. Cancelling it rolls the stack back to its state before the update.
 *
 * The outcome is `CANCELLED` when the stack is `UPDATE_ROLLBACK_COMPLETE`, no matter what made it roll back. The
 * creation, the import and the rollback of a stack cannot be cancelled: they are `REFUSED`.
 *
 * A stack cannot cancel its own update, or the update of a stack that it is nested in: it would wait for itself.
 */
export class StackUpdate extends DeclaredDeployment {
  /**
   * The update of the stack with that name, in the account and region of the stack that cancels.
   *
   * @param stackName the name of the stack, not its ARN or an alias: 1 to 128 letters, digits and `-`, starting with a letter. A nested
   * stack cannot be cancelled by itself: name the stack that it is nested in
   * @throws if it is not the name of a stack; a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
   */
  public static fromStackName(stackName: string): StackUpdate {
    return new StackUpdate(stackName);
  }

  /**
   * The update of a stack of the CDK.
   *
   * @param stack a stack in the account and region of the stack that cancels. A nested stack cannot be cancelled by itself
   * @throws if it is not a stack, or is nested
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
   */
  public static fromStack(stack: Stack): StackUpdate {
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
    return new StackUpdate(stack.stackName, stack);
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): StackUpdate {
    return new StackUpdate(identifiers.stackName ?? '');
  }

  private constructor(
    private readonly stackName: string,
    private readonly stack?: Stack,
  ) {
    super({ kind: 'cloudformation-stack-update', identifiers: { stackName } }, stack);
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
    const { cancelAction, readAction, eventsAction, resource } = STACK_UPDATE;
    const family = withParents(Stack.of(scope));
    const known = family.filter((stack, index) => index === 0 || !NestedStack.isNestedStack(stack));
    return [
      new PolicyStatement({
        actions: [cancelAction, eventsAction, readAction],
        resources: [arn(resource({ stackName: this.stackName }))],
      }),
      // A name that is a token may turn out to be the name of this stack.
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [cancelAction],
        resources: known.map(({ stackName }) => arn(resource({ stackName }))),
      }),
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
