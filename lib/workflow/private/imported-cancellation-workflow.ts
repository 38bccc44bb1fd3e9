import { type IStateMachine, StateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { CONTRACT_VERSION } from '../../contract/cancellation';
import type { CancellableDeployment } from '../../deployments/cancellable-deployment';
import { type CancellationOptions, renderSettings } from '../cancellation-options';
import type { ICancellationWorkflow } from '../i-cancellation-workflow';
import { WorkflowBase } from './workflow-base';

/** A workflow of another stack or app. It can be started, but not changed. */
export class ImportedCancellationWorkflow extends WorkflowBase implements ICancellationWorkflow {
  public readonly stateMachine: IStateMachine;
  public readonly grants: StateMachineGrants;

  constructor(scope: Construct, id: string, stateMachineArn: string) {
    super(scope, id);
    this.stateMachine = StateMachine.fromStateMachineArn(this, 'StateMachine', stateMachineArn);
    this.grants = StateMachineGrants.fromStateMachine(this.stateMachine);
  }

  public inputFor(deployment: CancellableDeployment, options: CancellationOptions = {}): { [name: string]: unknown } {
    return {
      contractVersion: CONTRACT_VERSION,
      deployment: deployment._toContract(),
      settings: renderSettings(options, this),
    };
  }
}
