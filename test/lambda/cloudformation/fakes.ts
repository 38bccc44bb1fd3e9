import { inspect, isDeepStrictEqual } from 'node:util';
import type {
  CloudFormationCustomResourceCreateEvent,
  CloudFormationCustomResourceDeleteEvent,
  CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import type {
  Dependencies,
  KeyValueStore,
  Services,
  StackDescription,
} from '../../../lambda/cloudformation/dependencies';
import { guardPlanFor } from '../../../lambda/cloudformation/guard-plan';
import { type ParsedGuardRequest, parseEvent, targetOf } from '../../../lambda/cloudformation/parsed-request';
import { type Plan, planFor, type Situation } from '../../../lambda/cloudformation/plan';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import { isResponseUrl } from '../../../lambda/cloudformation/response-url';
import { retryingServices } from '../../../lambda/cloudformation/retrying-services';
import { type Budget, createCall } from '../../../lambda/retry';
import {
  type CancellationInput,
  type CloudFormationRequest,
  GUARD_RESOURCE_TYPE,
  type RespondEvent,
  type Result,
} from '../../../lib/contract/cancellation';

/** The time at which the requests of the tests are made. */
export const REQUESTED_AT = Date.parse('2026-10-01T12:00:00Z');

/** The part of the response URL that must never be visible in logs or inputs of executions. */
export const SECRET = 'X-Amz-Signature=5ec2e7';
export const RESPONSE_URL = responseUrlAt('20261001T120000Z');

/** A response URL that was signed at this time. */
export function responseUrlAt(date: string): string {
  const times = `X-Amz-Date=${date}&X-Amz-Expires=7200`;
  return `https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/response?${times}&${SECRET}`;
}

export const STATE_MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:Workflow';

/** Properties as CloudFormation sends them: every scalar is a string. */
export const PROPERTIES = {
  ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:cloudformation',
  contractVersion: '1',
  stateMachineArn: STATE_MACHINE,
  deployment: { kind: 'proton-service-instance', identifiers: { serviceName: 'web', serviceInstanceName: 'web-prod' } },
  settings: { timeoutSeconds: '1800', failOn: [], onNotFound: 'fail', includeStatusMessage: 'false' },
};

type Overrides = Partial<Omit<CloudFormationCustomResourceUpdateEvent, 'RequestType'>>;

const common = {
  ServiceToken: PROPERTIES.ServiceToken,
  ResponseURL: RESPONSE_URL,
  StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Stack/0aa1',
  RequestId: 'request-1',
  LogicalResourceId: 'Cancel',
  ResourceType: 'Custom::DeploymentCancellation',
  ResourceProperties: PROPERTIES,
};

export function createEvent(overrides: Overrides = {}): CloudFormationCustomResourceCreateEvent {
  return { ...common, ...overrides, RequestType: 'Create' };
}

export function updateEvent(overrides: Overrides = {}): CloudFormationCustomResourceUpdateEvent {
  return {
    ...common,
    PhysicalResourceId: 'Cancel-1234',
    OldResourceProperties: PROPERTIES,
    ...overrides,
    RequestType: 'Update',
  };
}

export function deleteEvent(overrides: Overrides = {}): CloudFormationCustomResourceDeleteEvent {
  return { ...common, PhysicalResourceId: 'Cancel-1234', ...overrides, RequestType: 'Delete' };
}

/** The plan for an event of a cancellation or a fleet. */
export function planOf(
  event: CloudFormationCustomResourceEvent,
  stackStatus: string | undefined,
  situation: Partial<Situation> = {},
): Plan {
  const request = parseEvent(event);
  if (request.resourceType === GUARD_RESOURCE_TYPE) throw new Error('this is an event of a guard');
  return planFor(request, { stackStatus, isLate: false, ...situation });
}

/** The plan for an event whose resource is a guard. */
export function guardPlanOf(
  event: CloudFormationCustomResourceEvent,
  stackStatus: string | undefined,
  situation: Partial<Situation> = {},
): Plan {
  return guardPlanFor(parseGuardEvent(event), { stackStatus, isLate: false, ...situation });
}

/** Parses an event as one of a guard. */
export function parseGuardEvent(event: CloudFormationCustomResourceEvent): ParsedGuardRequest {
  const request = parseEvent({ ...event, ResourceType: GUARD_RESOURCE_TYPE });
  if (request.resourceType !== GUARD_RESOURCE_TYPE) throw new Error('this is no event of a guard');
  return request;
}

export const OPERATIONS = ['status', 'start', 'running', 'stop', 'create', 'put', 'get', 'delete', 'send'] as const;
export const GUARD_STATE_OPERATIONS = ['put-guard-state', 'get-guard-state', 'delete-guard-state'] as const;
export type Operation =
  | 'exists'
  | 'create-guard-state'
  | (typeof OPERATIONS)[number]
  | (typeof GUARD_STATE_OPERATIONS)[number];

/** A store in memory. Its operations are recorded, can be made to fail, and its reads can be behind its writes. */
class FakeKeyValueStore implements KeyValueStore {
  readonly entries = new Map<string, string>();
  /** How long a write is invisible to reads, in milliseconds. */
  lag = 0;
  /** The values that reads return until a time. */
  private readonly stale = new Map<string, { readonly value: string | undefined; readonly until: number }>();

  constructor(
    private readonly deps: Pick<FakeDependencies, 'call' | 'clock'>,
    private readonly operations: Readonly<Record<keyof KeyValueStore, Operation>>,
  ) {}

  create(key: string, value: string): Promise<boolean> {
    return this.deps.call(this.operations.create, key, () => {
      if (this.entries.has(key)) return false;
      this.write(key, value);
      return true;
    });
  }

  put(key: string, value: string): Promise<void> {
    return this.deps.call(this.operations.put, key, () => this.write(key, value));
  }

  get(key: string): Promise<string | undefined> {
    return this.deps.call(this.operations.get, key, () => {
      const stale = this.stale.get(key);
      return stale && this.deps.clock.now() < stale.until ? stale.value : this.entries.get(key);
    });
  }

  delete(key: string): Promise<void> {
    return this.deps.call(this.operations.delete, key, () => this.write(key, undefined));
  }

  private write(key: string, value: string | undefined): void {
    this.stale.set(key, { value: this.entries.get(key), until: this.deps.clock.now() + this.lag });
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, value);
  }
}

