import { STACK_TYPE } from '../../aws/cloudformation/engine';
import { validationError } from '../../aws/cloudformation/errors';
import type { Operation, StackDescription, StackStatus } from '../../aws/cloudformation/stack-description';
import {
  doesNotExist,
  type LoggedEvent,
  lastOperations,
  NOT_CANCELLABLE,
  type StackRegistry,
} from '../../aws/cloudformation/stack-registry';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import type { AwsEnvironment } from '../../core/environment';
import type { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import { HOURS, MINUTES, type SeededDeployment } from '../../core/plan';
import * as core from '../../core/simulated-service';

/** A stack that was created a day ago, and its updates since then, oldest first. */
export interface SimulatedStack {
  readonly name: string;
  readonly updates?: readonly SeededDeployment<StackStatus>[];
  /** Whether it has no operations, as in CloudFormation before November 2025. */
  readonly withholdsOperations?: boolean;
}

interface Properties {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly withholdsOperations: boolean;
}

type PlannedStack = core.Deployed<StackStatus, Properties>;

const STATUSES: core.StatusModel<StackStatus> = {
  started: 'UPDATE_IN_PROGRESS',
  cancellable: ['UPDATE_IN_PROGRESS'],
  cancelling: 'UPDATE_ROLLBACK_IN_PROGRESS',
  cancelled: 'UPDATE_ROLLBACK_COMPLETE',
  terminal: [
    'UPDATE_COMPLETE',
    'UPDATE_FAILED',
    'UPDATE_ROLLBACK_COMPLETE',
    'UPDATE_ROLLBACK_FAILED',
    'DELETE_COMPLETE',
    'DELETE_FAILED',
  ],
  messages: { UPDATE_IN_PROGRESS: 'User Initiated', UPDATE_ROLLBACK_IN_PROGRESS: 'User Initiated' },
};

/** The resource of every stack. */
const RESOURCE = { logicalId: 'Service', physicalId: 'service', resourceType: 'AWS::ECS::Service' } as const;

/** The statuses of the resource that come with statuses of its stack. */
const RESOURCE_STATUSES: Readonly<Partial<Record<StackStatus, StackStatus>>> = {
  CREATE_IN_PROGRESS: 'CREATE_IN_PROGRESS',
  CREATE_COMPLETE: 'CREATE_COMPLETE',
  UPDATE_IN_PROGRESS: 'UPDATE_IN_PROGRESS',
  UPDATE_COMPLETE: 'UPDATE_COMPLETE',
  UPDATE_ROLLBACK_IN_PROGRESS: 'UPDATE_FAILED',
  UPDATE_ROLLBACK_COMPLETE: 'UPDATE_COMPLETE',
  DELETE_IN_PROGRESS: 'DELETE_IN_PROGRESS',
};

/** Stacks whose updates follow plans instead of templates. */
export class SimulatedStacks extends core.SimulatedService<StackStatus, Properties> implements StackRegistry {
  private ids = 0;

  constructor(
    stacks: readonly SimulatedStack[],
    clock: Clock,
    environment: Partial<AwsEnvironment> = {},
    consistency?: Consistency,
  ) {
    super(STATUSES, clock, environment, consistency);
    const { partition, region, account } = this.environment;
    for (const { name, updates = [], withholdsOperations = false } of stacks) {
      const id = `arn:${partition}:cloudformation:${region}:${account}:stack/${name}/${uuidOf(`stack ${name}`)}`;
      this.add(name, { id, name, createdAt: this.startTime - 24 * HOURS, withholdsOperations }, updates);
    }
  }

  describeStack(nameOrId: string): StackDescription | undefined {
    const stack = this.find(nameOrId);
    return stack && this.description(stack);
  }

  describeStacks(): readonly StackDescription[] {
    return this.resources.map((stack) => this.description(stack));
  }

  stackEvents(nameOrId: string): readonly LoggedEvent[] {
    const stack = this.find(nameOrId);
    return stack ? this.eventsOf(stack).reverse() : [];
  }

  cancelUpdateStack(nameOrId: string): void {
    this.cancel(this.find(nameOrId)?.path ?? nameOrId);
  }

  protected notFound(path: string): ServiceError {
    return validationError(doesNotExist(path));
  }

  protected notInProgress(): ServiceError {
    return validationError(NOT_CANCELLABLE);
  }

  protected newId(): string {
    return uuidOf(`update ${++this.ids}`);
  }

  private find(nameOrId: string): PlannedStack | undefined {
    return this.resources.find(({ name, id }) => name === nameOrId || id === nameOrId);
  }

  private description(stack: PlannedStack): StackDescription {
    const { id, name, createdAt, withholdsOperations } = stack;
    const last = stack.deployments.at(-1);
    return {
      stackId: id,
      stackName: name,
      status: last?.status ?? 'CREATE_COMPLETE',
      statusReason: last?.message,
      creationTime: createdAt,
      lastUpdatedTime: last?.createdAt,
      disableRollback: false,
      outputs: [],
      parameters: [],
      lastOperations: withholdsOperations ? [] : lastOperations(this.moves(stack).reverse()),
    };
  }

  private eventsOf(stack: PlannedStack): LoggedEvent[] {
    const { id: stackId, name: stackName, withholdsOperations } = stack;
    const stackEvent = { logicalId: stackName, physicalId: stackId, resourceType: STACK_TYPE };
    return this.moves(stack)
      .flatMap(({ at, status, id }): Omit<LoggedEvent, 'eventId'>[] => {
        const common = { timestamp: at, stackId, stackName, operationId: withholdsOperations ? undefined : id };
        const own = { ...common, ...stackEvent, status };
        const resourceStatus = RESOURCE_STATUSES[status];
        if (resourceStatus === undefined) return [own];
        const resource = { ...common, ...RESOURCE, status: resourceStatus };
        // A resource begins after its stack, and ends before it.
        return status.endsWith('_IN_PROGRESS') ? [own, resource] : [resource, own];
      })
      .map((event, index) => ({ ...event, eventId: uuidOf(`event ${index} of ${stackId}`) }));
  }

  /** The statuses of a stack with their operations, oldest first. */
  private moves({ path, createdAt }: PlannedStack): Move[] {
    const creation = { type: 'CREATE_STACK', id: uuidOf(`creation of ${path}`) } as const;
    const moves = this.changesOf(path)
      .filter(({ kind }) => kind !== 'vanished')
      .map(({ at, status, deploymentId }): Move => {
        const type = typeOf(status);
        const id = type === 'UPDATE_STACK' ? deploymentId : uuidOf(`${type} of ${deploymentId}`);
        return { at, status, type, id };
      });
    return [
      { ...creation, at: createdAt, status: 'CREATE_IN_PROGRESS' },
      { ...creation, at: createdAt + 4 * MINUTES, status: 'CREATE_COMPLETE' },
      ...moves,
    ];
  }
}

interface Move extends Operation {
  readonly at: number;
  readonly status: StackStatus;
}

/** The operation that leads to a status. */
function typeOf(status: StackStatus): Operation['type'] {
  if (status.startsWith('DELETE_')) return 'DELETE_STACK';
  return status.startsWith('UPDATE_ROLLBACK_') ? 'ROLLBACK' : 'UPDATE_STACK';
}
