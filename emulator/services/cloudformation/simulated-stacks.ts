import { STACK_TYPE } from '../../aws/cloudformation/engine';
import { validationError } from '../../aws/cloudformation/errors';
import type { Operation, StackDescription, StackStatus } from '../../aws/cloudformation/stack-description';
import {
  type ContinueRequest,
  doesNotExist,
  type LoggedEvent,
  lastOperations,
  NOT_CANCELLABLE,
  type StackRegistry,
} from '../../aws/cloudformation/stack-registry';
import type { Clock } from '../../core/clock';
import type { Consistency } from '../../core/consistency';
import type { AwsEnvironment } from '../../core/environment';
import { ServiceError } from '../../core/http-server';
import { uuidOf } from '../../core/ids';
import { HOURS, MINUTES, type PlanStep, SECONDS, type SeededDeployment } from '../../core/plan';
import * as core from '../../core/simulated-service';

/** A stack that was created a day ago, and its updates since then, oldest first. */
export interface SimulatedStack {
  readonly name: string;
  /** If the first one has the status `CREATE_IN_PROGRESS`, it is the creation of the stack. */
  readonly updates?: readonly SeededDeployment<StackStatus>[];
  /** The values of its tags, by their keys. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether a rollback, or an update after the start, removes its tags. */
  readonly losesTags?: boolean;
  /** Its root stack, if it is a nested stack. */
  readonly rootId?: string;
  /** Whether it has no service role. */
  readonly hasNoRole?: boolean;
  /**
   * The steps after a request to continue a failed rollback. Default: it fails again after 20 seconds, unless the resource
   * of the stack is skipped.
   */
  readonly onContinue?: readonly PlanStep<StackStatus>[];
  /** The steps after a request to delete the stack. Default: it is deleted after 30 seconds. */
  readonly onDelete?: readonly PlanStep<StackStatus>[];
  /** Whether it has no operations, as in CloudFormation before November 2025. */
  readonly withholdsOperations?: boolean;
}

interface Properties extends Pick<SimulatedStack, 'tags' | 'losesTags' | 'rootId' | 'onContinue' | 'onDelete'> {
  readonly id: string;
  readonly name: string;
  readonly roleArn?: string;
  readonly createdAt: number;
  readonly withholdsOperations: boolean;
}

/** An accepted request that is not the cancellation of an update, and the status of the stack at that time. */
export interface AcceptedRequest {
  readonly operation: 'ContinueUpdateRollback' | 'DeleteStack';
  readonly at: number;
  readonly stackId: string;
  readonly deploymentId: string;
  readonly status: StackStatus;
  readonly resourcesToSkip?: readonly string[];
  readonly token?: string;
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
    'CREATE_COMPLETE',
    'CREATE_FAILED',
    'ROLLBACK_COMPLETE',
    'ROLLBACK_FAILED',
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
  /** The accepted requests to delete a stack, or to continue its rollback. */
  readonly acceptedRequests: AcceptedRequest[] = [];
  private ids = 0;

  constructor(
    stacks: readonly SimulatedStack[],
    clock: Clock,
    environment: Partial<AwsEnvironment> = {},
    consistency?: Consistency,
  ) {
    super(STATUSES, clock, environment, consistency);
    const { partition, region, account } = this.environment;
    for (const { name, updates = [], withholdsOperations = false, hasNoRole = false, ...plans } of stacks) {
      const id = `arn:${partition}:cloudformation:${region}:${account}:stack/${name}/${uuidOf(`stack ${name}`)}`;
      const roleArn = hasNoRole ? undefined : `arn:${partition}:iam::${account}:role/cdk-cfn-exec-role`;
      const createdAt = isCreation(updates[0]?.status)
        ? this.startTime + (updates[0]?.at ?? 0)
        : this.startTime - 24 * HOURS;
      this.add(name, { id, name, roleArn, createdAt, withholdsOperations, ...plans }, updates);
    }
  }

  describeStack(nameOrId: string): StackDescription | undefined {
    const stack = this.find(nameOrId);
    return stack && this.description(stack);
  }