/** The time that an invocation has, in milliseconds: as the function gives it to its calls and to its response. */
const INVOCATION = { reserveFrom: 195_000, end: 295_000 };

/** The systems that the function uses, in memory. Every operation is recorded, and can be made to fail. */
export class FakeDependencies implements Dependencies {
  /** The calls in order, each with its operation and subject. */
  readonly calls: string[] = [];
  /** Operations that fail and have no effect. */
  readonly failing = new Map<Operation, Error>();
  /** Operations that have their effect, and then fail. */
  readonly failingAfterEffect = new Map<Operation, Error>();
  /** Operations that fail until a time. */
  readonly failingUntil = new Map<Operation, { readonly error: Error; readonly until: number }>();

  /** How long a call takes that fails, in milliseconds. */
  failureDuration = 0;

  stackStatus: string | undefined = 'UPDATE_IN_PROGRESS';
  /** The statuses of stacks whose status is not `stackStatus`. */
  readonly stackStatuses = new Map<string, string>();
  /** The parents of nested stacks. */
  readonly parents = new Map<string, string>();
  /** The times of every stack. */
  stackTimes: Pick<StackDescription, 'createdAt' | 'updatedAt'> = {};
  /** Reads a stack whose status changes with time, in place of the fields above. */
  readStack?: () => StackDescription;
  /** What the next reads of a stack return instead. */
  readonly staleStacks: StackDescription[] = [];

  /** The inputs of all executions that were started, by name. */
  readonly started = new Map<string, CancellationInput>();
  readonly startedAt = new Map<string, number>();
  /** The state machines of the running executions, by the name of the execution. */
  readonly runningExecutions = new Map<string, string>();
  /** How many reads do not see an execution that was started. */
  invisibleExecutionReads = 0;

  readonly responses: { url: string; body: Record<string, unknown> }[] = [];

  private time = REQUESTED_AT + 1_000;
  readonly clock = {
    now: () => this.time,
    sleep: async (ms: number) => {
      this.time += ms;
    },
    random: () => 0.5,
  };

  /** The start of the invocation that all calls belong to. Default: each call has an invocation of its own. */
  invocationStart: number | undefined;
  readonly budget: Budget = Object.defineProperties({} as Budget, {
    reserveFrom: { get: () => (this.invocationStart ?? this.time) + INVOCATION.reserveFrom },
    end: { get: () => (this.invocationStart ?? this.time) + INVOCATION.end },
  });

  readonly isResponseUrl = (url: string) => isResponseUrl(url, 'us-east-1');

  readonly responseSender = {
    send: (url: string, body: string) =>
      this.call('send', '', () => {
        this.responses.push({ url, body: JSON.parse(body) });
      }),
  };

  /** Records an operation, and performs it unless it is to fail. */
  readonly call = async <T>(operation: Operation, subject: string, perform: () => T): Promise<T> => {
    this.calls.push(`${operation} ${subject}`.trim());
    this.fail(operation);
    const result = perform();
    const lateFailure = this.failingAfterEffect.get(operation);
    if (lateFailure) throw lateFailure;
    return result;
  };

  private fail(operation: Operation): void {
    const failure = this.failing.get(operation);
    if (failure) {
      this.time += this.failureDuration;
      throw failure;
    }
    const temporary = this.failingUntil.get(operation);
    if (temporary && this.time < temporary.until) throw temporary.error;
  }

