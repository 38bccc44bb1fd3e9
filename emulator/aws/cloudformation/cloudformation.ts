import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock';
import { Consistency, History, type Read } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { type RawAnswer, type RawRequest, ServiceError } from '../../core/http-server';
import { isCustomType, METADATA_TYPE } from './built-in-types';
import { type CustomResourceOptions, CustomResources } from './custom-resource';
import { type Engine, STACK_TYPE, type StackEvent } from './engine';
import { validationError } from './errors';
import { Exports } from './exports';
import { type NestedStackOptions, nestedStackType } from './nested-stack';
import type { SsmParameter } from './parameters';
import type { ResourceType } from './resource-type';
import { Stack, type StackIdentity } from './stack';
import type { StackDescription } from './stack-description';
import { doesNotExist, type LoggedEvent, type StackRegistry } from './stack-registry';

export interface CloudFormationOptions extends CustomResourceOptions {
  readonly clock: Clock;
  readonly environment: AwsEnvironment;
  /** Default: strong. */
  readonly consistency?: Consistency;
  /** The resource types, besides custom resources, nested stacks and the metadata of the CDK. */
  readonly types: Readonly<Record<string, ResourceType>>;
  /** Returns the template at the `TemplateURL` of a nested stack. */
  readonly templateAt?: NestedStackOptions['templateAt'];
  /** Looks up the parameters of type `AWS::SSM::Parameter::Value<String>` that a template refers to. */
  readonly ssmParameter?: SsmParameter;
  /** Returns a new UUID at each call. With a seeded source, two runs have the same IDs. */
  readonly ids?: () => string;
  readonly onEvent?: (event: StackEvent) => void;
}

export interface StackRequest {
  readonly stackName: string;
  /** A synthesized template. */
  readonly template: unknown;
  readonly parameters?: Readonly<Record<string, string>>;
  /** The tags of a stack that is created. An update leaves them as they are. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether a failed stack is not rolled back. */
  readonly disableRollback?: boolean;
}

/** CloudFormation, which deploys synthesized templates. Rejects templates that use unsupported features. */
export class CloudFormation implements StackRegistry {
  readonly environment: AwsEnvironment;
  private readonly engine: Engine;
  private readonly stacks = new Map<string, Stack>();
  /** The events of each stack by its ID, oldest first. */
  private readonly log = new Map<string, History<LoggedEvent>>();
  private readonly customResources: CustomResources;
  private readonly consistency: Consistency;
  private eventCount = 0;
  /** The read that this object is a view for; undefined if it is not a view. */
  private readonly read?: Read;

  constructor(options: CloudFormationOptions) {
    const { clock, environment, ssmParameter, ids = randomUUID, onEvent, templateAt } = options;
    this.consistency = options.consistency ?? Consistency.STRONG;
    this.environment = environment;
    this.engine = {
      clock,
      environment,
      ids,
      exports: new Exports(),
      ssmParameter,
      typeOf: (name) => types.get(name) ?? (isCustomType(name) ? this.customResources.type(name) : undefined),
      emit: (event) => {
        this.record(event);
        onEvent?.(event);
      },
    };
    this.customResources = new CustomResources(this.engine, options);
    const nested = nestedStackType({
      engine: this.engine,
      templateAt,
      stack: (id) => this.stacks.get(id),
      open: (...args) => this.open(...args),
    });
    const types = new Map([...Object.entries(options.types), [STACK_TYPE, nested], [METADATA_TYPE, metadata(ids)]]);
  }

