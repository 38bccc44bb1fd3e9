import type { Engine } from './engine';
import { messageOf } from './errors';
import type { Definition } from './plan';
import {
  type ExistingResource,
  ResourceFailure,
  type ResourceRequest,
  type ResourceState,
  type ResourceType,
} from './resource-type';

type Properties = Readonly<Record<string, unknown>>;

/** A physical resource and its properties. */
interface Physical {
  readonly properties: Properties;
  readonly state: ResourceState;
}

/** The number of attempts of a cleanup to delete a resource. */
export const CLEANUP_ATTEMPTS = 3;

/** A resource of a stack. Its methods return whether they succeeded, and do not throw. */
export class Resource {
  private current?: Physical;
  /** Its state before the update that can still be rolled back. */
  private before?: Physical;
  /** The replaced resources, and those of failed updates, which the cleanup deletes. */
  private left: Physical[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly stack: { readonly id: string; readonly name: string },
    private readonly type: ResourceType,
    public definition: Definition,
  ) {}

  get state(): ResourceState | undefined {
    return this.current?.state;
  }

  /** Whether it was changed by the update that can still be rolled back. */
  get updated(): boolean {
    return this.before !== undefined;
  }

  async create(properties: () => Properties, signal: AbortSignal): Promise<boolean> {
    this.emit('CREATE_IN_PROGRESS');
    return await this.attempt('CREATE_FAILED', async () => {
      const resolved = properties();
      try {
        const state = await this.working(() => this.type.create({ ...this.request(resolved), signal }));
        this.current = { properties: resolved, state };
      } catch (error) {
        if (error instanceof ResourceFailure) this.current = leftover(resolved, error);
        throw error;
      }
      this.emit('CREATE_IN_PROGRESS', 'Resource creation Initiated');
      this.emit('CREATE_COMPLETE');
    });
  }

  /** Has no effect, and no event, if no property has changed. */
  async update(definition: Definition, properties: () => Properties, signal: AbortSignal): Promise<boolean> {
    this.definition = definition;
    return await this.attempt('UPDATE_FAILED', async () => {
      const old = this.existing();
      const resolved = properties();
      if (fingerprint(resolved) === fingerprint(old.properties)) return;
      this.emit('UPDATE_IN_PROGRESS');
      this.before = old;
      try {
        const state = await this.working(() =>
          this.type.update({ ...this.request(resolved), signal }, this.requestFor(old)),
        );
        this.become({ properties: resolved, state });
      } catch (error) {
        if (error instanceof ResourceFailure && error.physicalId !== old.state.physicalId) {
          this.left.push(leftover(resolved, error));
        }
        this.current = { properties: resolved, state: old.state };
        throw error;
      }
      if (this.state?.physicalId !== old.state.physicalId) {
        this.emit('UPDATE_IN_PROGRESS', 'Requested update required the provider to create a new physical resource');
      }
      this.emit('UPDATE_COMPLETE');
    });
  }

  /** Rolls back the update. */
  async rollBack(definition: Definition): Promise<boolean> {
    const { before } = this;
    this.definition = definition;
    if (!before) return true;
    this.emit('UPDATE_IN_PROGRESS');
    return await this.attempt('UPDATE_FAILED', async () => {
      this.become({ properties: before.properties, state: await this.working(() => this.reverse(before)) });
      this.emit('UPDATE_COMPLETE');
    });
  }

  /** Ends an update or its rollback: deletes replaced resources. */
  async cleanUp(rollingBack: boolean): Promise<boolean> {
    const retained = !rollingBack && this.definition.updateReplacePolicy === 'Retain';
    let cleaned = true;
    for (const physical of this.left) {
      if (retained) this.emit('DELETE_SKIPPED', undefined, physical);
      else if (!(await this.remove(physical, CLEANUP_ATTEMPTS))) cleaned = false;
    }
    if (this.before) await this.working(async () => this.type.cleanUp?.(this.requestFor(this.existing())));
    this.left = [];
    this.before = undefined;
    return cleaned;
  }

  /** Deletes all its physical resources, unless its policy retains them. */
  async delete({ rollingBack = false, attempts = 1 } = {}): Promise<boolean> {
    const { deletionPolicy } = this.definition;
    if (deletionPolicy === 'Retain' || (deletionPolicy === 'RetainExceptOnCreate' && !rollingBack)) {
      if (this.current) this.emit('DELETE_SKIPPED');
      return true;
    }
    let deleted = true;
    for (const physical of [...this.left, ...(this.current ? [this.current] : [])]) {
      if (!(await this.remove(physical, attempts))) deleted = false;
    }
    return deleted;
  }

  private async reverse(before: Physical): Promise<ResourceState> {
    const current = this.existing();
    const request = this.request(before.properties);
    if (this.type.rollBack) return await this.type.rollBack(request, this.requestFor(current));
    if (current.state.physicalId !== before.state.physicalId) return before.state;
    return await this.type.update(request, this.requestFor(current));
  }

  private become(next: Physical): void {
    const { current } = this;
    const { physicalId } = next.state;
    if (current && current.state.physicalId !== physicalId) this.left.push(current);
    this.left = this.left.filter(({ state }) => state.physicalId !== physicalId);
    this.current = next;
  }

  private async remove(physical: Physical, attempts: number): Promise<boolean> {
    for (let attempt = 1; attempt <= attempts; attempt++) {
      this.emit('DELETE_IN_PROGRESS', undefined, physical);
      const deleted = await this.attempt(
        'DELETE_FAILED',
        async () => {
          await this.working(() => this.type.delete(this.requestFor(physical)));
          this.emit('DELETE_COMPLETE', undefined, physical);
        },
        physical,
      );
      if (!deleted) continue;
      this.left = this.left.filter((other) => other !== physical);
      if (this.current === physical) this.current = undefined;
      return true;
    }
    return false;
  }

  private async attempt(failure: string, work: () => Promise<void>, physical?: Physical): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.emit(failure, messageOf(error), physical);
      return false;
    }
  }

  /** Holds the clock for types that do not do it themselves. */
  private async working<T>(work: () => Promise<T>): Promise<T> {
    if (this.type.holdsClock) return await work();
    const release = this.engine.clock.hold();
    try {
      return await work();
    } finally {
      release();
    }
  }

  private existing(): Physical {
    if (!this.current) throw new Error(`resource ${this.definition.logicalId} does not exist`);
    return this.current;
  }

  private request(properties: Properties): ResourceRequest {
    const { logicalId } = this.definition;
    return { stackId: this.stack.id, stackName: this.stack.name, logicalId, properties };
  }

  private requestFor({ properties, state }: Physical): ExistingResource {
    return { ...this.request(properties), state };
  }

  private emit(status: string, statusReason?: string, physical = this.current): void {
    this.engine.emit({
      timestamp: this.engine.clock.now(),
      stackId: this.stack.id,
      stackName: this.stack.name,
      logicalId: this.definition.logicalId,
      physicalId: physical?.state.physicalId,
      resourceType: this.definition.type,
      status,
      statusReason,
    });
  }
}

function leftover(properties: Properties, { physicalId }: ResourceFailure): Physical {
  return { properties, state: { physicalId, attributes: {} } };
}

/** The same for properties that are equal for CloudFormation, which ignores the order of members and the types of scalars. */
function fingerprint(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'number' || typeof member === 'boolean') return String(member);
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
}
