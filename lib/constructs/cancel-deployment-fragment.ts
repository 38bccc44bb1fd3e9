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
import { describe } from '../private/describe';
import { InvalidConfigurationError } from '../private/errors';
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

/** The outcomes that end the task without a failure, with the names of their end states. */
const END_STATES = {
  [CancellationOutcome.CANCELLED]: 'Cancelled',
  [CancellationOutcome.COMPLETED_FIRST]: 'CompletedFirst',
  [CancellationOutcome.CANCEL_FAILED]: 'CancelFailed',
  [CancellationOutcome.NOTHING_TO_CANCEL]: 'NothingToCancel',
  [CancellationOutcome.SUPERSEDED]: 'Superseded',
  [CancellationOutcome.NOT_FOUND]: 'NotFound',
  [CancellationOutcome.SKIPPED]: 'Skipped',
};

/** The outcomes of custom resources only. */
const NEVER_OF_A_TASK: readonly string[] = [CancellationOutcome.ARMED, CancellationOutcome.NOT_ATTEMPTED];

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

  private readonly ends: ReadonlyMap<string, Pass>;
  private readonly continued = new Set<INextable>();

  constructor(scope: Construct, id: string, props: CancelDeploymentFragmentProps) {
    super(scope, id);
    const { resultPath = '$.cancellation' } = props;
    this.task = InvalidConfigurationError.naming(
      this,
      () => new CancelDeploymentTask(this, 'CancelDeployment', { ...props, resultPath }),
    );
    this.startState = this.task;
    this.ends = new Map(Object.entries(END_STATES).map(([outcome, name]) => [outcome, new Pass(this, name)]));
    const outcome = new Choice(this, 'Outcome?');
    for (const [name, end] of this.ends) outcome.when(Condition.stringEquals(`${resultPath}.outcome`, name), end);
    this.task.next(outcome);
    // A state machine may have several fragments.
    this.prefixStates();
  }

  /** The end states that are not continued yet. `next` continues them. */
  public get endStates(): INextable[] {
    return [...this.ends.values()].filter((end) => !this.continued.has(end));
  }

  /**
   * Returns the end state of one outcome, to continue it. `next` no longer continues it.
   *
   * @param outcome the outcome to continue. `NOT_FOUND` is reached only with `onNotFound: OnNotFound.SUCCEED`
   * @throws if the outcome is always a failure, or never the outcome of a task
   */
  public after(outcome: CancellationOutcome): INextable {
    const end = this.ends.get(outcome);
    if (!end) throw new InvalidConfigurationError(problemOf(outcome), this);
    this.continued.add(end);
    return end;
  }
}

function problemOf(outcome: CancellationOutcome): string {
  const allowed = `outcome must be one of ${Object.keys(END_STATES).join(', ')}, not ${describe(outcome)}`;
  if (NEVER_OF_A_TASK.includes(outcome)) return `${allowed}: only custom resources have this outcome`;
  if (!Object.hasOwn(CancellationOutcome, outcome)) return allowed;
  return `${allowed}: it is always a failure, so handle it with task.addCatch(…)`;
}
