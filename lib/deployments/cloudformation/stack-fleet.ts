import { Aws, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { FoundFleet } from '../../contract/fleet';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredFleet } from '../declared-fleet';
import { LIST_STACKS_ACTION } from './fleet-kinds';
import { STACK_UPDATE } from './kinds';
import { denyOnOwnStacks } from './own-stacks';

/**
 * The updates of all CloudFormation stacks with a tag that are in flight when the cancellation begins. Updates that start
 * later are not cancelled. Creations, deletions and imports of stacks are not cancelled either.
 *
 * Only root stacks count: the update of a nested stack is cancelled with that of its root stack. The stack that
 * waits for the cancellation is left out, and so is the root stack that contains it: each would wait for itself.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export class StackFleet extends DeclaredFleet {
  /**
   * The updates of the stacks with a tag, in the account and region of the stack that cancels.
   *
   * The permission to cancel has a condition on the tag. Reading needs permissions on all stacks of the account and region.
   *
   * @param tagKey the key of the tag: 1 to 128 letters, digits, spaces and `_ . : / = + @ -`, not a token
   * @param tagValue the value of the tag: 1 to 256 of the same characters
   * @throws if the key or the value is something else; a value that is a token is checked when the stack is deployed
   */
  public static fromTag(tagKey: string, tagValue: string): StackFleet {
    return new StackFleet(tagKey, tagValue);
  }

  private constructor(tagKey: string, tagValue: string) {
    super({ kind: 'cloudformation-tagged-stacks', identifiers: { tagKey, tagValue } });
    if (Token.isUnresolved(tagKey)) {
      throw new InvalidConfigurationError(
        'tagKey must be known at synthesis, not a token: it is a part of a condition key of the policy',
      );
    }
  }

  /** @internal */
  protected _statements(
    { tagKey, tagValue }: FoundFleet['identifiers'],
    arn: (path: string) => string,
    scope: IConstruct,
  ): PolicyStatement[] {
    const { cancelAction, readAction, eventsAction, resource } = STACK_UPDATE;
    const everyStack = arn(resource({ stackName: '*' }));
    return [
      new PolicyStatement({
        actions: [cancelAction],
        resources: [everyStack],
        conditions: { StringEquals: { [`aws:ResourceTag/${tagKey}`]: tagValue } },
      }),
      // Without the tag: a rollback may remove a tag that the update has added.
      new PolicyStatement({ actions: [eventsAction], resources: [everyStack] }),
      new PolicyStatement({
        actions: [LIST_STACKS_ACTION, readAction],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:RequestedRegion': Aws.REGION } },
      }),
      denyOnOwnStacks([cancelAction], arn, scope),
    ];
  }
}
