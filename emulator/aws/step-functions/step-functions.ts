import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock';
import { Consistency, type Read } from '../../core/consistency';
import { type AwsEnvironment, arnOf } from '../../core/environment';
import { type EmulatedApi, type ServiceCall, ServiceError } from '../../core/http-server';
import { randomUuid } from '../../core/ids';
import { seconds } from '../../core/json-output';
import { jsonProtocol } from '../../core/protocols';
import type { Authorize, IamRequest } from '../iam';
import type { Lambda } from '../lambda/lambda';
import { compile, type Program } from './definition';
import { Execution, type ExecutionStatus } from './execution';
import { description, type ExecutionView, summary } from './execution-view';
import { describeEvent, type HistoryEvent } from './history';
import {
  checkArn,
  checkInput,
  checkName,
  constraint,
  invalid,
  optional,
  pageSize,
  readToken,
  required,
  writeToken,
} from './input';
import { loadInterpreter } from './interpreter';

export interface StepFunctionsOptions {
  readonly clock: Clock;
  readonly environment: AwsEnvironment;
  readonly lambda: Pick<Lambda, 'invoke'>;
  /** Checks the permissions of the role of a machine. Default: everything is allowed. */
  readonly authorize?: Authorize;
  /** Calls the other services for tasks. Default: there are none. */
  readonly call?: (call: ServiceCall) => object;
  /**
   * The source of the jitter of a Retry, and of names, from 0 up to, but not including, 1. Default: the jitter is always 0.5,
   * and names are not seeded.
   */
  readonly random?: () => number;
  /** Starts the executions of tasks. Default: as `startExecution`. */
  readonly startNested?: (request: StartRequest) => Execution;
  /** The maximum number of events of an execution. Default: the quota of AWS. */
  readonly maxEvents?: number;
  /** Default: strong. */
  readonly consistency?: Consistency;
}

/** A state machine as declared by its template. */
export interface StateMachineConfiguration {
  readonly name: string;
  /** JSON, in the Amazon States Language. */
  readonly definition: string;
  readonly roleArn: string;
  /** The access key ID of its role. */
  readonly accessKeyId: string;
  /** The ARN of the customer managed key that encrypts its executions. Default: the key of AWS. */
  readonly encryptionKey?: string;
}

interface Machine {
  readonly arn: string;
  readonly createdAt: number;
  configuration: StateMachineConfiguration;
  program: Program;
  deleting: boolean;
}

/** The supported members of each operation. Other members are rejected, because they would change its meaning. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  StartExecution: ['stateMachineArn', 'name', 'input', 'traceHeader'],
  StopExecution: ['executionArn', 'error', 'cause'],
  DescribeExecution: ['executionArn'],
  ListExecutions: ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken'],
  GetExecutionHistory: ['executionArn', 'maxResults', 'reverseOrder', 'nextToken', 'includeExecutionData'],
  DescribeStateMachine: ['stateMachineArn'],
};

/** The permissions for the key of an execution that an operation needs. */
const KEY_ACTIONS: Readonly<Record<string, (input: ServiceCall['input']) => string[]>> = {
  DescribeExecution: () => ['kms:Decrypt'],
  GetExecutionHistory: () => ['kms:Decrypt'],
  StopExecution: ({ error, cause }) => (error === undefined && cause === undefined ? [] : ['kms:GenerateDataKey']),
};

const STATUSES: readonly ExecutionStatus[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];
const MAX_ERROR = 256;
const MAX_CAUSE = 32768;

/** Step Functions, limited to Standard workflows and the API of their executions. */
export class StepFunctions implements EmulatedApi {
  readonly service = 'sfn';
  readonly protocol = jsonProtocol('AWSStepFunctions', '1.0');
  readonly operationNames = Object.keys(MEMBERS);
  private readonly machines = new Map<string, Machine>();
  private readonly all: Execution[] = [];
  private readonly listeners = new Set<(event: HistoryEvent) => void>();
  private readonly interpreter: ReturnType<typeof loadInterpreter>;

  constructor(private readonly options: StepFunctionsOptions) {
    this.interpreter = loadInterpreter(options.clock, options.random ?? (() => 0.5));
  }

  /** All executions, oldest first. */
  get executions(): readonly Execution[] {
    return this.all;
  }

