/** A request for a resource of a stack. */
export interface ResourceRequest {
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** The properties with every intrinsic function resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Aborts after the failure of another resource. A type that ignores it is waited for. */
  readonly signal?: AbortSignal;
}

/** The state of a resource after a request. */
export interface ResourceState {
  /** The value of `Ref`. */
  readonly physicalId: string;
  /** The values of `Fn::GetAtt`. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Renders the error for an attribute that does not exist. */
  readonly missing?: (attribute: string) => string;
}

/** A resource that exists. */
export interface ExistingResource extends ResourceRequest {
  readonly state: ResourceState;
}

/** Creates, updates and deletes the resources of one type. A rejected promise fails the resource. */
export interface ResourceType {
  create(request: ResourceRequest): Promise<ResourceState>;
  /** A result with another physical ID is a replacement: the old resource is deleted during the cleanup. */
  update(request: ResourceRequest, old: ExistingResource): Promise<ResourceState>;
  delete(request: ExistingResource): Promise<void>;
  /**
   * Rolls back an update that has succeeded or failed. Default: a replacement is undone, and any other update is reversed
   * by another update.
   */
  rollBack?(request: ResourceRequest, updated: ExistingResource): Promise<ResourceState>;
  /** Called after an update or its rollback, when neither can fail any more. Does not reject. */
  cleanUp?(request: ExistingResource): Promise<void>;
  /** Whether the type holds the clock itself while it works. Otherwise, the clock is held during each request. */
  readonly holdsClock?: boolean;
}

/** A failure that leaves a resource with this physical ID, which has to be deleted. */
export class ResourceFailure extends Error {
  constructor(
    message: string,
    readonly physicalId: string,
  ) {
    super(message);
    this.name = 'ResourceFailure';
  }
}

/** The reasons of resources that CloudFormation has cancelled. */
export const CANCELLED = {
  create: 'Resource creation cancelled',
  update: 'Resource update cancelled',
} as const;
