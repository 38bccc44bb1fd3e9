import { setMaxListeners } from 'node:events';
import { History, type Read } from '../../core/consistency';
import { type Engine, STACK_TYPE } from './engine';
import { reasonAgainst, validationError } from './errors';
import { type Graph, reversed, walk } from './graph';
import { Parameters } from './parameters';
import { type Output, Plan } from './plan';
import { CLEANUP_ATTEMPTS, Resource } from './resource';
import { CANCELLED, type ResourceType } from './resource-type';
import type { Operation, StackDescription, StackStatus } from './stack-description';
import { lastOperations, NOT_CANCELLABLE } from './stack-registry';
import { readTemplate } from './template';

const UPDATABLE: readonly StackStatus[] = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'];

export interface StackIdentity {
  readonly id: string;
  readonly name: string;
  /** Of a nested stack. */
  readonly parent?: Stack;
  /** The values of its tags, by their keys. A nested stack has those of its root. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The options of a creation or an update. */
export interface Deployment {
  /** Whether a failed stack is not rolled back. A nested stack follows its root. */
  readonly disableRollback?: boolean;
  /** Aborts when the parent of a nested stack no longer waits for it. */
  readonly signal?: AbortSignal;
}

type ParameterValues = Readonly<Record<string, string>>;

/**
 * A stack. A root stack does all steps by itself. A nested stack waits for its parent after a failed creation, before a
 * rollback, and before the cleanup.
 */
export class Stack {
  private rollbackDisabled = false;
  private currentStatus: StackStatus = 'CREATE_IN_PROGRESS';
  private statusReason?: string;
  private readonly creationTime: number;
  private lastUpdatedTime?: number;
  private deletionTime?: number;
  private plan: Plan;
  private currentOutputs: readonly Output[] = [];
  /** The plan and outputs before the update that can still be rolled back. */
  private previous?: { readonly plan: Plan; readonly outputs: readonly Output[] };
  private readonly resources = new Map<string, Resource>();
  /** Newest first. */
  private operations: readonly Operation[] = [];
  /** Aborts when the update in progress is cancelled. */
  private cancellation?: AbortController;
  /** The descriptions after each change of the status. */
  private readonly descriptions: History<StackDescription>;

  /** Throws a ValidationError if the template is rejected. */
  constructor(
    private readonly engine: Engine,
    readonly identity: StackIdentity,
    template: unknown,
    parameters: ParameterValues,
  ) {
    this.plan = this.planFor(template, parameters);
    this.creationTime = engine.clock.now();
    this.descriptions = new History(identity.name);
  }

  get id(): string {
    return this.identity.id;
  }

  get name(): string {
    return this.identity.name;
  }

  get root(): Stack {
    return this.identity.parent?.root ?? this;
  }

  get status(): StackStatus {
    return this.currentStatus;
  }

  get outputs(): readonly Output[] {
    return this.currentOutputs;
  }

  /** Whether an update or its rollback has not ended. */
  get pending(): boolean {
    return this.previous !== undefined;
  }

  get operationId(): string | undefined {
    return this.operations[0]?.id;
  }

  describe(): StackDescription {
    const { parent } = this.identity;
    return {
      stackId: this.id,
      stackName: this.name,
      status: this.status,
      statusReason: this.statusReason,
      creationTime: this.creationTime,
      lastUpdatedTime: this.lastUpdatedTime,
      deletionTime: this.deletionTime,
      disableRollback: this.root.rollbackDisabled,
      tags: this.root.identity.tags,
      parentId: parent?.id,
      rootId: parent && this.root.id,
      description: this.plan.template.Description,
      outputs: this.outputs,
      parameters: this.plan.parameters.describe(),
      lastOperations: lastOperations(this.operations),
    };
  }

  /** The stack as a read sees it; undefined if the read does not see its creation. */
  seenBy(read: Read): StackDescription | undefined {
    const { descriptions, engine } = this;
    const count = descriptions.countSeenBy(read, engine.clock.now());
    return count === descriptions.length ? this.describe() : descriptions.state(count);
  }

  /** Returns the reason of a failure; undefined after a success. */
  async create({ disableRollback = false, signal }: Deployment = {}): Promise<string | undefined> {
    this.rollbackDisabled = disableRollback;
    this.begin('CREATE_STACK');
    this.enter('CREATE_IN_PROGRESS', 'User Initiated');
    const failure = await this.deploy(signal);
    if (failure === undefined) this.enter('CREATE_COMPLETE');
    else if (disableRollback || this.identity.parent) this.enter('CREATE_FAILED', failure);
    else await this.rollBackCreate(failure);
    return failure;
  }

