import { Token } from 'aws-cdk-lib';
import { type IStateMachine, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { CONTRACT_VERSION, LONG_TIMEOUT_SECONDS } from '../../contract/cancellation';
import { type CancellableDeployment, validateDeployment } from '../../deployments/cancellable-deployment';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { type CancellationOptions, renderSettings } from '../cancellation-options';
import type { ICancellationWorkflow } from '../i-cancellation-workflow';
import { validateTimes } from './option-times';
import { WorkflowBase } from './workflow-base';

const RULES = {
  stateMachineName: { pattern: /^[^:/]+$/, rule: 'the name of a state machine' },
  stateMachineArn: {
    pattern: /^arn:[\w-]+:states:[^:]*:[^:]*:stateMachine:[^:]+$/,
    rule: 'arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME',
  },
};

/** @throws if the name or ARN of a state machine is something else. A token is checked when the stack is deployed */
export function validateStateMachine(name: keyof typeof RULES, value: string, path: string): void {
  const { pattern, rule } = RULES[name];
  if (Token.isUnresolved(value) || (typeof value === 'string' && pattern.test(value))) return;
  throw new InvalidConfigurationError(`${name} must be ${rule}, not ${describe(value)}`, path);
}

/** A workflow of another stack or app. It can be started, but not changed. */
export class ImportedCancellationWorkflow extends WorkflowBase implements ICancellationWorkflow {
  public readonly stateMachine: IStateMachine;

  constructor(scope: Construct, id: string, stateMachineArn: string) {
    super(scope, id);
    this.stateMachine = StateMachine.fromStateMachineArn(this, 'StateMachine', stateMachineArn);
  }

  public inputFor(deployment: CancellableDeployment, options: CancellationOptions = {}): { [name: string]: unknown } {
    const settings = renderSettings(options, LONG_TIMEOUT_SECONDS, this);
    validateDeployment(deployment, this);
    const refuse = (name: string, why: string) => {
      throw new InvalidConfigurationError(
        `${name} cannot be used with an imported workflow, which ${why} of its own stack only: declare the cancellation in that stack, or pass the CancellationWorkflow of that stack`,
        this,
      );
    };
    if (settings.endpoint !== undefined) refuse('endpoint', 'calls the endpoints');
    if (settings.roleArn !== undefined) refuse('role', 'assumes the roles');
    const contract = deployment._toContract();
    validateTimes([contract], settings, this);
    return { contractVersion: CONTRACT_VERSION, deployment: contract, settings };
  }
}
