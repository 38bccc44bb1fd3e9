import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { type IRule, Rule } from 'aws-cdk-lib/aws-events';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledgements';
import { InvalidConfigurationError } from '../private/errors';
import { CancelDeploymentTarget, type CancelDeploymentTargetProps } from './cancel-deployment-target';

const STACK_ID = /^arn:[\w-]+:cloudformation:[\w-]+:\d{12}:stack\/[A-Za-z][A-Za-z0-9-]{0,127}\/[\w-]+$/;

/** Properties of `StackRollbackRule`. */
export interface StackRollbackRuleProps extends CancelDeploymentTargetProps {
  /**
   * The names of the stacks, in the account and region of the rule.
   *
   * @default - none
   */
  readonly stackNames?: string[];

  /**
   * The IDs of the stacks, which are ARNs. A stack that is deleted and created again has another ID.
   *
   * @default - none
   */
  readonly stackIds?: string[];
}

/**
 * A rule that cancels the deployment in flight when another stack begins to roll back. A deployment that the rollback
 * itself starts is not cancelled.
 *
 * The rollback does not wait for the cancellation: if it must wait, use `CancelOnRollback`. The order of resources in the other
 * stacks does not matter. The rule must not be in one of these stacks.
 *
 * By default, it runs the cancellation workflow of its own stack.
 */
@propertyInjectable
export class StackRollbackRule extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.StackRollbackRule';

  /** The rule of EventBridge. */
  public readonly rule: IRule;

  /**
   * @throws if no stack is named, a name or an ID is invalid, or the stack of the rule is named
   */
  constructor(scope: Construct, id: string, props: StackRollbackRuleProps) {
    super(scope, id);
    const { stackNames = [], stackIds = [] } = props;
    const own = Stack.of(this);
    if (stackNames.length + stackIds.length === 0) {
      throw new InvalidConfigurationError('stackNames or stackIds must contain at least one stack', this);
    }
    for (const name of stackNames) {
      if (!Token.isUnresolved(name) && !/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
        throw new InvalidConfigurationError(
          `stackNames must contain names of stacks, not '${name}': use stackIds for IDs`,
          this,
        );
      }
    }
    for (const stackId of stackIds) {
      if (!Token.isUnresolved(stackId) && !STACK_ID.test(stackId)) {
        throw new InvalidConfigurationError(
          `stackIds must contain IDs of stacks, arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/NAME/UUID, not '${stackId}': use stackNames for names`,
          this,
        );
      }
    }
    if (stackNames.includes(own.stackName) || stackIds.includes(own.stackId)) {
      throw new InvalidConfigurationError(
        `stackNames and stackIds must not contain the stack of the rule, ${own.stackName}: its rollback could remove the rule, so declare the rule in another stack`,
        this,
      );
    }
    const begins = stackNames.map((stackName) => ({
      prefix: own.formatArn({
        service: 'cloudformation',
        resource: 'stack',
        resourceName: `${stackName}/`,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    }));
    const rule = new Rule(this, 'Rule', {
      description: 'Cancels a deployment when a stack rolls back',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': [...stackIds, ...begins],
          'status-details': { status: ['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'] },
        },
      },
    });
    InvalidConfigurationError.naming(this, () => rule.addTarget(new CancelDeploymentTarget(props)));
    this.rule = rule;
    if (!props.deadLetterQueue) acknowledge(this.rule, 'lateEventsDropped');
  }
}
