import { ArnFormat, Lazy, Stack } from 'aws-cdk-lib';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { acknowledgeWildcards } from '../../private/acknowledgements';
import { stackNamePattern, withParents } from '../../private/nested-stacks';
import { stopExecutionStatement } from './encryption';
import type { SharedOptions } from './shared-options';

/** The reason for the wildcards in the permissions of the CloudFormation function. */
export const OWN_NAMES =
  'The names of executions, parameters and nested stacks of this stack are unknown at synthesis.';

interface CloudFormationPolicyProps {
  /** The role of the CloudFormation function. */
  readonly role: IRole;
  readonly options: SharedOptions;
}

/**
 * The permissions of the CloudFormation function that need the state machines. They are not a part of its role, because
 * the state machine depends on the function, and the function on its role.
 */
export class CloudFormationPolicy extends Policy {
  private readonly options: SharedOptions;

  constructor(scope: Construct, id: string, { role, options }: CloudFormationPolicyProps) {
    super(scope, id);
    role.attachInlinePolicy(this);
    this.options = options;
  }

  /** Allows starting, finding and stopping executions of a state machine. */
  public allowExecutions(stateMachine: StateMachine): void {
    this.allow(...executionControlStatements(stateMachine));
    this.options.whenSet('encryptionKey', (key) =>
      this.allow(stopExecutionStatement(key, stateMachine.stateMachineArn)),
    );
  }

  /** Allows reading the status of the stack. */
  public allowDescribeStack(): void {
    this.allow(describeStacks(Stack.of(this).stackId));
  }

  /** Allows reading the status of the stacks that the stack is nested in, which explain why it is deleted. */
  public allowDescribeParentStacks(): void {
    const [own, ...parents] = withParents(Stack.of(this));
    if (!own || parents.length === 0) return;
    const arns = parents.map((parent) =>
      Lazy.string({
        // The logical IDs of nested stacks may change until synthesis.
        produce: () =>
          own.formatArn({
            service: 'cloudformation',
            resource: 'stack',
            resourceName: `${stackNamePattern(parent)}/*`,
          }),
      }),
    );
    this.allow(describeStacks(...arns));
  }

  private allow(...statements: PolicyStatement[]): void {
    this.addStatements(...statements);
    acknowledgeWildcards(this, statements, OWN_NAMES);
  }
}

function describeStacks(...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources });
}

/** The permissions to start a state machine, and to find and stop its executions. */
function executionControlStatements({ stateMachineArn, stateMachineName, stack }: StateMachine): PolicyStatement[] {
  const executions = stack.formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${stateMachineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return [
    new PolicyStatement({
      actions: ['states:StartExecution', 'states:ListExecutions'],
      resources: [stateMachineArn],
    }),
    new PolicyStatement({ actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [executions] }),
  ];
}