  /** Like `create`. Throws a ValidationError if the update is rejected. */
  async update(
    template: unknown,
    parameters: ParameterValues,
    { disableRollback = false, signal }: Deployment = {},
  ): Promise<string | undefined> {
    if (!UPDATABLE.includes(this.status)) {
      throw validationError(`Stack:${this.id} is in ${this.status} state and can not be updated.`);
    }
    const plan = this.planFor(template, parameters);
    this.refuseUpdate(plan);
    this.previous = { plan: this.plan, outputs: this.outputs };
    this.plan = plan;
    this.rollbackDisabled = disableRollback;
    this.lastUpdatedTime = this.engine.clock.now();
    this.begin('UPDATE_STACK');
    this.enter('UPDATE_IN_PROGRESS', 'User Initiated');
    this.cancellation = new AbortController();
    const cancelled = this.cancellation.signal;
    const failure = await this.deploy(signal ? AbortSignal.any([signal, cancelled]) : cancelled);
    if (failure === undefined) {
      this.enter('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
    } else if (this.root.rollbackDisabled && !cancelled.aborted) {
      this.enter('UPDATE_FAILED', failure);
      return failure;
    } else if (!cancelled.aborted) {
      this.enterRollback(failure);
    }
    if (this.identity.parent) return failure;
    if (failure === undefined || (await this.rollBack())) await this.cleanUp();
    return failure;
  }

  /** Cancels the update in progress and rolls it back after the current requests. Throws a ValidationError if there is none. */
  cancelUpdate(): void {
    if (this.status !== 'UPDATE_IN_PROGRESS') throw validationError(NOT_CANCELLABLE);
    this.enterRollback('User Initiated');
    this.cancellation?.abort();
  }

  /** Rolls back an update, except its cleanup. Returns false if the rollback fails. */
  async rollBack(): Promise<boolean> {
    if (!this.previous) return true;
    if (this.status !== 'UPDATE_ROLLBACK_IN_PROGRESS') this.enterRollback();
    const { plan, outputs } = this.previous;
    const failed: string[] = [];
    await walk(plan.graph(), async (id) => {
      const definition = plan.definitions.get(id);
      const resource = this.resources.get(id);
      if (!definition || !resource || (await resource.rollBack(definition))) return true;
      failed.push(id);
      return false;
    });
    if (failed.length > 0) {
      this.enter('UPDATE_ROLLBACK_FAILED', failedTo('update', failed));
      return false;
    }
    this.plan = plan;
    this.currentOutputs = outputs;
    this.engine.exports.restore(this.id, { stackName: this.name, outputs, imports: plan.imports });
    this.enter('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
    return true;
  }

  /** Ends an update or its rollback. Resources that cannot be deleted are left. */
  async cleanUp(): Promise<void> {
    const rollingBack = this.status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
    let cleaned = true;
    await walk(reversed(this.graph()), async (id) => {
      const resource = this.resources.get(id) as Resource;
      if (this.plan.definitions.has(id)) {
        if (!(await resource.cleanUp(rollingBack))) cleaned = false;
      } else {
        if (!(await resource.delete({ rollingBack, attempts: CLEANUP_ATTEMPTS }))) cleaned = false;
        this.resources.delete(id);
      }
      return true;
    });
    this.previous = undefined;
    const reason = cleaned ? undefined : 'One or more resources could not be deleted.';
    if (rollingBack) this.enter('UPDATE_ROLLBACK_COMPLETE', reason);
    else this.enter('UPDATE_COMPLETE', reason && `Update successful. ${reason}`);
  }

  /** Like `create`. */
  async delete(): Promise<string | undefined> {
    if (this.status === 'DELETE_COMPLETE') return undefined;
    if (this.status.endsWith('_IN_PROGRESS') && !this.identity.parent) {
      throw validationError(`Stack [${this.name}] cannot be deleted while in status ${this.status}`);
    }
    this.begin('DELETE_STACK');
    this.enter('DELETE_IN_PROGRESS', 'User Initiated');
    const failure = reasonAgainst(() => this.engine.exports.withdraw(this.id)) ?? (await this.deleteResources(false));
    if (failure !== undefined) {
      this.enter('DELETE_FAILED', failure);
      return failure;
    }
    this.deletionTime = this.engine.clock.now();
    this.enter('DELETE_COMPLETE');
    return undefined;
  }

  private async rollBackCreate(failure: string): Promise<void> {
    this.begin('ROLLBACK');
    this.enter('ROLLBACK_IN_PROGRESS', `${failure} Rollback requested by user.`);
    const left = await this.deleteResources(true);
    if (left === undefined) this.enter('ROLLBACK_COMPLETE');
    else this.enter('ROLLBACK_FAILED', left);
  }

  private async deploy(signal?: AbortSignal): Promise<string | undefined> {
    const halt = new AbortController();
    const stop = signal ? AbortSignal.any([signal, halt.signal]) : halt.signal;
    // There is one listener for each resource in progress, and Node warns of a leak at eleven.
    setMaxListeners(0, stop);
    const { plan } = this;
    const failed = { create: [] as string[], update: [] as string[] };
    const doing = this.previous ? 'update' : 'create';
    await walk(plan.graph(), async (id) => {
      const definition = plan.definitions.get(id);
      if (stop.aborted || !definition) return false;
      const properties = () => plan.properties(definition);
      const existing = this.resources.get(id);
      const resource = existing ?? new Resource(this.engine, this, this.typeOf(definition.type), definition);
      this.resources.set(id, resource);
      const done = existing
        ? await resource.update(definition, properties, stop)
        : await resource.create(properties, stop);
      if (done) return true;
      failed[existing ? 'update' : 'create'].push(id);
      // Without a rollback, resources that do not depend on the failed one are still deployed.
      if (!this.root.rollbackDisabled) halt.abort();
      return false;
    });
    const failures = [failedTo('create', failed.create), failedTo('update', failed.update)].filter(Boolean);
    if (failures.length > 0) return failures.join(' ');
    if (signal?.aborted) return CANCELLED[doing];
    return this.publish();
  }

  private publish(): string | undefined {
    return reasonAgainst(() => {
      const outputs = this.plan.outputs();
      this.engine.exports.publish(this.id, { stackName: this.name, outputs, imports: this.plan.imports });
      this.currentOutputs = outputs;
    });
  }

  private async deleteResources(rollingBack: boolean): Promise<string | undefined> {
    const failed: string[] = [];
    await walk(reversed(this.graph()), async (id) => {
      const deleted = await (this.resources.get(id) as Resource).delete({ rollingBack });
      if (deleted) this.resources.delete(id);
      else failed.push(id);
      return deleted;
    });
    return failedTo('delete', failed);
  }

  private refuseUpdate(plan: Plan): void {
    const changed = [...plan.definitions.values()].filter(({ logicalId, type }) => {
      const before = this.plan.definitions.get(logicalId);
      return before !== undefined && before.type !== type;
    });
    if (changed.length > 0) {
      throw validationError(
        `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${changed.map(({ logicalId }) => logicalId).join(', ')}]`,
      );
    }
    if (!this.identity.parent && plan.fingerprint === this.plan.fingerprint) {
      throw validationError('No updates are to be performed.');
    }
  }

  private planFor(document: unknown, values: ParameterValues): Plan {
    const template = readTemplate(document);
    const plan = new Plan(template, new Parameters(template, values, this.engine.ssmParameter), {
      environment: this.engine.environment,
      stackId: this.id,
      stackName: this.name,
      resource: (logicalId) => this.resources.get(logicalId)?.state,
      importValue: (name) => this.engine.exports.value(name),
      ssmParameter: this.engine.ssmParameter,
      stackOutput: (stackName, outputName) => this.engine.exports.output(stackName, outputName),
    });
    const types = new Set([...plan.definitions.values()].map(({ type }) => type));
    const unknown = [...types].filter((type) => !this.engine.typeOf(type));
    if (unknown.length > 0) {
      throw validationError(`Template format error: Unrecognized resource types: [${unknown.join(', ')}]`);
    }
    return plan;
  }

  private typeOf(name: string): ResourceType {
    return this.engine.typeOf(name) as ResourceType;
  }

  private graph(): Graph {
    return new Map([...this.resources].map(([id, { definition }]) => [id, definition.needs]));
  }

  private begin(type: Operation['type']): void {
    this.operations = [{ type, id: this.engine.ids() }, ...this.operations];
  }

  private enterRollback(reason?: string): void {
    this.begin('ROLLBACK');
    this.enter('UPDATE_ROLLBACK_IN_PROGRESS', reason);
  }

  private enter(status: StackStatus, reason?: string): void {
    this.currentStatus = status;
    this.statusReason = reason;
    this.descriptions.write(this.describe(), this.engine.clock.now());
    this.engine.emit({
      timestamp: this.engine.clock.now(),
      stackId: this.id,
      stackName: this.name,
      logicalId: this.name,
      physicalId: this.id,
      resourceType: STACK_TYPE,
      status,
      statusReason: reason,
    });
  }
}

function failedTo(what: 'create' | 'update' | 'delete', ids: readonly string[]): string | undefined {
  return ids.length > 0 ? `The following resource(s) failed to ${what}: [${ids.join(', ')}].` : undefined;
}