  /** Calls back at every event of every execution from now on. Returns a function that ends this. */
  onHistory(listener: (event: HistoryEvent) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Creates a machine and returns its ARN. Throws if AWS would reject the definition, or the emulator does not support it. */
  createStateMachine(configuration: StateMachineConfiguration): string {
    const arn = this.arn('stateMachine', configuration.name);
    if (this.machines.has(arn)) {
      throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
    }
    const program = compile(configuration.definition);
    this.machines.set(arn, { arn, createdAt: this.options.clock.now(), configuration, program, deleting: false });
    return arn;
  }

  /** Updates a machine. Running executions keep their definition. */
  updateStateMachine(arn: string, changes: Partial<Omit<StateMachineConfiguration, 'name'>>): void {
    const machine = this.machine(arn);
    if (changes.definition !== undefined) machine.program = compile(changes.definition);
    machine.configuration = { ...machine.configuration, ...changes };
  }

  /** Deletes a machine. Its executions are aborted at their next state. */
  deleteStateMachine(arn: string): void {
    const machine = this.machine(arn);
    machine.deleting = true;
    this.machines.delete(arn);
  }

  /** Aborts all executions. */
  close(): void {
    for (const execution of this.all) execution.stop();
  }

  /** Starts an execution, as StartExecution does. */
  startExecution({ stateMachineArn, input = '{}', name = this.newName() }: StartRequest): Execution {
    checkName(name);
    checkInput(input);
    const machine = this.machine(stateMachineArn);
    const { configuration, program } = machine;
    const arn = this.arn('execution', `${configuration.name}:${name}`);
    const former = this.all.find((execution) => execution.arn === arn);
    if (former) {
      if (former.status === 'RUNNING' && former.input === input) return former;
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const { clock, lambda, authorize, call = rejectCall, maxEvents } = this.options;
    const { startNested = (request: StartRequest) => this.startExecution(request) } = this.options;
    const { accessKeyId, encryptionKey } = configuration;
    for (const request of keyRequests(['kms:Decrypt', 'kms:GenerateDataKey'], encryptionKey, stateMachineArn)) {
      const denial = authorize?.(accessKeyId, request);
      if (denial !== undefined) throw new ServiceError('KmsAccessDeniedException', denial);
    }
    const execution = new Execution({
      clock,
      interpreter: this.interpreter,
      program,
      arn,
      name,
      ordinal: this.all.length + 1,
      input,
      stateMachine: { arn: stateMachineArn, name: configuration.name, roleArn: configuration.roleArn },
      encryptionKey,
      deps: {
        lambda,
        denied: (request) => authorize?.(machine.configuration.accessKeyId, request),
        startExecution: startNested,
        call: (request) => call({ ...request, accessKeyId: machine.configuration.accessKeyId }),
      },
      isDeleting: () => machine.deleting,
      maxEvents,
      onHistory: (event) => {
        for (const listener of this.listeners) listener(event);
      },
    });
    this.all.push(execution);
    execution.begin();
    return execution;
  }

  private newName(): string {
    const { random } = this.options;
    return random ? randomUuid(random) : randomUUID();
  }

  call({ operation, input }: ServiceCall): object {
    const members = MEMBERS[operation];
    if (!members)
      throw new ServiceError('UnknownOperationException', `the emulated Step Functions has no ${operation}`);
    const unsupported = Object.keys(input).find((member) => !members.includes(member));
    if (unsupported) throw invalid(`the emulated Step Functions does not support ${unsupported} of ${operation}`);
    switch (operation) {
      case 'StartExecution': {
        const { arn, startDate } = this.startExecution({
          stateMachineArn: required(input, 'stateMachineArn'),
          name: optional(input, 'name'),
          input: optional(input, 'input'),
        });
        return { executionArn: arn, startDate: seconds(startDate) };
      }
      case 'StopExecution':
        return this.stop(input);
      case 'DescribeExecution':
        return description(this.seen(required(input, 'executionArn'), this.read(operation)).view);
      case 'ListExecutions':
        return this.list(input, this.read(operation));
      case 'GetExecutionHistory':
        return this.history(input, this.read(operation));
      default:
        return this.describeMachine(required(input, 'stateMachineArn'));
    }
  }

  /** The permissions that a call needs. */
  iamRequests({ operation, input }: ServiceCall): IamRequest[] {
    if (!Object.hasOwn(MEMBERS, operation)) return [];
    const resource = String(input.executionArn ?? input.stateMachineArn);
    const execution = this.all.find(({ arn }) => arn === input.executionArn);
    const { encryptionKey, stateMachineArn = '' } = execution ?? {};
    const keyActions = KEY_ACTIONS[operation]?.(input) ?? [];
    return [{ action: `states:${operation}`, resource }, ...keyRequests(keyActions, encryptionKey, stateMachineArn)];
  }

  private stop(input: ServiceCall['input']): object {
    const execution = this.execution(required(input, 'executionArn'));
    const error = optional(input, 'error', MAX_ERROR);
    const cause = optional(input, 'cause', MAX_CAUSE);
    execution.stop(error, cause);
    return { stopDate: seconds(execution.stopDate ?? 0) };
  }

  private list(input: ServiceCall['input'], read: Read): object {
    const machine = this.machine(required(input, 'stateMachineArn'));
    const status = optional(input, 'statusFilter');
    if (status !== undefined && !STATUSES.some((known) => known === status)) {
      throw invalid(constraint('statusFilter', `Member must satisfy enum value set: [${STATUSES.join(', ')}]`));
    }
    const found = this.all
      .map((execution, ordinal) => ({ execution: execution.seenBy(read), ordinal }))
      .filter((seen): seen is { execution: ExecutionView; ordinal: number } => seen.execution !== undefined)
      .filter(({ execution }) => execution.stateMachineArn === machine.arn)
      .filter(({ execution }) => status === undefined || execution.status === status)
      .reverse();
    // The token holds the last execution of the page, not a count, because newer executions may start.
    const { before } = readToken(optional(input, 'nextToken'), 'before');
    const rest = found.filter(({ ordinal }) => before === undefined || ordinal < before);
    const page = rest.slice(0, pageSize(input.maxResults));
    const last = page.at(-1);
    return {
      executions: page.map(({ execution }) => summary(execution)),
      ...(last && page.length < rest.length ? { nextToken: writeToken({ before: last.ordinal }) } : {}),
    };
  }

  private history(input: ServiceCall['input'], read: Read): object {
    const { execution } = this.seen(required(input, 'executionArn'), read);
    const history = execution.historySeenBy(read);
    const events = input.reverseOrder === true ? history.toReversed() : history;
    const { from = 0 } = readToken(optional(input, 'nextToken'), 'from');
    const to = from + pageSize(input.maxResults);
    return {
      events: events.slice(from, to).map(describeEvent),
      ...(to < events.length ? { nextToken: writeToken({ from: to }) } : {}),
    };
  }

  private describeMachine(stateMachineArn: string): object {
    const { arn, createdAt, configuration } = this.machine(stateMachineArn);
    const { name, definition, roleArn } = configuration;
    return {
      stateMachineArn: arn,
      name,
      status: 'ACTIVE',
      definition,
      roleArn,
      type: 'STANDARD',
      creationDate: seconds(createdAt),
    };
  }

  private machine(arn: string): Machine {
    checkArn(arn, 'stateMachine');
    const machine = this.machines.get(arn);
    if (!machine) throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  private execution(arn: string): Execution {
    checkArn(arn, 'execution');
    const execution = this.all.find((candidate) => candidate.arn === arn);
    if (!execution) throw doesNotExist(arn);
    return execution;
  }

  private seen(arn: string, read: Read): { readonly execution: Execution; readonly view: ExecutionView } {
    const execution = this.execution(arn);
    const view = execution.seenBy(read);
    if (!view) throw doesNotExist(arn);
    return { execution, view };
  }

  private read(operation: string): Read {
    const { consistency = Consistency.STRONG } = this.options;
    return consistency.read(`states:${operation}`);
  }

  private arn(resourceType: string, resource: string): string {
    return arnOf(this.options.environment, 'states', `${resourceType}:${resource}`);
  }
}

function rejectCall({ service, operation }: ServiceCall): never {
  throw new Error(`the emulated Step Functions has no ${service} that it could call for ${operation}`);
}

function doesNotExist(arn: string): ServiceError {
  return new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
}

function keyRequests(actions: readonly string[], key: string | undefined, stateMachineArn: string): IamRequest[] {
  if (key === undefined) return [];
  const context = { 'kms:EncryptionContext:aws:states:stateMachineArn': stateMachineArn };
  return actions.map((action) => ({ action, resource: key, context }));
}

/** The input of StartExecution. */
export interface StartRequest {
  readonly stateMachineArn: string;
  readonly input?: string;
  readonly name?: string;
}
