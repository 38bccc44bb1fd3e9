import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { InvalidConfigurationError } from '../../private/errors';
import {
  type CancellationWorkflowOptions,
  format,
  isSame,
  OPTION_NAMES,
  type OptionName,
  pickDefined,
} from '../cancellation-workflow-options';
import { validateOptions } from './option-rules';

/** The options that are decided together with `vpc`. */
const OF_NETWORK: readonly OptionName[] = ['vpcSubnets', 'securityGroups'];

/** The options that a log group which is given has already. */
const OF_LOG_GROUP: readonly OptionName[] = ['logRetention', 'logRemovalPolicy'];

/** The options that cannot be changed after the workflow was created. */
const AT_CREATION: readonly OptionName[] = ['logGroup', 'deploymentRole', 'cloudFormationRole', 'stateMachineRole'];

/**
 * The options of the workflow of a stack. Every construct that uses the workflow can set options, in any order: the one that
 * comes first without an option does not decide. Each part of the workflow says what an option changes, with `whenSet`.
 */
export class SharedOptions {
  private readonly values: { -readonly [Name in OptionName]?: CancellationWorkflowOptions[Name] } = {};
  /** The construct that has decided an option. */
  private readonly decidedBy = new Map<OptionName, IConstruct>();
  private readonly listeners = new Map<OptionName, (() => void)[]>();

  /**
   * Sets the options that are not decided yet.
   *
   * @throws if an option has a value that it cannot have, differs from what another construct has set, requires another
   * option that is missing, or excludes one that is set
   */
  public set(options: CancellationWorkflowOptions, scope: IConstruct): void {
    const chosen = pickDefined(options);
    validateOptions(chosen, scope);
    for (const name of OPTION_NAMES) {
      if (name in chosen) this.refuseConflict(name, chosen[name], scope);
    }
    const added = OPTION_NAMES.filter((name) => name in chosen && !this.decidedBy.has(name));
    for (const name of OF_NETWORK) {
      if (name in chosen && !(chosen.vpc ?? this.values.vpc)) {
        throw new InvalidConfigurationError(`${name} requires vpc, which is not set`, scope);
      }
    }
    for (const name of OF_LOG_GROUP) {
      if (name in chosen && (chosen.logGroup ?? this.values.logGroup)) {
        const setBy = this.decidedBy.get('logGroup') ?? scope;
        throw new InvalidConfigurationError(
          `${name} cannot be used with logGroup, which ${setBy.node.path} sets: set it on the log group itself`,
          scope,
        );
      }
    }
    Object.assign(this.values, Object.fromEntries(added.map((name) => [name, chosen[name]])));
    for (const name of added) this.decidedBy.set(name, scope);
    if (added.includes('vpc')) for (const name of OF_NETWORK) this.decidedBy.set(name, scope);
    for (const name of added) for (const apply of this.listeners.get(name) ?? []) apply();
  }

  /** Applies an option to a part of the workflow, at once or when it is set. */
  public whenSet<Name extends OptionName>(
    name: Name,
    apply: (value: NonNullable<CancellationWorkflowOptions[Name]>) => void,
  ): void {
    const run = () => {
      const value = this.values[name];
      if (value !== undefined) apply(value as NonNullable<CancellationWorkflowOptions[Name]>);
    };
    if (this.decidedBy.has(name)) run();
    else this.listeners.set(name, [...(this.listeners.get(name) ?? []), run]);
  }

  /** Decides the options that cannot be changed after the workflow was created. */
  public decideAtCreation(scope: IConstruct): void {
    for (const name of AT_CREATION) this.decide(name, scope);
  }

  /** Returns an option for a use that cannot be changed later, so that it is decided from now on. */
  public decide<Name extends OptionName>(name: Name, scope: IConstruct): CancellationWorkflowOptions[Name] {
    if (!this.decidedBy.has(name)) this.decidedBy.set(name, scope);
    return this.values[name];
  }

  /** Returns an option as it is now, for what may change until synthesis. */
  public get<Name extends OptionName>(name: Name): CancellationWorkflowOptions[Name] {
    return this.values[name];
  }

  private refuseConflict(name: OptionName, wanted: unknown, scope: IConstruct): void {
    const decidedBy = this.decidedBy.get(name);
    if (!decidedBy || isSame(this.values[name], wanted)) return;
    const stack = Stack.of(scope).node.path;
    const when = AT_CREATION.includes(name) ? ' before the first of them' : '';
    throw new InvalidConfigurationError(
      `${name} of the cancellation workflow of stack ${stack} is ${format(this.values[name])} because of ${decidedBy.node.path}, not ${format(wanted)}: all cancellations of a stack share one workflow, so set ${name} once, with CancellationWorkflow.of(stack, { ${name} })${when}`,
      scope,
    );
  }
}
