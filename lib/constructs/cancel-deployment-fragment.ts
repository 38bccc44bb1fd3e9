import {
  Choice,
  Condition,
  type INextable,
  Pass,
  type State,
  StateMachineFragment,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { CancellationOutcome } from '../contract/outcome';
import type { CancelDeploymentProps } from './cancel-deployment-props';
import { CancelDeploymentTask } from './cancel-deployment-task';

/** Properties of `CancelDeploymentFragment`. */
export interface CancelDeploymentFragmentProps extends CancelDeploymentProps {
  /**
   * The path for the result in the state of your state machine. The result is that of `CancelDeploymentTask`.
   *
   * @default '$.cancellation'
   */
  readonly resultPath?: string;
}

/**
 * A fragment of your state machine that cancels a deployment, waits until it is over, and branches by the outcome.
 *
 * Each outcome is an end state of the fragment: `fragment.after(CancellationOutcome.CANCELLED).next(…)` continues one
 * outcome, `fragment.next(…)` all others. An outcome that is not continued ends the state machine.
 *
 * If the deployment is not known to be over, the state machine fails, unless `task.addCatch(…)` handles the error. The
 * fragment is for state machines in JSONPath. In JSONata, use `CancelDeploymentTask` and a Choice.
 */
export class CancelDeploymentFragment extends StateMachineFragment {
  public readonly startState: State;

  /** The task that cancels and waits. Add retries and catches to it. */
  public readonly task: CancelDeploymentTask;

  private readonly outcomes: Record<CancellationOutcome, Pass>;
  private readonly notFound: Pass;
  private readonly continued = new Set<INextable>();

  constructor(scope: Construct, id: string, props: CancelDeploymentFragmentProps) {
    super(scope, id);
    const { resultPath = '$.cancellation' } = props;
    this.task = new CancelDeploymentTask(this, 'CancelDeployment', { ...props, resultPath });
    this.startState = this.task;
    this.outcomes = {
      [CancellationOutcome.CANCELLED]: new Pass(this, 'Cancelled'),
      [CancellationOutcome.COMPLETED_FIRST]: new Pass(this, 'CompletedFirst'),
      [CancellationOutcome.CANCEL_FAILED]: new Pass(this, 'CancelFailed'),
      [CancellationOutcome.NOTHING_TO_CANCEL]: new Pass(this, 'NothingToCancel'),
      [CancellationOutcome.SUPERSEDED]: new Pass(this, 'Superseded'),
    };
    this.notFound = new Pass(this, 'NotFound');
    const outcome = new Choice(this, 'Outcome?');
    for (const [name, end] of Object.entries(this.outcomes)) {
      outcome.when(Condition.stringEquals(`${resultPath}.outcome`, name), end);
    }
    this.task.next(outcome.otherwise(this.notFound));
    // A state machine may have several fragments.
    this.prefixStates();
  }

  /** The end states that are not continued yet. `next` continues them. */
  public get endStates(): INextable[] {
    return [...Object.values(this.outcomes), this.notFound].filter((end) => !this.continued.has(end));
  }

  /**
   * Returns the end state of one outcome, to continue it. `next` no longer continues it.
   *
   * @param outcome the outcome to continue
   */
  public after(outcome: CancellationOutcome): INextable {
    return this.continueFrom(this.outcomes[outcome]);
  }

  /** Returns the end state of `NOT_FOUND`, to continue it. It is reached only with `onNotFound: OnNotFound.SUCCEED`. */
  public afterNotFound(): INextable {
    return this.continueFrom(this.notFound);
  }

  private continueFrom(end: Pass): INextable {
    this.continued.add(end);
    return end;
  }
}
