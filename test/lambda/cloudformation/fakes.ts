import { inspect } from 'node:util';
import type {
  CloudFormationCustomResourceCreateEvent,
  CloudFormationCustomResourceDeleteEvent,
  CloudFormationCustomResourceUpdateEvent,
} from 'aws-lambda';
import type { Dependencies, KeyValueStore } from '../../../lambda/cloudformation/dependencies';
import type { CancellationInput } from '../../../lib/contract/cancellation';

/** What must never be seen by anyone who may only look. */
export const SECRET = 'X-Amz-Signature=5ec2e7';
export const RESPONSE_URL = `https://cloudformation-custom-resource-response.s3.amazonaws.com/answer?${SECRET}`;

export const STATE_MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:Workflow';

/** The properties as CloudFormation hands them over: every scalar of them is a string. */
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

export const OPERATIONS = ['status', 'start', 'running', 'stop', 'put', 'get', 'delete', 'send'] as const;
export const GUARD_STATE_OPERATIONS = ['put-guard-state', 'get-guard-state', 'delete-guard-state'] as const;
export type Operation = 'exists' | 'input' | (typeof OPERATIONS)[number] | (typeof GUARD_STATE_OPERATIONS)[number];

/** Everything outside the function, as far as it behaves: state that is looked at, and operations that can be made to fail. */
export class Outside implements Dependencies {
  stackStatus: string | undefined = 'UPDATE_IN_PROGRESS';
  /** Every call, in order, by its operation and its subject. */
  readonly calls: string[] = [];
  readonly started = new Map<string, CancellationInput>();
  readonly runningExecutions = new Map<string, string>();
  readonly places = new Map<string, string>();
  readonly watched = new Map<string, string>();
  readonly answers: { url: string; body: Record<string, unknown> }[] = [];
  readonly failing = new Map<Operation, Error>();
  /** Fails although it has done what it was asked. */
  readonly losingAnswers = new Map<Operation, Error>();

  private time = 1_000_000;
  readonly clock = {
    now: () => this.time,
    sleep: async (ms: number) => {
      this.time += ms;
    },
    random: () => 0.5,
  };

  /** Stacks that are deleted for their parent's reasons, and the parents. */
  readonly parents = new Map<string, string>();
  /** What executions were started with, by their ARNs. */
  readonly inputs = new Map<string, string>();
  readonly stackStatuses = new Map<string, string>();

  readonly stacks = {
    describe: (stackId: string) =>
      this.call('status', stackId, () => ({
        status: this.stackStatuses.get(stackId) ?? this.stackStatus,
        parentId: this.parents.get(stackId),
      })),
  };

  readonly executions = {
    // Not among the calls: it comes before everything, and changes nothing.
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

  readonly responseUrls = this.notes(this.places, { put: 'put', get: 'get', delete: 'delete' });
  readonly guardStates = this.notes(this.watched, {
    put: 'put-guard-state',
    get: 'get-guard-state',
    delete: 'delete-guard-state',
  });

  readonly responseSender = {
    send: (url: string, body: string) =>
      this.call('send', '', () => {
        this.answers.push({ url, body: JSON.parse(body) });
      }),
  };

  /** The one answer that was given. */
  get answer(): Record<string, unknown> {
    const [answer, ...others] = this.answers;
    if (!answer || others.length > 0) throw new Error(`${this.answers.length} answers where one was expected`);
    return answer.body;
  }

  /** What was asked of the outside, without the subjects. */
  get operations(): string[] {
    return this.calls.map((call) => call.split(' ')[0] as string);
  }

  private notes(kept: Map<string, string>, operations: Record<keyof KeyValueStore, Operation>): KeyValueStore {
    return {
      put: (name, text) =>
        this.call(operations.put, name, () => {
          kept.set(name, text);
        }),
      get: (name) => this.call(operations.get, name, () => kept.get(name)),
      delete: (name) =>
        this.call(operations.delete, name, () => {
          kept.delete(name);
        }),
    };
  }

  private async call<T>(operation: Operation, displayName: string, act: () => T): Promise<T> {
    this.calls.push(`${operation} ${displayName}`.trim());
    const failure = this.failing.get(operation);
    if (failure) throw failure;
    const result = act();
    const lost = this.losingAnswers.get(operation);
    if (lost) throw lost;
    return result;
  }
}

/** An error with the name that an SDK gives it, and a message that repeats the secret. */
export function failure(name: string): Error {
  return Object.assign(new Error(`could not do it with ${RESPONSE_URL}`), { name });
}

/** Takes down whatever is written to the console, and says it as one text. */
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