  /** Creates a stack and resolves at the end, with any status. Rejects only if the request is rejected. */
  async createStack({
    stackName,
    template,
    parameters = {},
    tags,
    disableRollback,
  }: StackRequest): Promise<StackDescription> {
    if (!/^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(stackName)) {
      throw validationError(
        `1 validation error detected: Value '${stackName}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
      );
    }
    if (this.find(stackName)) throw new ServiceError('AlreadyExistsException', `Stack [${stackName}] already exists`);
    const stack = this.open({ name: stackName, tags }, template, parameters);
    await stack.create({ disableRollback });
    return stack.describe();
  }

  /** Like `createStack`; by the name or ID of the stack. */
  async updateStack({
    stackName,
    template,
    parameters = {},
    disableRollback,
  }: StackRequest): Promise<StackDescription> {
    const stack = this.existing(stackName);
    await stack.update(template, parameters, { disableRollback });
    return stack.describe();
  }

  /** Like `createStack`; by the name or ID of the stack. */
  async deleteStack(stackName: string): Promise<StackDescription> {
    const stack = this.existing(stackName);
    await stack.delete();
    return stack.describe();
  }

  /** Whether the emulator can create resources of that type. */
  knows(type: string): boolean {
    return this.engine.typeOf(type) !== undefined;
  }

  seenBy(action: string): StackRegistry {
    return Object.create(this, { read: { value: this.consistency.read(action) } }) as CloudFormation;
  }

  /** A stack by its name or ID; a deleted stack only by its ID. */
  describeStack(nameOrId: string): StackDescription | undefined {
    const byId = this.stacks.get(nameOrId);
    return byId ? this.describe(byId) : this.describeStacks().find(({ stackName }) => stackName === nameOrId);
  }

  /** All stacks that are not deleted, including nested stacks. */
  describeStacks(): StackDescription[] {
    return [...this.stacks.values()]
      .flatMap((stack) => this.describe(stack) ?? [])
      .filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  stackEvents(nameOrId: string): LoggedEvent[] {
    const log = this.log.get(this.describeStack(nameOrId)?.stackId ?? '');
    if (!log) return [];
    const count = this.read ? log.countSeenBy(this.read, this.engine.clock.now()) : log.length;
    return log.states(count).reverse();
  }

  cancelUpdateStack(nameOrId: string): void {
    this.existing(nameOrId).cancelUpdate();
  }

  continueUpdateRollback(nameOrId: string): void {
    throw validationError(`unsupported: the rollback of ${nameOrId} cannot be continued; use a simulated stack`);
  }

  requestDeletion(nameOrId: string): void {
    throw validationError(`unsupported: ${nameOrId} cannot be deleted by a request; use a simulated stack`);
  }

  /** Answers a PUT to the `ResponseURL` of a custom resource; undefined for other paths. */
  takeAnswer(request: Pick<RawRequest, 'method' | 'path' | 'body'>): RawAnswer | undefined {
    return this.customResources.takeAnswer(request);
  }

  private describe(stack: Stack): StackDescription | undefined {
    return this.read ? stack.seenBy(this.read) : stack.describe();
  }

  private record(event: StackEvent): void {
    const { stackId, stackName, logicalId, status, timestamp } = event;
    const log = this.log.get(stackId) ?? new History<LoggedEvent>(`events of ${stackName}`);
    const eventId = `${logicalId}-${status}-${++this.eventCount}`;
    log.write({ ...event, eventId, operationId: this.stacks.get(stackId)?.operationId }, timestamp);
    this.log.set(stackId, log);
  }

  private open(
    identity: Omit<StackIdentity, 'id'>,
    template: unknown,
    parameters: Readonly<Record<string, string>>,
  ): Stack {
    const id = arnOf(this.environment, 'cloudformation', `stack/${identity.name}/${this.engine.ids()}`);
    const stack = new Stack(this.engine, { ...identity, id }, template, parameters);
    this.stacks.set(id, stack);
    return stack;
  }

  private existing(nameOrId: string): Stack {
    const stack = this.find(nameOrId);
    if (!stack) throw validationError(doesNotExist(nameOrId));
    if (stack.root !== stack) throw validationError(`unsupported: ${stack.id} is a nested stack; use its root stack`);
    return stack;
  }

  private find(nameOrId: string): Stack | undefined {
    return (
      this.stacks.get(nameOrId) ?? [...this.stacks.values()].find((stack) => stack.name === nameOrId && exists(stack))
    );
  }
}

function exists(stack: Stack): boolean {
  return stack.status !== 'DELETE_COMPLETE';
}

/** The metadata that the CDK adds to templates. It creates nothing. */
function metadata(ids: () => string): ResourceType {
  return {
    create: async () => ({ physicalId: ids(), attributes: {} }),
    update: async (_request, { state }) => state,
    delete: async () => undefined,
  };
}