  describeStacks(): readonly StackDescription[] {
    return this.resources.filter((stack) => !isDeleted(stack)).map((stack) => this.description(stack));
  }

  stackEvents(nameOrId: string): readonly LoggedEvent[] {
    const stack = this.find(nameOrId);
    return stack ? this.eventsOf(stack).reverse() : [];
  }

  cancelUpdateStack(nameOrId: string): void {
    this.cancel(this.find(nameOrId)?.path ?? nameOrId);
  }

  continueUpdateRollback(nameOrId: string, { resourcesToSkip, token }: ContinueRequest): void {
    const stack = this.find(nameOrId);
    const last = stack?.deployments.at(-1);
    if (!stack || !last) throw validationError(doesNotExist(nameOrId));
    if (last.status !== 'UPDATE_ROLLBACK_FAILED') {
      throw validationError(`Stack:${stack.id} is in ${last.status} state and its rollback can not be continued.`);
    }
    const unknown = resourcesToSkip.filter((id) => id !== RESOURCE.logicalId);
    if (unknown.length > 0) throw validationError(`The resources [${unknown.join(', ')}] can not be skipped.`);
    this.accept('ContinueUpdateRollback', stack, { resourcesToSkip, token });
    const status = resourcesToSkip.length > 0 ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_ROLLBACK_FAILED';
    const { onContinue = [{ after: 20 * SECONDS, status }] } = stack;
    this.continueWith(stack.path, last.id, [{ after: 0, status: 'UPDATE_ROLLBACK_IN_PROGRESS' }, ...onContinue]);
  }

  requestDeletion(nameOrId: string, token?: string): void {
    const stack = this.find(nameOrId);
    const last = stack?.deployments.at(-1);
    // As in CloudFormation, the deletion of what does not exist is no error.
    if (!stack || !last || last.status === 'DELETE_IN_PROGRESS') return;
    if (/^(UPDATE|IMPORT)_.*_?IN_PROGRESS$/.test(last.status)) {
      throw validationError(`Stack [${stack.name}] cannot be deleted while in status ${last.status}`);
    }
    this.accept('DeleteStack', stack, { token });
    const { onDelete = [{ after: 30 * SECONDS, status: 'DELETE_COMPLETE' }] } = stack;
    this.continueWith(stack.path, last.id, [{ after: 0, status: 'DELETE_IN_PROGRESS' }, ...onDelete]);
  }

  private accept(
    operation: AcceptedRequest['operation'],
    { id: stackId, deployments }: PlannedStack,
    request: Pick<AcceptedRequest, 'resourcesToSkip' | 'token'>,
  ): void {
    const { token } = request;
    if (token !== undefined && this.acceptedRequests.some((one) => one.token === token)) {
      throw new ServiceError('TokenAlreadyExistsException', `A client request token already exists: ${token}`);
    }
    const { id: deploymentId, status } = core.latest({ deployments });
    this.acceptedRequests.push({ operation, at: this.clock.now(), stackId, deploymentId, status, ...request });
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
    // A deleted stack is found only by its ID.
    return this.resources.find((stack) => stack.id === nameOrId || (stack.name === nameOrId && !isDeleted(stack)));
  }

  private description(stack: PlannedStack): StackDescription {
    const { id, name, rootId, roleArn, createdAt, withholdsOperations } = stack;
    const last = stack.deployments.at(-1);
    const hasUpdates = stack.deployments.length > 1 || last?.createdAt !== createdAt;
    return {
      stackId: id,
      stackName: name,
      status: last?.status ?? 'CREATE_COMPLETE',
      statusReason: last?.message,
      creationTime: createdAt,
      lastUpdatedTime: hasUpdates ? last?.createdAt : undefined,
      deletionTime: last?.status === 'DELETE_COMPLETE' ? last.completedAt : undefined,
      disableRollback: false,
      roleArn,
      tags: this.tagsOf(stack),
      rootId,
      parentId: rootId,
      outputs: [],
      parameters: [],
      lastOperations: withholdsOperations ? [] : lastOperations(this.moves(stack).reverse()),
    };
  }

