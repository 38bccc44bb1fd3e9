import { Aws, NestedStack, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { Deployment } from '../../contract/cancellation';
import { validateEnvironment } from '../../private/environment';
import { InvalidConfigurationError } from '../../private/errors';
import { CancellableDeployment } from '../cancellable-deployment';
import { validateIdentifiers } from '../checked-subject';
import { STACK_UPDATE } from './kinds';

/** Which CloudFormation stack. */
export interface StackUpdateProps {
  /**
   * The name of the stack, not its ARN: 1 to 128 letters, digits and `-`, starting with a letter. Of a nested stack,
   * name the stack that it is nested in: it cannot be cancelled by itself.
   */
  readonly stackName: string;
}

/**
 * The update of a CloudFormation stack. Cancelling it rolls the stack back to what it was before.
 *
 * Its outcome is `CANCELLED` when the stack is `UPDATE_ROLLBACK_COMPLETE`, whoever or whatever made it roll back. The
 * creation, the import and the rollback of a stack cannot be cancelled: they are `REFUSED`.
 *
 * A stack cannot cancel an update of its own, or of a stack that it is nested in, on which it would wait for ever.
 */
export class StackUpdate extends CancellableDeployment {
  /**
   * The update of the stack of that name, in the account and the region of the stack that cancels.
   *
   * @throws if it is not a name of a stack; a name that is a token is checked when the stack is deployed
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
   */
  public static of(props: StackUpdateProps): StackUpdate {
    return new StackUpdate(props.stackName);
  }

  /**
   * The update of a stack of the CDK.
   *
   * @param stack has to be in the account and the region of the stack that cancels, and not be nested
   * @throws if it is nested
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
   */
  public static ofStack(stack: Stack): StackUpdate {
    if (NestedStack.isNestedStack(stack)) {
      const root = familyOf(stack).at(-1);
      throw new InvalidConfigurationError(
        `a nested stack cannot be cancelled by itself: use the stack that it is nested in, ${root?.node.path}`,
        stack,
      );
    }
    return new StackUpdate(stack.stackName, stack);
  }

  public readonly displayName: string;

  private constructor(
    private readonly stackName: string,
    private readonly stack?: Stack,
  ) {
    super();
    this.displayName = validateIdentifiers(this._toContract());
  }

  /**
   * What has to be allowed to cancel it and to read its status, and nothing else; the cancellation of the stack's own
   * updates is denied.
   *
   * @param scope where the cancellation is declared; its stack's account and region are the deployment's
   * @throws if it is known to be the stack of `scope`, or one that this is nested in, or to be in another account or region
   */
  public policyStatements(scope: IConstruct): PolicyStatement[] {
    const family = familyOf(Stack.of(scope));
    this.refuseOwn(family, scope);
    if (this.stack) validateEnvironment(this.displayName, this.stack, scope);
    const { cancelAction, readAction, eventsAction, resource } = STACK_UPDATE;
    const arn = (stackName: string) =>
      Stack.of(scope).formatArn({ service: 'cloudformation', resource: resource(stackName) });
    const known = family.filter((stack, index) => index === 0 || !NestedStack.isNestedStack(stack));
    return [
      new PolicyStatement({ actions: [cancelAction, eventsAction, readAction], resources: [arn(this.stackName)] }),
      // Where the name is a token, nobody else can know that it is the stack's own.
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [cancelAction],
        resources: known.map(({ stackName }) => arn(stackName)),
      }),
    ];
  }

  /** @internal */
  public _toContract(): Deployment {
    return { kind: 'cloudformation-stack-update', identifiers: { stackName: this.stackName } };
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

/** A stack, and those that it is nested in, the outermost last. */
function familyOf(stack: Stack): Stack[] {
  const { nestedStackParent } = stack;
  return [stack, ...(nestedStackParent ? familyOf(nestedStackParent) : [])];
}
