/** Which resource of which stack. */
export interface ResourceRequest {
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** The template's properties with every intrinsic resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Aborts when another resource has failed and CloudFormation no longer waits for this one. Whoever ignores it is waited for. */
  readonly signal?: AbortSignal;
}

/** What a resource has become. */
export interface ResourceState {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What is said when the template asks for an attribute that is not there. */
  readonly missing?: (attribute: string) => string;
}

/** A resource that exists. */
export interface ExistingResource extends ResourceRequest {
  readonly state: ResourceState;
}

/** How the embedded cloud makes, changes and removes resources of one type. A rejected promise fails the resource. */
export interface ResourceType {
  create(request: ResourceRequest): Promise<ResourceState>;
  /** An answer with another physical id is a replacement: the old one is deleted during the clean-up. */
  update(request: ResourceRequest, old: ExistingResource): Promise<ResourceState>;
  delete(request: ExistingResource): Promise<void>;
  /**
   * Takes back an update, whether it went well or failed. Without it, what was replaced is again what it was before,
   * and anything else is updated the other way round.
   */
  rollBack?(request: ResourceRequest, updated: ExistingResource): Promise<ResourceState>;
  /** Comes after an update or its rollback, when neither can fail any more: it does not reject. */
  cleanUp?(request: ExistingResource): Promise<void>;
  /** It waits for others and holds the clock by itself while it is at work. Of all others the clock is held for as long as they take. */
  readonly holdsClock?: boolean;
}

/** A failure that leaves something behind: what has this physical id is to be deleted. */
export class ResourceFailure extends Error {
  constructor(
    message: string,
    readonly physicalId: string,
  ) {
    super(message);
    this.name = 'ResourceFailure';
  }
}

/** What is said of a resource that CloudFormation stopped waiting for. */
export const CANCELLED = {
  create: 'Resource creation cancelled',
  update: 'Resource update cancelled',
} as const;
