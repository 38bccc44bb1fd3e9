/** A request of the SDK, as IAM sees it. */
export interface SentRequest {
  readonly action: string;
  readonly resourceArn: string;
}

/** Operations that change nothing. An action that is not known to be one of them counts as a change. */
const READ = /:(BatchGet|Describe|Get|List)[A-Z]/;

function isRead({ action }: SentRequest): boolean {
  return READ.test(action);
}

/** The request would change something, and was not sent. */
export class RequestNotSentError extends Error {
  override readonly name = 'RequestNotSentError';
}

/** The requests of one cancellation. */
export class Requests {
  private readonly reads = new Map<string, SentRequest>();
  private lastChange?: SentRequest;

  /** @param onBlocked called with a request that would change something; without it, such a request is sent */
  constructor(private readonly onBlocked?: (request: SentRequest) => void) {}

  /** @throws `RequestNotSentError` if the request must not be sent */
  readonly add = ({ action, resourceArn }: SentRequest): void => {
    const request = { action, resourceArn };
    if (isRead(request)) {
      this.reads.set(`${action} ${resourceArn}`, request);
      return;
    }
    this.lastChange = request;
    if (!this.onBlocked) return;
    this.onBlocked(request);
    throw new RequestNotSentError(`${action} is not sent`);
  };

  /** The last request that changes something. */
  get change(): SentRequest | undefined {
    return this.lastChange;
  }

  /** Every request once, in the order of the first. */
  get all(): readonly SentRequest[] {
    return [...this.reads.values(), ...(this.lastChange ? [this.lastChange] : [])];
  }
}
