import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { type IStateMachine, StateMachine, StateMachineGrants } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { CONTRACT_VERSION } from '../../contract/cancellation';
import type { CancellableDeployment } from '../../deployments/cancellable-deployment';
import { type CancellationOptions, renderSettings } from '../cancellation-options';
import type { ICancellationWorkflow } from '../i-cancellation-workflow';

/** A workflow of another stack, or another app. It can be started, and not be changed. */
export class ImportedCancellationWorkflow extends Construct implements ICancellationWorkflow {
  public readonly stateMachine: IStateMachine;
  public readonly grants: StateMachineGrants;

  /** @param stateMachineArn the ARN of its state machine */
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

  public metricStarted(options?: MetricOptions): Metric {
    return this.stateMachine.metricStarted(options);
  }

  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  public metricDuration(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }
}
