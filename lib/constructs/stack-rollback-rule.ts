import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import { type IRule, Rule } from 'aws-cdk-lib/aws-events';
import { propertyInjectable } from 'aws-cdk-lib/core/lib/prop-injectable';
import { Construct } from 'constructs';
import { acknowledge } from '../private/acknowledgements';
import { InvalidConfigurationError } from '../private/errors';
import { CancelDeploymentTarget, type CancelDeploymentTargetProps } from './cancel-deployment-target';

/** What is cancelled, and which stacks are watched. */
export interface StackRollbackRuleProps extends CancelDeploymentTargetProps {
  /**
   * The names of the stacks, in the account and region of the rule.
   *
   * @default - none
   */
  readonly stackNames?: string[];

  /**
   * The ids of the stacks, which are ARNs. A stack that is deleted and created again has another id.
   *
   * @default - none
   */
  readonly stackIds?: string[];
}

/**
 * Watches stacks from outside: when one of them begins to roll back, the deployment that is in flight is cancelled.
 * One that the rollback itself starts is not.
 *
 * It does not depend on the order of resources in the stacks that it watches, nor does a rollback wait for it, for which
 * there is `CancelOnRollback`. It has to be in a stack that is not one of them.
 *
 * Unless told otherwise, it runs the cancellation workflow of its own stack.
 */
@propertyInjectable
export class StackRollbackRule extends Construct {
  /** Uniquely identifies this class. */
  public static readonly PROPERTY_INJECTION_ID = 'cdk-deployment-cancellation.StackRollbackRule';

  /** The rule of EventBridge. */
  public readonly rule: IRule;

  /**
   * @throws if no stack is named, or the stack that holds the rule is
   */
  constructor(scope: Construct, id: string, props: StackRollbackRuleProps) {
    super(scope, id);
    const { stackNames = [], stackIds = [] } = props;
    const own = Stack.of(this);
    if (stackNames.length + stackIds.length === 0) {
      throw new InvalidConfigurationError('at least one stack has to be in stackNames or stackIds', this);
    }
    for (const name of stackNames) {
      if (!Token.isUnresolved(name) && !/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name)) {
        throw new InvalidConfigurationError(
          `stackNames must hold names of stacks, not '${name}'; ids go into stackIds`,
          this,
        );
      }
    }
    if (stackNames.includes(own.stackName) || stackIds.includes(own.stackId)) {
      throw new InvalidConfigurationError(
        `the rule cannot be in a stack that it guardStates, ${own.stackName}: the rollback would take the rule away`,
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
    this.rule = new Rule(this, 'Rule', {
      description: 'Cancels a deployment when a stack rolls back',
      eventPattern: {
        source: ['aws.cloudformation'],
        detailType: ['CloudFormation Stack Status Change'],
        detail: {
          'stack-id': [...stackIds, ...begins],
          'status-details': { status: ['ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'] },
        },
      },
      targets: [new CancelDeploymentTarget(props)],
    });
    if (!props.deadLetterQueue) acknowledge(this.rule, 'tooLate');
  }
}