  private tagsOf({ tags, losesTags, deployments }: PlannedStack): SimulatedStack['tags'] {
    const last = deployments.at(-1);
    const isLost = last && (last.createdAt > this.startTime || last.status.startsWith('UPDATE_ROLLBACK_'));
    return losesTags && isLost ? {} : tags;
  }

  private eventsOf(stack: PlannedStack): LoggedEvent[] {
    const { id: stackId, name: stackName, withholdsOperations } = stack;
    const stackEvent = { logicalId: stackName, physicalId: stackId, resourceType: STACK_TYPE };
    return this.moves(stack)
      .flatMap(({ at, status, id, clientRequestToken }): Omit<LoggedEvent, 'eventId'>[] => {
        const operationId = withholdsOperations ? undefined : id;
        const common = { timestamp: at, stackId, stackName, operationId, clientRequestToken };
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
  private moves({ id: stackId, path, createdAt, deployments }: PlannedStack): Move[] {
    const creation = { type: 'CREATE_STACK', id: uuidOf(`creation of ${path}`) } as const;
    const changes = this.changesOf(path).filter(({ kind }) => kind !== 'vanished');
    const moves = changes.map(({ at, status, deploymentId }, index): Move => {
      const hadFailed = changes
        .slice(0, index)
        .some((one) => one.deploymentId === deploymentId && one.status === 'UPDATE_ROLLBACK_FAILED');
      const type = typeOf(status, hadFailed);
      const id = OWN_OPERATIONS.includes(type) ? deploymentId : uuidOf(`${type} of ${deploymentId}`);
      return { at, status, type, id, clientRequestToken: this.tokenOf(type, stackId, deploymentId, at) };
    });
    if (deployments[0]?.createdAt === createdAt) return moves;
    return [
      { ...creation, at: createdAt, status: 'CREATE_IN_PROGRESS' },
      { ...creation, at: createdAt + 4 * MINUTES, status: 'CREATE_COMPLETE' },
      ...moves,
    ];
  }

  /** The token of the request that began the operation of a change. */
  private tokenOf(type: Operation['type'], stackId: string, deploymentId: string, at: number): string | undefined {
    const operation = OPERATION_OF[type];
    const requests = this.acceptedRequests.filter(
      (one) =>
        one.operation === operation && one.stackId === stackId && one.deploymentId === deploymentId && one.at <= at,
    );
    return requests.at(-1)?.token;
  }
}

interface Move extends Operation, Pick<LoggedEvent, 'clientRequestToken'> {
  readonly at: number;
  readonly status: StackStatus;
}

/** The requests that begin operations within a deployment. */
const OPERATION_OF: Readonly<Partial<Record<Operation['type'], AcceptedRequest['operation']>>> = {
  CONTINUE_ROLLBACK: 'ContinueUpdateRollback',
  DELETE_STACK: 'DeleteStack',
};

/** The operations that have the ID of the deployment. */
const OWN_OPERATIONS: readonly Operation['type'][] = ['CREATE_STACK', 'UPDATE_STACK'];

function isDeleted({ deployments }: PlannedStack): boolean {
  return deployments.at(-1)?.status === 'DELETE_COMPLETE';
}

function isCreation(status: StackStatus | undefined): boolean {
  return status === 'CREATE_IN_PROGRESS';
}

/** The operation that leads to a status. */
function typeOf(status: StackStatus, hadFailed: boolean): Operation['type'] {
  if (status.startsWith('DELETE_')) return 'DELETE_STACK';
  if (status.startsWith('CREATE_')) return 'CREATE_STACK';
  if (!status.startsWith('UPDATE_ROLLBACK_')) return status.startsWith('ROLLBACK_') ? 'ROLLBACK' : 'UPDATE_STACK';
  return hadFailed ? 'CONTINUE_ROLLBACK' : 'ROLLBACK';
}
