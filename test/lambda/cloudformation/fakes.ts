import { inspect } from 'node:util';
import type {
  CloudFormationCustomResourceCreateEvent,
  CloudFormationCustomResourceDeleteEvent,
  CloudFormationCustomResourceEvent,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import type { Dependencies, KeyValueStore } from '../../../lambda/cloudformation/dependencies';
import { guardPlanFor } from '../../../lambda/cloudformation/guard-plan';
import { parseEvent } from '../../../lambda/cloudformation/parsed-request';
import { type Plan, planFor } from '../../../lambda/cloudformation/plan';
import { executionName } from '../../../lambda/cloudformation/request-identity';
import {
  type CancellationInput,
  type CloudFormationRequest,
  GUARD_RESOURCE_TYPE,
  type RespondEvent,
  type Result,
} from '../../../lib/contract/cancellation';

/** The part of the response URL that must never be visible in logs or inputs of executions. */
export const SECRET = 'X-Amz-Signature=5ec2e7';
export const RESPONSE_URL = `https://cloudformation-custom-resource-response.s3.amazonaws.com/response?${SECRET}`;

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
export function planOf(event: CloudFormationCustomResourceEvent, stackStatus: string | undefined): Plan {
  const request = parseEvent(event);
  if (request.resourceType === GUARD_RESOURCE_TYPE) throw new Error('this is an event of a guard');
  return planFor(request, stackStatus);
}

/** The plan for an event whose resource is a guard. */
export function guardPlanOf(event: CloudFormationCustomResourceEvent, stackStatus: string | undefined): Plan {
  const request = parseEvent({ ...event, ResourceType: GUARD_RESOURCE_TYPE });
  if (request.resourceType !== GUARD_RESOURCE_TYPE) throw new Error('this is no event of a guard');
  return guardPlanFor(request, stackStatus);
}

export const OPERATIONS = ['status', 'start', 'running', 'stop', 'put', 'get', 'delete', 'send'] as const;
export const GUARD_STATE_OPERATIONS = ['put-guard-state', 'get-guard-state', 'delete-guard-state'] as const;
export type Operation = 'exists' | 'input' | (typeof OPERATIONS)[number] | (typeof GUARD_STATE_OPERATIONS)[number];

/** A store in memory. Its operations are recorded, and can be made to fail. */
class FakeKeyValueStore implements KeyValueStore {
  readonly entries = new Map<string, string>();

  constructor(
    private readonly call: FakeDependencies['call'],
    private readonly operations: Readonly<Record<keyof KeyValueStore, Operation>>,
  ) {}

  put(key: string, value: string): Promise<void> {
    return this.call(this.operations.put, key, () => {
      this.entries.set(key, value);
    });
  }

  get(key: string): Promise<string | undefined> {
    return this.call(this.operations.get, key, () => this.entries.get(key));
  }

  delete(key: string): Promise<void> {
    return this.call(this.operations.delete, key, () => {
      this.entries.delete(key);
    });
  }
}

/** The systems that the function uses, in memory. Every operation is recorded, and can be made to fail. */
export class FakeDependencies implements Dependencies {
  /** The calls in order, each with its operation and subject. */
  readonly calls: string[] = [];
  /** Operations that fail and have no effect. */
  readonly failing = new Map<Operation, Error>();
  /** Operations that have their effect, and then fail. */
  readonly failingAfterEffect = new Map<Operation, Error>();

  stackStatus: string | undefined = 'UPDATE_IN_PROGRESS';
  /** The statuses of stacks whose status is not `stackStatus`. */
  readonly stackStatuses = new Map<string, string>();
  /** The parents of nested stacks. */
  readonly parents = new Map<string, string>();

  /** The inputs of all executions that were started, by name. */
  readonly started = new Map<string, CancellationInput>();
  /** The state machines of the running executions, by the name of the execution. */
  readonly runningExecutions = new Map<string, string>();
  /** The inputs that `inputOf` returns, by ARN. */
  readonly inputs = new Map<string, string>();

  readonly responses: { url: string; body: Record<string, unknown> }[] = [];

  private time = 1_000_000;
  readonly clock = {
    now: () => this.time,
    sleep: async (ms: number) => {
      this.time += ms;
    },
    random: () => 0.5,
  };

  readonly stacks = {
    describe: (stackId: string) =>
      this.call('status', stackId, () => ({
        status: this.stackStatuses.get(stackId) ?? this.stackStatus,
        parentId: this.parents.get(stackId),
      })),
  };

  readonly executions = {
    // Not recorded among the calls: every request begins with it, and it changes nothing.
    exists: async (_stateMachineArn: string, name: string) => {
      const failure = this.failing.get('exists');
      if (failure) throw failure;
      return this.started.has(name);
    },
    inputOf: (executionArn: string) => this.call('input', '', () => this.inputs.get(executionArn)),
    start: (stateMachineArn: string, name: string, input: CancellationInput) =>
      this.call('start', name, (): 'running' | 'ended' => {
        if (this.started.has(name)) return this.runningExecutions.has(name) ? 'running' : 'ended';
        this.started.set(name, input);
        this.runningExecutions.set(name, stateMachineArn);
        return 'running';
      }),
    running: (stateMachineArn: string, prefix: string) =>
      this.call('running', prefix, () =>
        [...this.runningExecutions].flatMap(([name, arn]) =>
          arn === stateMachineArn && name.startsWith(prefix) ? [name] : [],
        ),
      ),
    stop: (_stateMachineArn: string, name: string, _cause: string) =>
      this.call('stop', name, () => {
        this.runningExecutions.delete(name);
      }),
  };

  readonly responseSender = {
    send: (url: string, body: string) =>
      this.call('send', '', () => {
        this.responses.push({ url, body: JSON.parse(body) });
      }),
  };

  /** Records an operation, and performs it unless it is to fail. */
  readonly call = async <T>(operation: Operation, subject: string, perform: () => T): Promise<T> => {
    this.calls.push(`${operation} ${subject}`.trim());
    const failure = this.failing.get(operation);
    if (failure) throw failure;
    const result = perform();
    const lateFailure = this.failingAfterEffect.get(operation);
    if (lateFailure) throw lateFailure;
    return result;
  };

  readonly responseUrls = new FakeKeyValueStore(this.call, { put: 'put', get: 'get', delete: 'delete' });
  readonly guardStates = new FakeKeyValueStore(this.call, {
    put: 'put-guard-state',
    get: 'get-guard-state',
    delete: 'delete-guard-state',
  });

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
  return Object.assign(new Error(`failed with ${RESPONSE_URL}`), { name });
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
