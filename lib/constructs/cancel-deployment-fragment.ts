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

/** What is cancelled, and where the result is put. */
export interface CancelDeploymentFragmentProps extends CancelDeploymentProps {
  /**
   * Where in the state of your machine the result is put, as `CancelDeploymentTask` gives it.
   *
   * @default '$.cancellation'
   */
  readonly resultPath?: string;
}

/**
 * A part of your own state machine that cancels a deployment, waits until it is over, and goes on by how it ended.
 *
 * Each outcome is an end state of the fragment: `fragment.after(CancellationOutcome.CANCELLED).next(…)` says what follows
 * that one, `fragment.next(…)` what follows all others. An outcome that nothing follows ends the machine.
 *
 * What is not known to be over fails the machine, unless `task.addCatch(…)` says what is to be done then. For machines in
 * JSONPath; one in JSONata takes the `CancelDeploymentTask` and a Choice of its own.
 */
export class CancelDeploymentFragment extends StateMachineFragment {
  public readonly startState: State;

  /** Cancels and waits: add retries and catches to it. */
  public readonly task: CancelDeploymentTask;

  private readonly ends: Record<CancellationOutcome, Pass>;
  private readonly otherwise: Pass;
  private readonly taken = new Set<INextable>();

  constructor(scope: Construct, id: string, props: CancelDeploymentFragmentProps) {
    super(scope, id);
    const { resultPath = '$.cancellation' } = props;
    this.task = new CancelDeploymentTask(this, 'CancelDeployment', { ...props, resultPath });
    this.startState = this.task;
    this.ends = {
      [CancellationOutcome.CANCELLED]: new Pass(this, 'Cancelled'),
      [CancellationOutcome.COMPLETED_FIRST]: new Pass(this, 'CompletedFirst'),
      [CancellationOutcome.CANCEL_FAILED]: new Pass(this, 'CancelFailed'),
      [CancellationOutcome.NOTHING_TO_CANCEL]: new Pass(this, 'NothingToCancel'),
      [CancellationOutcome.SUPERSEDED]: new Pass(this, 'Superseded'),
    };
    this.otherwise = new Pass(this, 'NotFound');
    const outcome = new Choice(this, 'Outcome?');
    for (const [name, end] of Object.entries(this.ends)) {
      outcome.when(Condition.stringEquals(`${resultPath}.outcome`, name), end);
    }
    this.task.next(outcome.otherwise(this.otherwise));
    // So that a machine can hold more than one.
    this.prefixStates();
  }

  /** The end states that nothing follows yet: those which `next` continues. */
  public get endStates(): INextable[] {
    return [...Object.values(this.ends), this.otherwise].filter((end) => !this.taken.has(end));
  }

  /**
   * Where the machine goes on after one outcome. From then on, `next` leaves that one out.
   *
   * @param outcome the outcome
   */
  public after(outcome: CancellationOutcome): INextable {
    return this.take(this.ends[outcome]);
  }

  /** Where the machine goes on when nothing is deployed; reached only with `onNotFound: OnNotFound.SUCCEED`. */
  public afterNotFound(): INextable {
    return this.take(this.otherwise);
  }

  private take(end: Pass): INextable {
    this.taken.add(end);
    return end;
  }
}