  readonly targetStore = new FakeKeyValueStore(this, { create: 'create', put: 'put', get: 'get', delete: 'delete' });
  readonly guardStore = new FakeKeyValueStore(this, {
    create: 'create-guard-state',
    put: 'put-guard-state',
    get: 'get-guard-state',
    delete: 'delete-guard-state',
  });

  /** The services as they answer, without retries. */
  private readonly services: Services = {
    stacks: {
      describe: (stackId) =>
        this.call(
          'status',
          stackId,
          () =>
            this.staleStacks.shift() ??
            this.readStack?.() ?? {
              status: this.stackStatuses.get(stackId) ?? this.stackStatus,
              parentId: this.parents.get(stackId),
              ...this.stackTimes,
            },
        ),
    },
    executions: {
      // Not recorded among the calls: every request begins with it, and it changes nothing.
      statusOf: async (_stateMachineArn, name) => {
        this.fail('exists');
        if (this.invisibleExecutionReads-- > 0 || !this.started.has(name)) return undefined;
        return this.runningExecutions.has(name) ? 'RUNNING' : 'SUCCEEDED';
      },
      start: (stateMachineArn, name, input) =>
        this.call('start', name, () => {
          if (this.started.has(name)) return isDeepStrictEqual(this.started.get(name), input) && this.isRunning(name);
          this.started.set(name, input as CancellationInput);
          this.startedAt.set(name, this.time);
          this.runningExecutions.set(name, stateMachineArn);
          return true;
        }),
      running: (stateMachineArn, prefix) =>
        this.call('running', prefix, () =>
          [...this.runningExecutions].flatMap(([name, arn]) =>
            arn === stateMachineArn && name.startsWith(prefix) ? [name] : [],
          ),
        ),
      stop: (_stateMachineArn, name) =>
        this.call('stop', name, () => {
          this.runningExecutions.delete(name);
        }),
    },
    responseTargets: this.targetStore,
    guardStates: this.guardStore,
  };

  private isRunning(name: string): boolean {
    return this.runningExecutions.has(name);
  }

  private readonly retrying = retryingServices(
    this.services,
    createCall({ clock: this.clock, budget: this.budget, access: { isAnyCallAllowed: true } }),
    {
      responseTarget: (key) => `arn:aws:ssm:us-east-1:111122223333:parameter/response-urls/${key}`,
      guardState: (key) => `arn:aws:ssm:us-east-1:111122223333:parameter/guard-states/${key}`,
    },
  );
  readonly stacks = this.retrying.stacks;
  readonly executions = this.retrying.executions;
  readonly responseTargets = this.retrying.responseTargets;
  readonly guardStates = this.retrying.guardStates;

  /** The stored target or mark of an execution. */
  storedTarget(name: string): unknown {
    const text = this.targetStore.entries.get(name);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Stores the target of an execution for the request of an event, as if it had been started long ago. */
  storeTarget(name: string, event: CloudFormationCustomResourceEvent = createEvent()): void {
    const { url, requester } = targetOf(parseEvent(event));
    this.targetStore.entries.set(name, JSON.stringify({ url, requester }));
  }

  /** The body of the only response. */
  get response(): Record<string, unknown> {
    const [response, ...others] = this.responses;
    if (!response || others.length > 0) throw new Error(`${this.responses.length} responses where one was expected`);
    return response.body;
  }

  /** The operations of the calls, without their subjects. */
  get operations(): string[] {
    return this.calls.map((call) => call.split(' ')[0] as string);
  }
}

/** The event of the state machine when the execution for a request has ended with this result. */
export function resultEvent(
  deps: FakeDependencies,
  event: CloudFormationCustomResourceEvent,
  result: Partial<Result> = {},
): RespondEvent {
  const name = executionName(event);
  const input = deps.started.get(name) as CancellationInput & { cloudFormation: CloudFormationRequest };
  return {
    request: input,
    executionArn: `arn:aws:states:us-east-1:111122223333:execution:Workflow:${name}`,
    result: {
      outcome: 'CANCELLED',
      failed: false,
      reason: 'deployment 1 of service instance web/web-prod is CANCELLED',
      attributes: { outcome: 'CANCELLED', deploymentStatus: 'CANCELLED', deploymentId: '1' },
      ...result,
    },
  };
}

/** An error of a service, whose message repeats the secret. */
export function failure(name: string): Error {
  const error = new Error(`failed with ${RESPONSE_URL}`);
  return Object.assign(error, { name, $fault: 'client', $metadata: { httpStatusCode: 400 } });
}

/** The error of a request whose response is lost. */
export function lost(): Error {
  return Object.assign(new Error(`no response to ${RESPONSE_URL}`), { name: 'TimeoutError' });
}

/** Records everything that is written to the console, and returns it as one text. */
export function captureConsole(): () => string {
  const spies = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((method) =>
    jest.spyOn(console, method).mockImplementation(() => undefined),
  );
  return () =>
    inspect(
      spies.flatMap((spy) => spy.mock.calls),
      { depth: null, maxStringLength: null, maxArrayLength: null },
    );
}
